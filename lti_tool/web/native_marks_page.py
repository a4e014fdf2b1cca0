"""What the pages about Moodle's web service show, in words: never a token, and for each fault what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from babel.numbers import format_decimal
from sqlalchemy.orm import Session

from lti_tool.db.unit_of_work import begin_to_write
from lti_tool.errors import PlatformError, ToolError
from lti_tool.ids import PlatformId
from lti_tool.moodle import connections, native_marks
from lti_tool.moodle.connections import Connection
from lti_tool.moodle.grade_items import ItemFault
from lti_tool.moodle.native_marks import NativeItem, Reading
from lti_tool.people.errand import ErrandKind
from lti_tool.people.model import Course
from lti_tool.web import progress
from lti_tool.web.dates import moment
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import ProgressView
from lti_tool.web.refusals import told
from lti_tool.web.shared import Tool


@dataclass(frozen=True, slots=True)
class ConnectionView:
    """The connection as the admin sees it; an empty `url`: there is none."""

    url: str
    state: str
    functions: tuple[str, ...]
    refused: str
    typed: str


@dataclass(frozen=True, slots=True)
class ItemLine:
    """Something of Moodle's that can be chosen, or not; `note` says its full mark, why not, or that it is gone."""

    key: str
    name: str
    chosen: bool
    note: str


@dataclass(frozen=True, slots=True)
class MarksView:
    """The page of a course."""

    connected: bool
    progress: ProgressView
    next: str
    """When it is read again by itself; empty while it is."""
    marks: tuple[ItemLine, ...]
    completions: tuple[ItemLine, ...]
    left_out: tuple[ItemLine, ...]
    """What cannot be chosen."""


def connection(
    session: Session, platform_id: PlatformId, refused: ToolError | None = None, typed: str = ""
) -> ConnectionView:
    """The page of the connection, with what was typed and why it was not stored."""
    found = connections.connection_of(session, platform_id)
    return ConnectionView(
        url=found.url if found else "",
        state=_connection_state(found),
        functions=connections.NEEDED,
        refused=_refusal(refused) if refused else "",
        typed=typed or (found.url if found else ""),
    )


def tested(session: Session, shared: Tool, platform_id: PlatformId, now: datetime) -> tuple[str, str]:
    """Tests the connection; a sentence about it and its kind."""
    try:
        if shared.seal is None:
            return fault_words("moodle_token_lost", ""), "warn"
        opened = connections.opened(session, shared.seal, platform_id)
        # Nothing of the database is held while Moodle is asked.
        session.rollback()
        found = connections.ask_site(shared.outbound, opened)
    except PlatformError as failure:
        begin_to_write(session)
        connections.note_test(session, platform_id, failure, now)
        return fault_words(failure.code, str(failure.facts.get("function", ""))), "warn"
    begin_to_write(session)
    connections.note_test(session, platform_id, None, now)
    if found.missing:
        names = ", ".join(found.missing)
        return _("Moodle answers, but its service lacks these functions: %(names)s.", names=names), "warn"
    return _("The connection works: %(site)s.", site=found.site), "good"


def build(session: Session, course: Course, now: datetime) -> MarksView:
    """The page of a course."""
    said = progress_of(session, course, now)
    items = native_marks.items_of(session, course.id)
    may = [item for item in items if item.fault is None]
    return MarksView(
        connected=connections.connection_of(session, course.platform_id) is not None,
        progress=said,
        next="" if said.url else _next(native_marks.reading_of(session, course.id)),
        marks=tuple(_line(item) for item in may if not item.is_completion),
        completions=tuple(_line(item) for item in may if item.is_completion),
        left_out=tuple(_line(item) for item in items if item.fault is not None),
    )


def fault_words(code: str, function: str) -> str:
    """Why Moodle could not be read, and what helps."""
    words = {
        "moodle_not_connected": _("The institute has no connection to Moodle yet. An institute admin can set it."),
        "moodle_token_lost": _("The token cannot be opened any more. An institute admin has to give it again."),
        "moodle_token_refused": _("Moodle refuses the token. An institute admin has to give a new one."),
        "moodle_function_missing": _(
            "The service in Moodle lacks the function %(function)s. Its administrator can add it.", function=function
        ),
        "moodle_no_entry": _(
            "Moodle does not let the token's account in. Its administrator can give the account the capability "
            "webservice/rest:use, and the service the function core_webservice_get_site_info."
        ),
        "moodle_service_off": _("Web services are switched off in Moodle. Its administrator can switch them on."),
        "moodle_not_here": _("The token's account may not read this course. Enrol it in Moodle as a teacher."),
        "moodle_moved": _("This address leads elsewhere. Give the one that Moodle shows in the browser."),
        "moodle_no_service": _("There is no web service of Moodle at this address. Check the address and REST."),
        "moodle_not_json": _("Moodle answered with a page instead of marks, as during maintenance."),
        "moodle_unavailable": _("Moodle reported an error of its own."),
        "platform_timeout": _("Moodle did not answer in time."),
        "platform_certificate": _("Moodle's certificate is not valid."),
        "address_refused": _("This address may not be called from here."),
    }
    if code == "workers_lost" or not code.islower():
        return progress.own_fault(code)
    return words.get(code) or _("Moodle could not be read (%(code)s).", code=code)


def _refusal(refused: ToolError) -> str:
    return fault_words(refused.code, "") if isinstance(refused, PlatformError) else told(refused)


def _connection_state(found: Connection | None) -> str:
    if found is None:
        return ""
    if found.tested_at is None:
        return _("Not tested yet.")
    if found.fault:
        return fault_words(found.fault, "")
    return _("Tested %(time)s: it works.", time=moment(found.tested_at))


def progress_of(session: Session, course: Course, now: datetime) -> ProgressView:
    """How far reading Moodle is, or how it went last."""
    under_way = progress.errand(session, course, ErrandKind.NATIVE_MARKS, now)
    if under_way is not None:
        return under_way
    reading = native_marks.reading_of(session, course.id)
    if reading is None or (reading.read_at is None and not reading.fault):
        return ProgressView(_("Moodle has not been read for this course yet."))
    if reading.fault:
        stays = _("No mark was changed.")
        after = f"{stays} {_news(reading)}" if reading.read_at else stays
        return ProgressView(_fault(reading), kind="warn", after=after)
    return ProgressView(_news(reading), kind="good", after=_people(reading))


def _news(reading: Reading) -> str:
    added, changed, withdrawn, unchanged = reading.counts
    return _(
        "Read %(time)s: new %(added)d, changed %(changed)d, withdrawn %(withdrawn)d, unchanged %(unchanged)d.",
        time=moment(reading.read_at) if reading.read_at else "",
        added=added,
        changed=changed,
        withdrawn=withdrawn,
        unchanged=unchanged,
    )


def _fault(reading: Reading) -> str:
    why = fault_words(reading.fault or "", reading.function or "")
    return why if reading.failed_at is None else f"{moment(reading.failed_at)}: {why}"


def _next(reading: Reading | None) -> str:
    if reading is None or reading.due_at is None:
        return ""
    return _("It is read again by itself, next at %(time)s.", time=moment(reading.due_at))


def _people(reading: Reading) -> str:
    if not reading.unmatched:
        return ""
    return _("People in Moodle's gradebook who are not known in this course: %(count)d.", count=reading.unmatched)


def _line(item: NativeItem) -> ItemLine:
    faults = {
        ItemFault.SCALE: _("a scale without numbers"),
        ItemFault.NO_MAXIMUM: _("has no full mark"),
        ItemFault.OWN_COLUMN: _("made by this tool"),
    }
    note = _("no longer in Moodle") if item.gone else faults[item.fault] if item.fault else ""
    if not note and not item.is_completion:
        bounds = (item.minimum, item.maximum)
        least, most = (format_decimal(bound, format="0.#####", locale=current_locale()) for bound in bounds)
        note = (
            _("full mark %(mark)s", mark=most)
            if not item.minimum
            else _("from %(least)s to %(most)s", least=least, most=most)
        )
    return ItemLine(item.key, item.name, item.chosen, note)
