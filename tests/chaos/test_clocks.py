"""Clocks that go wrong, keys and addresses that change on the way: F19, F20, F24."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lti_tool import clock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.lti import keyring
from lti_tool.lti.tables import RegistrationRow
from tests.chaos.conftest import OpenRig
from tests.chaos.rig import Balance, publish_keys, size

Note = Callable[[Balance], None]


def test_f19_workers_whose_clocks_are_wrong(open_rig: OpenRig, note: Note, request: pytest.FixtureRequest) -> None:
    rig = open_rig(people=size(250, 50), columns=size(4, 2))
    rig.limit(concurrency=8)
    rig.lms.play("slow", seconds=0.05)
    # On SQLite all are on one machine, which has one clock.
    shared = "postgres" in request.node.name
    rig.want(50)
    rig.start(1, ahead=600 if shared else 0)
    rig.start(1, ahead=-600 if shared else 0)
    first = rig.until(rig.settled, 120)
    rig.want(60)
    second = rig.until(rig.settled, 120)

    balance = rig.balance(2 if shared else 0, wished=2 * len(rig.people) * len(rig.columns))
    note(balance)
    assert (first, second, balance.lost, balance.wrong, balance.disorder) == (True, True, 0, 0, 0)
    # Nobody took from the other what it was about to send.
    assert (balance.extra, rig.lms.count("scores 409")) == (0, 0)


@pytest.mark.parametrize("ahead", [-300, 300])
def test_f20_an_lms_whose_clock_is_wrong(open_rig: OpenRig, note: Note, ahead: int) -> None:
    rig = open_rig(people=size(250, 20), columns=size(4, 2), ahead=ahead)
    rig.want(50)
    rig.start(1)
    first = rig.until(rig.settled, 60)
    rig.want(60)
    second = rig.until(rig.settled, 60)

    balance = rig.balance(1, wished=2 * len(rig.people) * len(rig.columns))
    note(balance)
    assert (first, second, balance.lost, balance.wrong, balance.undelivered) == (True, True, 0, 0, 0)


def test_f24_keys_and_addresses_that_change_on_the_way(open_rig: OpenRig, note: Note) -> None:
    rig = open_rig(people=size(250, 60), columns=size(4, 3))
    rig.lms.play("slow", seconds=0.05)
    rig.want(50)
    rig.start(2)
    begun = rig.until(lambda: rig.sent() > 10, 30)
    with unit_of_work(rig.sessions) as session:
        keyring.rotate(session, rig.settings.keys_dir, rig.settings.keys_passphrase, clock.now())
        session.query(RegistrationRow).one().token_url = f"{rig.lms.url}/p1/mod/lti/token.php"
    publish_keys(rig.sessions, rig.settings.data_dir / "jwks.json")
    rig.lms.ask("revoke")
    settled = rig.until(rig.settled, 60)

    balance = rig.balance(2)
    note(balance)
    assert (begun, settled, balance.lost, balance.wrong, balance.undelivered) == (True, True, 0, 0, 0)
    assert (balance.extra, rig.lms.count("token 400")) == (0, 0)
