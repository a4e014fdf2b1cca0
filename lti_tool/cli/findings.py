"""What `lti-tool doctor` says of the machine: settings, database, clock, keys. Each check is a sentence and what to do.

Pure: the facts are given, so that every sentence can be tested without a machine that is ill in that way.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

from lti_tool.competency.validity import Review
from lti_tool.settings import Settings

FROM_OTHERS = timedelta(seconds=5)
"""How far a clock may be off: platforms and browsers refuse messages from a future of more than that."""


class Outcome(StrEnum):
    """How a check went. Only what is wrong makes the command fail."""

    GOOD = "ok"
    NOTE = "note"
    """Worth knowing, and perhaps on purpose."""
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check came to."""

    check: str
    outcome: Outcome
    tells: str
    to_do: str = ""
    about: str = ""
    """Which platform or file, where there are several."""

    @property
    def line(self) -> str:
        """The finding as one line for people."""
        mark = self.outcome.upper() if self.outcome is Outcome.WRONG else self.outcome
        about = f"{self.about}: " if self.about else ""
        advice = f" -> {self.to_do}" if self.to_do else ""
        return f"{mark:<5}  {self.check:<14}  {about}{self.tells}{advice}"


def good(check: str, tells: str, about: str = "") -> Finding:
    """Nothing to do."""
    return Finding(check, Outcome.GOOD, tells, about=about)


def note(check: str, tells: str, to_do: str = "", about: str = "") -> Finding:
    """Worth knowing."""
    return Finding(check, Outcome.NOTE, tells, to_do, about)


def wrong(check: str, tells: str, to_do: str, about: str = "") -> Finding:
    """To be mended."""
    return Finding(check, Outcome.WRONG, tells, to_do, about)


def of_settings(settings: Settings) -> Iterator[Finding]:
    """Settings that load may still not be those of an installation."""
    yield good("settings", "load without a fault")
    if settings.secret_key is None:
        yield note("settings", "no SECRET_KEY", "`lti-tool serve` needs LTI_TOOL_SECRET_KEY (32 characters or more)")
    if urlsplit(settings.base_url).scheme == "https":
        yield good("base_url", settings.base_url)
    else:
        advice = "beyond a trial set LTI_TOOL_BASE_URL to the https address that browsers and the LMS reach"
        yield note("base_url", f"{settings.base_url} is for browsers on this machine only", advice)
    if not settings.institute_name.strip():
        tells = "no INSTITUTE_NAME: records and badges name the LMS as who certifies"
        yield note("settings", tells, "set LTI_TOOL_INSTITUTE_NAME, if the LMS is not called as the institute is")
    if settings.allow_private_networks:
        advice = "leave it off unless your LMS is on one: on the internet it opens your inner network to who registers"
        yield note("settings", "ALLOW_PRIVATE_NETWORKS is on: inner addresses and plain http are called", advice)


def of_reviews(reviews: Iterable[Review], today: date) -> Iterator[Finding]:
    """Versions of the requirements whose five years are over, or soon will be."""
    for each in reviews:
        over = "are over since" if each.is_over(today) else "are over on"
        tells = f"approved {each.approved_on}: its five years {over} {each.due_on}"
        advice = "import the reviewed version: lti-tool framework import FILE --beside"
        yield note("requirements", tells, advice, f"{each.framework} {each.version}")


def of_schema(database: str, wanted: str, later: str | None) -> Finding:
    """A schema that has all that this version needs; `later`: its number, where a later version has migrated it."""
    if later is None:
        return good("database", f"{database} answers, its schema is current")
    tells = f"{database} answers; a later version has migrated it (to {later}, this one's is {wanted})"
    return note("database", tells, "finish the upgrade or the way back: no more than one version apart is promised")


def of_clock(ahead: timedelta, *, own: bool) -> Finding:
    """How this machine's clock stands to the database's (`own`: there is one)."""
    if not own:
        return good("clock", "the database has none of its own")
    if abs(ahead) <= FROM_OTHERS:
        return good("clock", f"within {FROM_OTHERS.total_seconds():.0f} s of the database's")
    side = "ahead of" if ahead > timedelta(0) else "behind"
    advice = "set both by NTP: wrong clocks make launches fail and let two workers send the same grade"
    return wrong("clock", f"{abs(ahead).total_seconds():.0f} s {side} the database's", advice)


def of_clock_there(ahead: timedelta | None, about: str) -> Iterator[Finding]:
    """How this machine's clock stands to an LMS's (None: it does not tell); silent where both agree."""
    if ahead is not None and abs(ahead) > FROM_OTHERS:
        side = "ahead of" if ahead > timedelta(0) else "behind"
        tells = f"this machine's is {abs(ahead).total_seconds():.0f} s {side} the LMS's"
        yield wrong("clock", tells, "set the wrong one by NTP: launches fail, and grades are taken for old", about)


def of_badge_keys(folder: Path, kid: str | None, faults: Sequence[str]) -> Iterator[Finding]:
    """The keys that sign badges; before the first badge there is none, and nothing to say."""
    yield from _key_faults(faults, "lti-tool keys rotate --credential")
    if kid is not None and not faults:
        yield good("keys", f"{kid} signs badges; {folder} is closed to others")


def _key_faults(faults: Sequence[str], rotation: str) -> Iterator[Finding]:
    for fault in faults:
        tells, _, advice = fault.removeprefix("keys: ").partition("; ")
        yield wrong("keys", tells, advice or f"restore the file or the passphrase, or run {rotation}")


def of_keys(folder: Path, kid: str | None, faults: Sequence[str]) -> Iterator[Finding]:
    """The tool's own keys: closed to others, and opened by the passphrase."""
    yield from _key_faults(faults, "lti-tool keys rotate")
    if kid is None:
        yield note("keys", f"none in {folder} yet", "the first `lti-tool serve` or `lti-tool worker` makes one")
    elif not faults:
        yield good("keys", f"{kid} signs; {folder} is closed to others")
