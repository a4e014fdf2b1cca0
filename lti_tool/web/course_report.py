"""A course's report for print: what it was, by which rules, who stands where, and what was learned least.

Who takes part and where they stand is read as the group page reads it, so that both say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from fractions import Fraction

from sqlalchemy.orm import Session

from lti_tool.competency import decision_queries, rules
from lti_tool.competency.framework import Competency, Framework
from lti_tool.errors import NotFound
from lti_tool.people import member_queries
from lti_tool.people.model import Course
from lti_tool.reports import course_queries
from lti_tool.reports.course_queries import IndicatorTally
from lti_tool.reports.report import (
    LevelCell,
    PrintedColumn,
    PrintedTable,
    Report,
    Section,
    ShareCell,
    Signature,
    StackCell,
)
from lti_tool.reports.table import Note, file_name
from lti_tool.web import group_page
from lti_tool.web.dates import day
from lti_tool.web.explain import percent
from lti_tool.web.explain_indicators import rules_in_a_sentence
from lti_tool.web.export_words import as_of
from lti_tool.web.exports import Asked
from lti_tool.web.group_page import Group
from lti_tool.web.group_words import Flags, words_of
from lti_tool.web.i18n import current_locale, ngettext
from lti_tool.web.i18n import gettext as _

WEAKEST = 10
FEWEST = 5
"""Of fewer people nothing is said about an indicator: it would say something about them."""
LEVELS = (0, 1, 2, 3)
UNKNOWN = 4
"""The shade of "not established"."""
SIGNS = {"in_progress": "○", "no_evidence": "–", "held": "●"}


def report(asked: Asked) -> Report:
    """The report of the course that is asked for, of all who take part."""
    course = asked.course
    if course is None:
        raise NotFound("course_unknown")
    group = group_page.read(asked.session, course, {}, asked.now)
    rule_set = rules.rules_of(asked.session, course.id, asked.now)
    stands = as_of(asked.now)
    return Report(
        name=file_name(_("Course report"), course.label or course.title),
        language=current_locale(),
        kicker=_("ICT competencies of teachers"),
        title=_("Course report") + f": {course.title}",
        facts=(*_facts(asked.session, course, group, asked.now), stands),
        sections=(
            _rules_section(rules_in_a_sentence(rule_set.rule_set)),
            _distribution(group),
            _weakest(asked.session, course, rule_set.framework),
            _everybody(group),
        ),
        footer=f"{course.title}. {stands.label}: {stands.text}",
        signatures=(
            Signature(_("Lead trainer"), _lead(asked.session, course)),
            Signature(_("Head of the institute")),
        ),
    )


def _facts(session: Session, course: Course, group: Group, now: datetime) -> Iterator[Note]:
    staff = [each for each in member_queries.members_of(session, course.id) if each.active and each.is_staff(now)]
    if course.label:
        yield Note(_("Short name"), course.label)
    if staff:
        yield Note(_("Trainers"), ", ".join(each.name or _("Name not shared") for each in staff))
    span = course_queries.worked_between(session, course.id)
    if span:
        first, last = (day(each) for each in span)
        yield Note(_("Work assessed"), first if first == last else f"{first} – {last}")
    if course.closed_at:
        yield Note(_("Closed"), day(course.closed_at))
    taking_part = ngettext("%(num)d participant", "%(num)d participants", group.people)
    assessed = ngettext("%(num)d competency", "%(num)d competencies", len(group.targeted))
    yield Note(_("Group"), f"{taking_part}, {assessed}")


def _lead(session: Session, course: Course) -> str:
    lead = decision_queries.lead_of(session, course.id)
    found = (each.name for each in member_queries.members_of(session, course.id) if each.id == lead)
    return next(found, None) or ""


def _rules_section(sentence: str) -> Section:
    unknown = _("Not yet established means that nothing is known yet. It is not a zero.")
    return Section(_("How levels come about"), (sentence, unknown))


def _distribution(group: Group) -> Section:
    heads = [PrintedColumn(str(level), 0, "right", level) for level in LEVELS]
    unknown = PrintedColumn(_("Not yet"), 0, "right", UNKNOWN)
    columns = (PrintedColumn(_("Competency"), 3), PrintedColumn(_("Distribution"), 2), *heads, unknown)
    rows = tuple(_distributed(each, group.levels(each.id)) for each in group.targeted)
    return Section(_("Levels of each competency"), table=PrintedTable(columns, rows))


def _distributed(competency: Competency, levels: list[int | None]) -> tuple[str | StackCell, ...]:
    counts = [levels.count(level) for level in (*LEVELS, None)]
    parts = tuple(count / max(len(levels), 1) for count in counts)
    return (_title(competency), StackCell(parts), *map(str, counts))


def _title(competency: Competency) -> str:
    return f"{competency.code} {competency.short_title(current_locale())}"


def _weakest(session: Session, course: Course, framework: Framework) -> Section:
    title = _("Indicators attained least often")
    tallies = course_queries.indicator_tallies(session, course.id)
    known = [
        (each, tallies[each.id])
        for competency in framework.competencies
        for each in competency.indicators
        if each.id in tallies and tallies[each.id].decided >= FEWEST
    ]
    known.sort(key=lambda pair: Fraction(pair[1].attained, pair[1].decided))
    if not known:
        return Section(title, (_("No indicator has been decided for %(count)d people yet.", count=FEWEST),))
    columns = (
        PrintedColumn(_("Code"), 0),
        PrintedColumn(_("Indicator"), 5),
        PrintedColumn(_("Attained"), 0, "right"),
        PrintedColumn(_("Share"), 0),
    )
    locale = current_locale()
    rows = tuple((each.code, each.texts.text(locale), *_attained(tally)) for each, tally in known[:WEAKEST])
    return Section(title, table=PrintedTable(columns, rows))


def _attained(tally: IndicatorTally) -> tuple[str, ShareCell]:
    share = Fraction(tally.attained, tally.decided)
    said = _("%(attained)d of %(all)d", attained=tally.attained, all=tally.decided)
    return said, ShareCell(percent(share), float(share))


def _everybody(group: Group) -> Section:
    columns = (
        PrintedColumn("№", 0, "right"),
        PrintedColumn(_("Name"), 4),
        PrintedColumn(_("ID number or e-mail"), 3),
        *(PrintedColumn(each.code, 1, "center") for each in group.targeted),
        PrintedColumn(_("Evaluated"), 0, "right"),
    )
    signs = "   ".join(("○ " + _("In progress"), "● " + _("A higher level is held"), "– " + _("Not yet")))
    codes = "   ".join(_title(each) for each in group.targeted)
    return Section(
        _("Participants"),
        table=PrintedTable(columns, tuple(_people(group))),
        below=f"{signs}\n{codes}",
        landscape=True,
    )


def _people(group: Group) -> Iterator[tuple[str | LevelCell, ...]]:
    for number, person in enumerate(group.shown, 1):
        standings = group.standings.get(person.id, {})
        said = (words_of(standings.get(each.id), Flags()) for each in group.targeted)
        levels = (standings[each.id].established if each.id in standings else None for each in group.targeted)
        yield (
            str(number),
            person.name or _("Name not shared"),
            person.detail,
            *(
                LevelCell(SIGNS.get(words.key, "–") if level is None else str(level), level)
                for words, level in zip(said, levels, strict=True)
            ),
            f"{group_page.evaluated(group.targeted, standings)}/{len(group.targeted)}",
        )
