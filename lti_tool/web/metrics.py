"""`GET /metrics` for Prometheus: how grades, rosters and marks go, per platform; never whose they are.

Open to who brings the METRICS_TOKEN, and to the machine itself. Everybody else gets 401, not the 404 of pages that one
may not know of: the address stands in the documentation, and an operator with a wrong token is to learn that it is the
token.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from ipaddress import IPv6Address, ip_address

from flask import Blueprint, Response, request
from flask.typing import ResponseReturnValue
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.registry import Collector

from lti_tool import clock
from lti_tool.grading.model import DeliveryState
from lti_tool.watching import PlatformFigures, figures
from lti_tool.web.auth import Permission, requires
from lti_tool.web.database import db
from lti_tool.web.tool import tool

bp = Blueprint("metrics", __name__)

FORWARDED = ("X-Forwarded-For", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Via")
"""Signs of a proxy: then the peer on loopback is not who asks."""
NOT_ARRIVED = (DeliveryState.DUE, DeliveryState.HELD, DeliveryState.DEAD)

Samples = Iterable[tuple[Sequence[str], float]]


@bp.get("/metrics")
@requires(Permission.PUBLIC)
def metrics() -> ResponseReturnValue:
    """The figures in Prometheus's text format."""
    if not (_has_token() or _is_this_machine()):
        return Response("A token is needed.\n", 401, {"WWW-Authenticate": "Bearer"}, content_type="text/plain")
    now = clock.now()
    return Response(generate_latest(Exposed(figures(db(), now), now)), content_type=CONTENT_TYPE_PLAIN_0_0_4)


def _has_token() -> bool:
    secret, brought = tool().settings.metrics_token, request.authorization
    if secret is None or brought is None or brought.type != "bearer":
        return False
    return hmac.compare_digest((brought.token or "").encode(), secret.get_secret_value().encode())


def _is_this_machine() -> bool:
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        peer = ip_address(request.remote_addr or "")
    except ValueError:
        return False
    return ((isinstance(peer, IPv6Address) and peer.ipv4_mapped) or peer).is_loopback


@dataclass(frozen=True, slots=True)
class _Family:
    """Metrics of one name: what they tell, and what each platform has to say."""

    name: str
    tells: str
    samples: Callable[[PlatformFigures, datetime], Samples]
    labels: tuple[str, ...] = ()
    """Beside the platform's."""
    kind: type[GaugeMetricFamily] | type[CounterMetricFamily] = GaugeMetricFamily


@dataclass(frozen=True, slots=True)
class Exposed(Collector):
    """The figures as Prometheus's library takes them."""

    platforms: Sequence[PlatformFigures]
    now: datetime

    def collect(self) -> Iterable[GaugeMetricFamily | CounterMetricFamily]:
        """Every family with what each platform has to say."""
        for family in FAMILIES:
            metric = family.kind(f"lti_tool_{family.name}", family.tells, labels=("platform", *family.labels))
            for each in self.platforms:
                for labels, value in family.samples(each, self.now):
                    metric.add_metric((each.platform, *labels), value)
            yield metric


def _states(of: PlatformFigures, _now: datetime) -> Samples:
    return [((state.value,), of.deliveries(state)) for state in NOT_ARRIVED]


def _by_answer(of: PlatformFigures, _now: datetime) -> Samples:
    held = [each for each in of.unsettled if each.state != DeliveryState.DUE]
    return [((each.state, each.answer or ""), each.count) for each in held]


def _paused_since(of: PlatformFigures, _now: datetime) -> Samples:
    return [((of.pause.reason,), of.pause.since.timestamp())] if of.pause else []


def _tries(of: PlatformFigures, _now: datetime) -> Samples:
    return [((answer,), count) for answer, count in sorted(of.tries.items())]


def _number(told: Callable[[PlatformFigures, datetime], float]) -> Callable[[PlatformFigures, datetime], Samples]:
    return lambda of, now: [((), told(of, now))]


FAMILIES = (
    _Family("platform_info", "Which LMS a platform's label means.", lambda of, _: [((of.issuer,), 1)], ("issuer",)),
    _Family("deliveries", "Grades that have not arrived, by state.", _states, ("state",)),
    _Family("deliveries_by_answer", "Grades held or given up, by last answer.", _by_answer, ("state", "answer")),
    _Family("deliveries_waiting", "Grades that are due now.", _number(lambda of, _: of.due_now)),
    _Family(
        "deliveries_oldest_wait_seconds",
        "How long the oldest grade in state due has waited; 0 where none does.",
        _number(lambda of, now: of.oldest_wait(now).total_seconds()),
    ),
    _Family("platform_paused", "1 while nothing is sent to the LMS.", _number(lambda of, _: of.pause is not None)),
    _Family("platform_paused_timestamp_seconds", "Unix time at which the pause began.", _paused_since, ("reason",)),
    _Family(
        "line_items_not_ready", "Columns that the LMS does not have yet.", _number(lambda of, _: of.columns_not_ready)
    ),
    _Family(
        "deliveries_differing",
        "Grades that differ in the LMS and wait for a decision.",
        _number(lambda of, _: of.differing),
    ),
    _Family("line_items_unread", "Columns not read back the last time.", _number(lambda of, _: of.columns_unread)),
    _Family("jobs_open", "Courses being computed anew.", _number(lambda of, _: of.jobs.open)),
    _Family("jobs_failing", "Of these, courses that broke off.", _number(lambda of, _: of.jobs.failing)),
    _Family("rosters_failing", "Courses whose roster was not read.", _number(lambda of, _: of.rosters_failing)),
    _Family("native_pulls_failing", "Courses whose marks were not read.", _number(lambda of, _: of.pulls_failing)),
    _Family("errands_late", "Readings open for over 15 minutes.", _number(lambda of, _: of.errands_late)),
    _Family("tries", "Tries to send a grade, by their answer.", _tries, ("answer",), CounterMetricFamily),
)
"""What is told."""
