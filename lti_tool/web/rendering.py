"""From page data to a page: the surroundings are the same everywhere, so no view builds them.

Full page and htmx fragment come from one template: the fragment is one of its blocks.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, ClassVar, Protocol
from urllib.parse import urlencode

from flask import Flask, current_app, g, render_template, request
from jinja2 import Template
from jinja2.runtime import Macro
from markupsafe import Markup, escape

from lti_tool.ids import PlatformId
from lti_tool.lti import queries as lti_queries
from lti_tool.lti.languages import Languages, languages_of
from lti_tool.people.model import CourseRole
from lti_tool.web import dates, error_advice, progress, spoken
from lti_tool.web.addresses import url_for
from lti_tool.web.auth import Visit, login_in_force
from lti_tool.web.database import db
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import Frame, Link

_HOLE = "\ue000"
"""Stands for an address that is put in later: a character that no text uses."""


class Linked(Hashable, Protocol):
    """A frozen value with an address."""

    __dataclass_fields__: ClassVar[dict[str, Any]]

    @property
    def url(self) -> str:
        """Where it leads."""
        ...


def install(app: Flask) -> None:
    """Gives every template `frame`: the surroundings of a page of a session; None without one. And where help is."""
    app.context_processor(lambda: {"frame": _frame(), "help_url": app.extensions["tool"].settings.help_url})
    app.jinja_env.globals.update(kept=kept, kept_all=kept_all, kept_alone=kept_alone)
    dates.install(app)
    error_advice.install(app)
    app.jinja_env.trim_blocks = True
    app.jinja_env.lstrip_blocks = True


def page(template: str, fragment: str | None = None, **data: object) -> str:
    """The whole page, or only its block `fragment` where htmx asks for it.

    The answer differs by the header HX-Request; a boosted or restored page is a whole one.
    """
    found = spoken.templates_of_page(current_app).get_template(template)
    if fragment is not None and _asks_for_fragment():
        return _block(found, fragment, data)
    return render_template(found, **data)


def kept(macro: Macro, value: Linked) -> Markup:
    """What a macro makes of a value, made once for all pages of a language; `macro` may look at nothing else.

    It takes the value and its address, which differs from page to page and is put in afterwards. It is to be imported:
    a page's own macros are others with each page.
    """
    return kept_all(macro, [(replace(value, url=""), "")], value.url)


def kept_all(macro: Macro, values: Iterable[tuple[Hashable, str]], begins: str) -> Markup:
    """The same of many values, one after the other, whose addresses all begin alike; each with the end of its own."""
    locale = current_locale()
    made = "".join([_made(macro, locale, value, end) for value, end in values])
    return Markup(made.replace(_HOLE, escape(begins)))  # noqa: S704  a macro's own answers, and what is escaped


@lru_cache(maxsize=256)
def kept_alone(macro: Macro, value: Hashable) -> Markup:
    """The same of a value without an address; macros are others in each language."""
    return Markup(macro(value))  # noqa: S704  a macro's own answer


@lru_cache(maxsize=4096)
def _made(macro: Macro, _locale: str, value: Hashable, end: str) -> str:
    return str(macro(value, _HOLE + end))


def _asks_for_fragment() -> bool:
    whole = request.headers.get("HX-Boosted") or request.headers.get("HX-History-Restore-Request")
    return request.headers.get("HX-Request") == "true" and not whole


def _block(found: Template, name: str, data: dict[str, object]) -> str:
    values = dict(data)
    current_app.update_template_context(values)
    return "".join(found.blocks[name](found.new_context(values)))


def _frame() -> Frame | None:
    login = None if g.get("db_unavailable") else login_in_force()
    if login is None:
        return None
    here: Visit | None = g.get("visit")
    areas = _areas(here) if here else ()
    return Frame(
        person_name=login.name or _("Name not shared"),
        role=_role(here, login.is_admin),
        course_title=here.course.title if here and here.course else "",
        return_url=login.return_url,
        here=_here(),
        framed=request.headers.get("Sec-Fetch-Dest") in {"iframe", "frame"},
        tabs=_tabs(areas, here) if here else (),
        beside=_pages_here(areas, here) if here else (),
        under_way=progress.levels(db(), here.course) if here and here.course and here.may_read_course else None,
        offered=_offered(login.platform_id),
        closed_at=here.course.closed_at if here and here.course else None,
    )


def _offered(platform_id: PlatformId | None) -> tuple[str, ...]:
    of = Languages() if platform_id is None else languages_of(db(), platform_id)
    return (*of.offered, *({current_locale()} - set(of.offered)))


def _here() -> str:
    """The address of this page without a language that was asked for in it: the switch is to change that."""
    if request.method != "GET":
        return "/"
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "lang"]
    return f"{request.path}?{urlencode(asked)}" if asked else request.path


def _role(here: Visit | None, is_admin: bool) -> str:
    if here is not None and here.role is CourseRole.TRAINER:
        return _("trainer")
    if here is not None and here.is_operator:
        return _operator(here)
    if is_admin:
        return _("institute admin")
    return _("participant") if here is not None and here.role is CourseRole.PARTICIPANT else ""


def _operator(here: Visit) -> str:
    """An operator, and which of the institutes they look at."""
    if not here.is_admin:
        return _("operator")
    return _("operator, at %(platform)s", platform=lti_queries.platform_name(db(), here.platform_id))


@dataclass(frozen=True, slots=True)
class _Area:
    """Pages that belong together: one tab leads to the first, and beside each other they stand below it."""

    label: str
    pages: tuple[tuple[str, str], ...]
    """(endpoint, label) of those that this visit may see."""

    @property
    def is_here(self) -> bool:
        """Whether the page that is shown is one of them, or lies behind one that has its views to itself."""
        shared = {"trainer", "native_marks"}
        behind = {endpoint.partition(".")[0] for endpoint, _label in self.pages} - shared
        return _shown() in dict(self.pages) or request.blueprint in behind


def _tabs(areas: tuple[_Area, ...], here: Visit) -> tuple[Link, ...]:
    """The ways between the areas that this visit may see."""
    if len(areas) < 2:
        return ()
    return tuple(Link(area.label, _address(area.pages[0][0], here), area.is_here) for area in areas)


def _pages_here(areas: tuple[_Area, ...], here: Visit) -> tuple[Link, ...]:
    """The pages of the area that is shown, where it has several."""
    pages = next((area.pages for area in areas if area.is_here), ())
    if len(pages) < 2:
        return ()
    return tuple(Link(label, _address(endpoint, here), endpoint == _shown()) for endpoint, label in pages)


def _shown() -> str | None:
    """The page that answers, or the one that it lies behind."""
    again = {
        "institute.one_indicator": "institute.overview",
        "institute.person": "institute.people",
        "institute.rows": "institute.overview",
        "api_tokens.make": "api_tokens.show",
        "mapping.preview": "mapping.show",
        "mapping.publish": "mapping.show",
        "rules.change": "rules.show",
        "native_marks.connect": "native_marks.connection",
        "institute_retention.change": "institute_retention.show",
        "trainer.upload_results": "trainer.results",
        "readiness.add": "readiness.overview",
        "readiness.site": "readiness.overview",
        "readiness.store": "readiness.overview",
        "trainer.delivery": "trainer.deliveries",
        "trainer.ask_again": "trainer.deliveries",
        "participant.my_competency": "participant.me",
        "my_record.show": "participant.me",
        "my_record.timeline": "participant.me",
        "observation.observed": "my_tasks.show",
        "self_assessment.show": "my_tasks.show",
        "self_assessment.save": "my_tasks.show",
    }
    behind = {
        "account": "account.own",
        "accounts": "accounts.listed",
        "administration": "administration.registrations",
        "carried_away": "institute.people",
        "drift": "trainer.deliveries",
        "institute_person": "institute.people",
        "keys": "keys.listed",
        "languages": "languages.show",
        "requirements": "requirements.show",
        "task": "my_tasks.show",
    }
    return again.get(request.endpoint or "") or behind.get(request.blueprint or "", request.endpoint)


def _areas(here: Visit) -> tuple[_Area, ...]:
    offered = [
        *(_course_areas(here) if here.course else ()),
        *(_institute_areas() if here.is_admin else ()),
        *_administration_areas(here),
    ]
    known = [(label, [page for page in pages if page[0] in current_app.view_functions]) for label, pages in offered]
    return tuple(_Area(label, tuple(pages)) for label, pages in known if pages)


# Short words: in Kyrgyz they have to stand in one row on a phone; the pages say more in their headings.
def _course_areas(here: Visit) -> list[tuple[str, list[tuple[str, str]]]]:
    if not here.may_read_course:
        return _participants_areas(here)
    marks = [("trainer.results", _("Upload results")), ("native_marks.choice", _("Marks from Moodle"))]
    return [
        (
            _("Group"),
            [
                ("trainer.group", _("Group")),
                ("statistics.show", _("Statistics")),
                ("roster.show", _("People")),
                ("closing.show", _("Closing")),
            ],
        ),
        (
            _("Assess"),
            [
                ("assessing.queue", _("Tasks")),
                ("observation.overview", _("Observation")),
                ("judging.matters", _("Decisions")),
                ("rubric.overview", _("Steps")),
            ],
        ),
        (
            _("Mapping"),
            [
                ("mapping.show", _("Mapping")),
                ("rules.show", _("Rules")),
                ("copying.show", _("Templates")),
            ],
        ),
        (_("Marks"), marks if here.may_edit else []),
        (_("Grades"), [("trainer.deliveries", _("Grades"))]),
    ]


def _participants_areas(here: Visit) -> list[tuple[str, list[tuple[str, str]]]]:
    if here.role is not CourseRole.PARTICIPANT:
        return []
    pages = (
        ("participant.me", _("My competencies")),
        ("what_next.show", _("What next")),
        ("my_tasks.show", _("My tasks")),
    )
    return [(label, [(endpoint, label)]) for endpoint, label in pages]


def _institute_areas() -> list[tuple[str, list[tuple[str, str]]]]:
    return [
        (
            _("Institute"),
            [
                ("institute.overview", _("Overview")),
                ("admin.courses", _("Courses")),
                ("institute.levels", _("Map of levels")),
                ("institute.people", _("People")),
                ("admin.deliveries", _("Undelivered grades")),
                ("readiness.overview", _("Training sites")),
            ],
        ),
    ]


def _administration_areas(here: Visit) -> list[tuple[str, list[tuple[str, str]]]]:
    registrations = [("administration.registrations", _("Registrations"))]
    accounts = [("accounts.listed", _("Accounts")), ("account.own", _("My account"))]
    of_admins = [("languages.show", _("Languages"))]
    of_operators = [("keys.listed", _("Keys"))]
    of_institute = [
        ("requirements.show", _("Requirements")),
        ("native_marks.connection", _("Connection to Moodle")),
        ("api_tokens.show", _("Access for programs")),
        ("institute_audit.show", _("Record")),
        ("institute_retention.show", _("Retention periods")),
    ]
    pages = [
        *(of_institute if here.is_admin else ()),
        *(registrations if here.is_operator or here.is_admin else ()),
        *(of_admins if here.is_admin else ()),
        *(of_operators if here.is_operator else ()),
        *(accounts if here.account is not None else ()),
    ]
    return [(_("Administration"), pages)]


def _address(endpoint: str, here: Visit) -> str:
    of_course = here.course is not None and current_app.url_map.is_endpoint_expecting(endpoint, "course")
    return url_for(endpoint, course=here.course.public_id) if of_course and here.course else url_for(endpoint)
