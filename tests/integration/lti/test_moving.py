"""An LMS launches from its new address: whoever comes is known again, and at the former nobody is."""

from __future__ import annotations

import json
from typing import cast

from sqlalchemy import select

from lti_tool import clock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.ids import PlatformId
from lti_tool.lti import moving
from lti_tool.lti.tables import PlatformRow
from lti_tool.outbound import Outbound
from lti_tool.relocating import relocate
from tests.factories.launch_bench import Bench
from tests.factories.signing_lms import ISSUER, JWKS_URL

NEW = "https://elsewhere.example.invalid"


def _move(bench: Bench) -> None:
    bench.outbound.answers[JWKS_URL.replace(ISSUER, NEW)] = bench.outbound.answers[JWKS_URL]
    outbound = cast("Outbound", bench.outbound)
    with unit_of_work(bench.sessions) as session:
        platform = PlatformId(session.scalars(select(PlatformRow.id).where(PlatformRow.issuer == ISSUER)).one())
        begun = moving.begin(session, outbound, platform, NEW)
        moving.check_keys(outbound, begun)
        relocate(session, begun, clock.now())


def _launch_from(bench: Bench, issuer: str) -> int:
    browser = bench.browser()
    started = browser.start(iss=issuer)
    if started.status_code != 302:
        return started.status_code
    # All that the LMS says of itself is at its own address.
    told = json.dumps(browser.log_in(iss=issuer).payload()).replace(ISSUER, issuer)
    return browser.post(bench.lms.sign(json.loads(told))).status_code


def test_who_launches_from_the_new_address_is_known_again(bench: Bench) -> None:
    assert _launch_from(bench, ISSUER) < 400
    _move(bench)

    assert _launch_from(bench, NEW) < 400

    before, after = (launch for launch, _framed in bench.arrived)
    assert (after.platform_id, after.registration_id, after.person.sub) == (
        before.platform_id,
        before.registration_id,
        before.person.sub,
    )


def test_nobody_launches_from_the_former_address_any_more(bench: Bench) -> None:
    assert _launch_from(bench, ISSUER) < 400
    _move(bench)

    assert _launch_from(bench, ISSUER) >= 400
