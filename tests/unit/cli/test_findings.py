"""What the doctor says of the machine, sentence by sentence."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from lti_tool.cli.findings import (
    Finding,
    Outcome,
    good,
    note,
    of_badge_keys,
    of_clock,
    of_clock_there,
    of_keys,
    of_schema,
    of_settings,
    wrong,
)
from lti_tool.settings import Settings

HTTPS = "https://tool.example.org"
SECRET = SecretStr("a secret of the tests, and of nobody else")
FOLDER = Path("/etc/lti-tool/keys")


def _outcomes(found: list[Finding]) -> list[tuple[str, str]]:
    return [(each.check, each.outcome.value) for each in found]


def test_a_line_holds_outcome_check_place_sentence_and_what_to_do() -> None:
    line = wrong("keys", "are gone", "bring them back", "Moodle").line

    assert line == "WRONG  keys            Moodle: are gone -> bring them back"


def test_what_is_well_has_nothing_to_do_in_its_line() -> None:
    assert good("clock", "right").line == "ok     clock           right"
    assert note("clock", "odd").line == "note   clock           odd"


def test_settings_of_an_installation_are_well() -> None:
    found = list(of_settings(Settings(base_url=HTTPS, secret_key=SECRET, institute_name="Институт")))

    assert _outcomes(found) == [("settings", "ok"), ("base_url", "ok")]
    assert found[1].tells == HTTPS


@pytest.mark.parametrize("name", ["", "  "])
def test_an_institute_without_a_name_is_a_hint(name: str) -> None:
    *_, found = of_settings(Settings(base_url=HTTPS, secret_key=SECRET, institute_name=name))

    assert (found.outcome, "LTI_TOOL_INSTITUTE_NAME" in found.to_do) == (Outcome.NOTE, True)


def test_a_schema_of_a_later_version_is_a_note_that_names_both() -> None:
    assert of_schema("postgresql://db", "0036", None).outcome is Outcome.GOOD
    found = of_schema("postgresql://db", "0036", "0037")

    assert (found.outcome, "0036" in found.tells, "0037" in found.tells) == (Outcome.NOTE, True, True)


@pytest.mark.parametrize(
    ("seconds", "words"), [(None, []), (5, []), (-5, []), (6, ["6 s ahead of"]), (-3600, ["3600 s behind"])]
)
def test_a_clock_that_differs_from_the_lms_is_told_by_side_and_size(seconds: float | None, words: list[str]) -> None:
    found = list(of_clock_there(None if seconds is None else timedelta(seconds=seconds), "LMS"))

    assert [each.outcome for each in found] == [Outcome.WRONG] * len(words)
    assert all(word in each.tells for word, each in zip(words, found, strict=True))


@pytest.mark.parametrize("base_url", ["http://localhost:8080", "http://127.0.0.1"])
def test_an_address_on_loopback_is_worth_a_note(base_url: str) -> None:
    found = list(of_settings(Settings(base_url=base_url, secret_key=SECRET, institute_name="Институт")))

    assert _outcomes(found) == [("settings", "ok"), ("base_url", "note")]
    assert base_url in found[1].tells
    assert "LTI_TOOL_BASE_URL" in found[1].to_do


def test_settings_of_a_trial_are_noted_one_by_one_and_show_no_secret() -> None:
    found = list(of_settings(Settings(base_url=HTTPS, allow_private_networks=True, institute_name="Институт")))

    assert _outcomes(found) == [("settings", "ok"), ("settings", "note"), ("base_url", "ok"), ("settings", "note")]
    assert "SECRET_KEY" in found[1].to_do
    assert "ALLOW_PRIVATE_NETWORKS" in found[3].tells


@pytest.mark.parametrize(
    ("seconds", "outcome"),
    [(0, Outcome.GOOD), (5, Outcome.GOOD), (-5, Outcome.GOOD), (5.1, Outcome.WRONG), (-5.1, Outcome.WRONG)],
)
def test_a_clock_may_be_off_by_five_seconds(seconds: float, outcome: Outcome) -> None:
    assert of_clock(timedelta(seconds=seconds), own=True).outcome is outcome


@pytest.mark.parametrize(("minutes", "words"), [(10, "600 s ahead of"), (-10, "600 s behind")])
def test_a_wrong_clock_is_told_by_side_and_size(minutes: int, words: str) -> None:
    found = of_clock(timedelta(minutes=minutes), own=True)

    assert words in found.tells
    assert "NTP" in found.to_do


def test_without_a_clock_of_its_own_the_database_is_no_measure() -> None:
    assert of_clock(timedelta(minutes=10), own=False).outcome is Outcome.GOOD


def test_keys_in_order_are_one_good_line() -> None:
    (found,) = of_keys(FOLDER, "kid-1", [])

    assert found.outcome is Outcome.GOOD
    assert "kid-1" in found.tells


def test_before_the_first_key_nothing_is_wrong() -> None:
    (found,) = of_keys(FOLDER, None, [])

    assert (found.outcome, str(FOLDER) in found.tells) == (Outcome.NOTE, True)


def test_before_the_first_badge_there_is_nothing_to_say_of_its_keys() -> None:
    assert list(of_badge_keys(FOLDER / "credentials", None, [])) == []


def test_the_key_that_signs_badges_is_a_line_of_its_own_with_its_own_advice() -> None:
    (good_one,) = of_badge_keys(FOLDER / "credentials", "kid-2", [])
    (wrong_one,) = of_badge_keys(FOLDER / "credentials", "kid-2", ["keys: b.pem needs a passphrase"])

    assert (good_one.outcome, "kid-2 signs badges" in good_one.tells) == (Outcome.GOOD, True)
    assert "lti-tool keys rotate --credential" in wrong_one.to_do


def test_every_fault_of_the_keys_is_a_line_with_its_own_advice() -> None:
    faults = ["keys: a.pem can be read by others (mode 0644); run chmod 600 a.pem", "keys: a.pem needs a passphrase"]

    found = list(of_keys(FOLDER, "kid-1", faults))

    assert _outcomes(found) == [("keys", "wrong")] * 2
    assert (found[0].tells, found[0].to_do) == ("a.pem can be read by others (mode 0644)", "run chmod 600 a.pem")
    assert found[1].to_do
