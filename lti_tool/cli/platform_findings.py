"""What `lti-tool doctor` says of platforms: whether they answer, what they allow, how their grades go. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.cli.findings import Finding, good, note, of_clock_there, wrong
from lti_tool.errors import PlatformError
from lti_tool.grading.model import Answer, DeliveryState
from lti_tool.lti.model import RegistrationSummary, Scope
from lti_tool.lti.reaching import SECONDS, Endpoints, Reached
from lti_tool.lti.watch_queries import Grants
from lti_tool.watching import PlatformFigures

PROMISE = timedelta(seconds=60)
"""Within this time a grade is in the gradebook, or shown with a reason."""
SERVICES = {
    Scope.SCORE: "sending grades",
    Scope.LINE_ITEM: "making gradebook columns",
    Scope.RESULT_READ: "reading grades back",
    Scope.MEMBERSHIP: "names and roles",
}
ALLOW = "in Moodle: Manage tools, the tool's settings, Services: grade sync and column management, names and roles"
ACTIVATE = "in Moodle: Manage tools, Activate on the tool's card; then open it in a course once"
_FAULTS = {
    "platform_unreachable": ("nobody answers", "is the address right, the LMS up, this machine's way out open?"),
    "platform_timeout": (f"no answer within {SECONDS:.0f} s", "is the LMS up, this machine's way out open?"),
    "platform_certificate": ("its TLS certificate is not accepted", "renew it, or have it made out for this host"),
    "platform_reset": ("it breaks off", "look at the LMS's web server or the proxy in between"),
    "answer_not_json": ("it answers with something else than keys", "is the address right?"),
    "not_a_key_set": ("it answers with something else than keys", "is the address right?"),
}
_REFUSED = {
    "inner_address": "set LTI_TOOL_ALLOW_PRIVATE_NETWORKS if this LMS is in your own network",
    "not_https": "the LMS needs TLS; register it anew with its https address",
}
_PAUSED = {
    Answer.OUTAGE.value: "see above whether it answers; what waits goes by itself once it does",
    Answer.FORBIDDEN.value: f"it refuses the tool: {ALLOW}; then open the tool in a course",
}


@dataclass(frozen=True, slots=True)
class Workers:
    """What is to be seen of workers from outside."""

    left_lying: int
    """Grades and columns of the platform that have been due for over a minute, in nobody's hands."""
    seen: bool
    """Somebody has a grade in hand, or tried one within the last minute."""


def of_registration(found: RegistrationSummary, granted: Grants, reached: Endpoints | None) -> Iterator[Finding]:
    """Whether a registration is on, its endpoints answer, and the platform allows what the tool needs."""
    about = f"{found.issuer} ({found.id})"
    if not found.active:
        advice = f"lti-tool platform enable {found.id}, if that was not on purpose"
        yield note("registration", "switched off: launches are refused and nothing is sent", advice, about)
        return
    if reached is not None:
        yield _endpoint("key set", reached.key_set, about)
        yield _endpoint("token endpoint", reached.token, about)
        yield from of_clock_there(reached.token.ahead, about)
    if granted.courses == 0:
        yield note("registration", "nobody has opened the tool in a course yet", ACTIVATE, about)
    yield _services(granted, about)


def _endpoint(check: str, reached: Reached, about: str) -> Finding:
    if reached.fault is None:
        return good(check, f"answers in {reached.seconds * 1000:.0f} ms", about)
    tells, advice = _fault(reached.fault)
    return wrong(check, f"{reached.url}: {tells}", advice, about)


def _fault(error: PlatformError) -> tuple[str, str]:
    if error.code == "address_refused":
        reason = str(error.facts.get("reason"))
        return f"not called ({reason})", _REFUSED.get(reason, "is the address right?")
    if error.facts.get("reason") == "no_such_host":
        return "its host does not exist", "is the address right, does DNS work on this machine?"
    if error.code == "answer_not_ok":
        return f"it answers with status {error.facts['status']}", "is the address right? The tool follows no redirect"
    return _FAULTS.get(error.code, (error.code, "is the address right?"))


def _services(granted: Grants, about: str) -> Finding:
    if granted.courses == 0:
        if not granted.declared:
            return note("services", "not known before the first launch", "open the tool in a course", about)
        missing = [name for scope, name in SERVICES.items() if scope not in granted.declared]
        return _lacking(missing, "by the platform's registration", about) if missing else _all_allowed(about)
    nowhere = [name for scope, name in SERVICES.items() if not granted.allowed.get(scope)]
    if nowhere:
        return _lacking(nowhere, f"in any of {granted.courses} courses", about)
    partly = [f"{name} in {granted.allowed[scope]}" for scope, name in SERVICES.items()]
    if any(granted.allowed[scope] < granted.courses for scope in SERVICES):
        tells = f"of {granted.courses} courses: {', '.join(partly)}"
        return note("services", tells, "open the tool in the others once; if that changes nothing: " + ALLOW, about)
    return _all_allowed(about)


def _lacking(names: list[str], where: str, about: str) -> Finding:
    return wrong("services", f"not allowed {where}: {', '.join(names)}", f"{ALLOW}; then open the tool again", about)


def _all_allowed(about: str) -> Finding:
    return good("services", "grades, columns, results, names and roles are allowed", about)


def of_figures(found: PlatformFigures, workers: Workers, now: datetime) -> Iterator[Finding]:
    """How a platform's grades, courses and lists go; one good line where nothing is to be said."""
    told = [*_pause(found, now), *_waiting(found, workers, now), *_set_aside(found), *_courses(found)]
    yield from told or [good("grades", "nothing waits", found.issuer)]


def _pause(found: PlatformFigures, now: datetime) -> Iterator[Finding]:
    if found.pause is None:
        return
    tells = f"paused for {_span(now - found.pause.since)} ({found.pause.reason}), {found.due_now} wait"
    if now - found.pause.until > PROMISE:
        tells, advice = f"{tells}, and no worker looks whether it answers again", "start `lti-tool worker`"
    else:
        advice = _PAUSED.get(found.pause.reason, "see the worker's log")
    yield wrong("grades", tells, advice, found.issuer)


def _waiting(found: PlatformFigures, workers: Workers, now: datetime) -> Iterator[Finding]:
    waits = found.oldest_wait(now)
    if found.pause is not None:
        return
    if workers.left_lying:
        tells = f"{workers.left_lying} grades or columns due for over a minute"
        if workers.seen:
            yield wrong(
                "worker", f"{tells}: workers do not keep up", "start more, or raise --concurrency", found.issuer
            )
        else:
            yield wrong("worker", f"{tells}: no worker seems to run", "start `lti-tool worker`", found.issuer)
    elif waits > PROMISE:
        tells = f"the oldest waits for {_span(waits)}, to be tried again later"
        yield note("grades", tells, "the course's page of deliveries shows the reason", found.issuer)
    elif found.deliveries(DeliveryState.DUE):
        yield good(
            "grades", f"{found.deliveries(DeliveryState.DUE)} under way, the oldest for {_span(waits)}", found.issuer
        )


def _set_aside(found: PlatformFigures) -> Iterator[Finding]:
    page = "the courses' pages of deliveries show which and what helps"
    if dead := found.deliveries(DeliveryState.DEAD):
        tells = f"{dead} given up after 7 days ({_answers(found, DeliveryState.DEAD)})"
        yield wrong("grades", tells, f"{page}; then `lti-tool deliveries retry`", found.issuer)
    if held := found.deliveries(DeliveryState.HELD):
        yield note("grades", f"{held} held ({_answers(found, DeliveryState.HELD)})", page, found.issuer)
    if found.differing:
        tells = f"{found.differing} differ in the LMS and wait for a decision; nothing goes over them"
        yield note("grades", tells, "trainers decide on their courses' pages of grades sent", found.issuer)


def _answers(found: PlatformFigures, state: DeliveryState) -> str:
    return ", ".join(f"{each.answer or 'untried'} {each.count}" for each in found.unsettled if each.state == state)


def _courses(found: PlatformFigures) -> Iterator[Finding]:
    if found.jobs.failing:
        tells = f"{found.jobs.failing} cannot be computed anew and keep their old levels"
        yield wrong("courses", tells, "see course_not_computed in the worker's log", found.issuer)
    if found.errands_late and found.pause is None:
        tells = f"{found.errands_late} readings of people or marks have been open for over 15 minutes"
        yield wrong("courses", tells, "see whether a worker runs, and errand_failed in its log", found.issuer)
    for count, what in (
        (found.columns_not_ready, "gradebook columns are not there yet"),
        (found.columns_unread, "columns could not be read back and compared"),
        (found.rosters_failing, "courses' lists of people could not be read"),
        (found.pulls_failing, "courses' marks could not be read from Moodle's web service"),
    ):
        if count:
            yield note("courses", f"{count} {what}", "tried again by itself; the course's pages show why", found.issuer)


def _span(time: timedelta) -> str:
    seconds = max(0, int(time.total_seconds()))
    for length, unit in ((86_400, "d"), (3600, "h"), (60, "min")):
        if seconds >= 2 * length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
