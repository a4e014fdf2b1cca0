"""The form of the picker as it comes back: what no page of ours wrote is refused."""

from __future__ import annotations

import pytest
from werkzeug.datastructures import MultiDict

from lti_tool.errors import RuleBroken
from lti_tool.web import picking_form


@pytest.mark.parametrize(
    "waiting",
    [
        "[",
        "[" * 5000,
        "1",
        "[1]",
        "[null]",
        '[{"kind": "profile", "grade": "5"}]',
        '[{"kind": 1, "title": "", "text": "", "points": "", "indicators": "", "uid": ""}]',
        r'[{"kind": "profile", "title": "\ud800", "text": "", "points": "", "indicators": "", "uid": ""}]',
    ],
)
def test_a_list_that_no_page_wrote_is_refused(waiting: str) -> None:
    with pytest.raises(RuleBroken, match="form_not_ours"):
        picking_form.read(MultiDict({"waiting": waiting}))
