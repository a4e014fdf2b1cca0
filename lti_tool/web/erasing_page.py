"""What erasing a person would do, said before it is done: what goes, what stays and why, and what lies elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from flask import url_for
from sqlalchemy.orm import Session

from lti_tool.people.model import Person
from lti_tool.privacy import erasing
from lti_tool.privacy.erasing import Plan
from lti_tool.privacy.holdings import Fate
from lti_tool.web import data_page, data_words
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.page_data import Link
from lti_tool.web.paging import count


@dataclass(frozen=True, slots=True)
class FateView:
    """What becomes of some kinds of rows, and why."""

    title: str
    why: str
    lines: tuple[tuple[str, str], ...]
    """(kind, how many)."""


@dataclass(frozen=True, slots=True)
class ErasingPage:
    """The whole page."""

    person: str
    fates: tuple[FateView, ...]
    remarks: tuple[str, ...]
    to_be_typed: str
    action: str
    data: str
    crumbs: tuple[Link, ...]


def build(session: Session, person: Person) -> ErasingPage:
    """The dry run of erasing this person."""
    plan = erasing.plan(session, person.public_id, person.platform_id)
    fates = (_fate(plan, fate) for fate in Fate)
    return ErasingPage(
        person=person.name or _("Name not shared"),
        fates=tuple(each for each in fates if each.lines),
        remarks=_remarks(plan),
        to_be_typed=to_be_typed(person),
        action=url_for("institute_person.erase_now", person=person.public_id),
        data=url_for("institute_person.show", person=person.public_id),
        crumbs=data_page.crumbs_of(person, _("Erase %(person)s", person=person.name or _("Name not shared"))),
    )


def to_be_typed(person: Person) -> str:
    """What somebody types to show that they mean this person."""
    return person.name or person.public_id


def _fate(plan: Plan, fate: Fate) -> FateView:
    title, why = data_words.fate_words(fate)
    counted: dict[str, int] = {}
    for holding, number in plan.counts:
        if holding.fate is fate:
            kind = data_words.title(holding.table)
            counted[kind] = counted.get(kind, 0) + number
    return FateView(title, why, tuple((kind, count(number)) for kind, number in counted.items()))


def _remarks(plan: Plan) -> tuple[str, ...]:
    said = [
        _("Name, e-mail, ID number and the person's number in the LMS go, and every session of theirs ends at once."),
        _("As long as the LMS lists the person in a course, the next reading of that list begins somebody new here.")
        + " "
        + _("Take them out of the courses there first."),
        _("Backups that were made before still hold the person until they expire."),
    ]
    if plan.grades_in_lms:
        told = ngettext(
            "%(num)d grade that was sent stays in the LMS's gradebook. Who manages the LMS can delete it there.",
            "%(num)d grades that were sent stay in the LMS's gradebook. Who manages the LMS can delete them there.",
            plan.grades_in_lms,
        )
        said.insert(0, told)
    if plan.files:
        said.append(ngettext("%(num)d file is deleted.", "%(num)d files are deleted.", plan.files))
    if plan.mentions:
        told = ngettext(
            "%(num)d text about others or of a course names this person. It stays; look at it by hand.",
            "%(num)d texts about others or of a course name this person. They stay; look at them by hand.",
            plan.mentions,
        )
        said.append(told)
    return tuple(said)
