"""Dynamic registration with an invitation, and what a Moodle admin does after it."""

from __future__ import annotations

from tests.moodle.conftest import Registered
from tests.moodle.site import Site
from tests.moodle.tool import RunningTool


def test_one_pasted_address_registers_the_tool_with_all_it_asks_for(registered: Registered) -> None:
    # Grades, columns and the list of participants are granted; what is left is Moodle's own.
    assert registered.said.count(": yes") == 3
    assert "Activate" in registered.said


def test_the_tool_waits_for_activation_and_is_active_after_it(registered: Registered) -> None:
    assert registered.state_before != registered.state_after


def test_moodle_keeps_the_tools_addresses_as_they_are(registered: Registered, site: Site, tool: RunningTool) -> None:
    path = f"/mod/lti/typessettings.php?action=update&id={registered.tool_id}&sesskey={site.admin.key()}"
    form = site.admin.form(path, "typess")
    kept = {name: form.values[name] for name in ("lti_toolurl", "lti_publickeyset", "lti_initiatelogin")}
    assert kept == {
        "lti_toolurl": f"{tool.url}/lti/launch",
        "lti_publickeyset": f"{tool.url}/lti/jwks",
        "lti_initiatelogin": f"{tool.url}/lti/login",
    }
