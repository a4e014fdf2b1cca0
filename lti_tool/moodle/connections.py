"""The connection of a platform to its Moodle's web service: set, tested and removed by an institute admin.

The token goes in and never out again: pages show the address and whether the last test went well, nothing more.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from lti_tool.errors import PlatformError
from lti_tool.ids import PersonId, PlatformId
from lti_tool.lti.model import Move
from lti_tool.moodle.client import MoodleForbids, WebService, checked_address, checked_token
from lti_tool.moodle.connection_store import connection_row, forget_connection
from lti_tool.moodle.tables import MoodleConnectionRow
from lti_tool.outbound import Outbound
from lti_tool.sealing import Seal

GRADES = "gradereport_user_get_grade_items"
CONTENTS = "core_course_get_contents"
COMPLETION = "core_completion_get_activities_completion_status"
PEOPLE = "core_enrol_get_enrolled_users"
GROUPS = "core_group_get_course_groups"
SITE_INFO = "core_webservice_get_site_info"
NEEDED = (SITE_INFO, GRADES, CONTENTS, COMPLETION, PEOPLE, GROUPS)
"""The functions that the service in Moodle must have; all after the first two only make more possible."""
TEST_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Connection:
    """What may be shown of a connection."""

    url: str
    set_at: datetime
    tested_at: datetime | None
    fault: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """What the way out needs; the token is in no text of it."""

    url: str
    token: str

    def __repr__(self) -> str:
        return f"Opened({self.url!r}, ***)"

    def service(self, outbound: Outbound) -> WebService:
        """The web service behind it."""
        return WebService(outbound, self.url, self.token)


@dataclass(frozen=True, slots=True)
class Tested:
    """What a test found: the site's name and address, and functions that the service lacks."""

    site: str
    site_url: str
    missing: tuple[str, ...]


def connection_of(session: Session, platform_id: PlatformId) -> Connection | None:
    """The platform's connection, without its token."""
    row = connection_row(session, platform_id)
    return None if row is None else Connection(row.url, row.set_at, row.tested_at, row.fault)


def connect(
    session: Session,
    seal: Seal,
    platform_id: PlatformId,
    url: str,
    token: str,
    *,
    by: PersonId | None,
    now: datetime,
) -> None:
    """Keeps address and token; with an empty token the one that is known stays, for the same address only.

    Raises RuleBroken: `moodle_address_faulty`, `moodle_token_faulty`.
    """
    address = checked_address(url)
    row = connection_row(session, platform_id)
    if row is not None and not token.strip() and row.url == address:
        return
    # A known token is not sent to a new address: whoever may set one is not who may learn the other.
    locked = seal.lock(checked_token(token))
    if row is None:
        row = MoodleConnectionRow(platform_id=platform_id)
        session.add(row)
    row.url, row.token_locked, row.set_at, row.set_by = address, locked, now, by
    row.tested_at, row.fault = None, None
    session.flush()


def move(session: Session, platform_id: PlatformId, asked: Move) -> bool:
    """The web service is asked at the platform's new address from now on; whether there is one that was at the former.

    Its token goes along: who moves a platform has made sure that it is the same.
    """
    row = connection_row(session, platform_id)
    if row is None or asked.of(row.url) == row.url:
        return False
    row.url, row.tested_at, row.fault = checked_address(asked.of(row.url)), None, None
    session.flush()
    return True


def disconnect(session: Session, platform_id: PlatformId) -> None:
    """Forgets address and token; marks that came in stay."""
    forget_connection(session, platform_id)


def opened(session: Session, seal: Seal, platform_id: PlatformId) -> Opened:
    """Address and token. Raises MoodleForbids: `moodle_not_connected`, `moodle_token_lost` (another SECRET_KEY)."""
    row = connection_row(session, platform_id)
    if row is None:
        raise MoodleForbids("moodle_not_connected")
    token = seal.open(row.token_locked)
    if token is None:
        raise MoodleForbids("moodle_token_lost")
    return Opened(row.url, token)


def ask_site(outbound: Outbound, connection: Opened) -> Tested:
    """Asks the site who it is and what the token may call. Raises PlatformError as `WebService.call` does.

    Where even that is forbidden (`moodle_no_entry`), the account may not use the web service at all, or the service
    lacks this function: Moodle says the same of both.
    """
    try:
        said = connection.service(outbound).call(SITE_INFO, timeout=TEST_SECONDS)
    except MoodleForbids as refused:
        if refused.code == "moodle_function_missing":
            raise MoodleForbids("moodle_no_entry") from refused
        raise
    if not isinstance(said, dict) or not isinstance(said.get("functions"), list):
        raise MoodleForbids("moodle_no_service", status=200)
    offered = [each.get("name") for each in said["functions"] if isinstance(each, dict)]
    missing = tuple(name for name in NEEDED if name not in offered)
    return Tested(str(said.get("sitename", ""))[:200], str(said.get("siteurl", ""))[:400], missing)


def note_test(session: Session, platform_id: PlatformId, failure: PlatformError | None, now: datetime) -> None:
    """Keeps how the test went."""
    row = connection_row(session, platform_id)
    if row is not None:
        row.tested_at, row.fault = now, failure.code if failure else None
