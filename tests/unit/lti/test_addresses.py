"""Which addresses in messages may be followed at all."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lti_tool.lti.addresses import host_of, is_web_address


@pytest.mark.parametrize(
    ("url", "public", "inner"),
    [
        ("https://lms.example.org/x?y=1", True, True),
        ("https://LMS.example.org:8443/", True, True),
        ("http://lms.example.org/", False, True),
        ("https://localhost/", False, True),
        ("https://moodle.localhost/", False, True),
        ("https://moodle.local/", False, True),
        ("https://moodle.internal/", False, True),
        ("https://mylocalhost/", True, True),
        ("https://local.example.org/", True, True),
        ("https://127.0.0.1/", False, True),
        ("https://10.1.2.3/", False, True),
        ("https://[::1]/", False, True),
        ("https://169.254.169.254/latest", False, True),
        ("https://user:secret@lms.example.org/", False, False),
        ("https://lms.example.org\\@evil.org/", False, False),
        ("https://lms.example.org/\n", False, False),
        ("https:///path", False, False),
        ("https://evil.org;script-src/", False, False),
        ("https://evil.org'/", False, False),
        ("https://билим.kg/", False, False),
        ("https://xn--80abvss.kg/", True, True),
        ("//lms.example.org/", False, False),
        ("javascript:alert(1)", False, False),
        ("data:text/html,x", False, False),
        ("file:///etc/passwd", False, False),
        ("ftp://lms.example.org/", False, False),
        ("https://[::1", False, False),
        ("https://lms.example.org:99999/", False, False),
        ("", False, False),
    ],
)
def test_an_address_is_followed_by_what_it_says(url: str, public: bool, inner: bool) -> None:
    assert (is_web_address(url, False), is_web_address(url, True)) == (public, inner)


@given(st.text(st.characters(), max_size=60))
def test_any_text_has_a_host_or_none(text: str) -> None:
    assert host_of(text) is None or ":" in str(host_of(text))
    assert is_web_address("https://" + text, True) in {True, False}


@pytest.mark.parametrize("url", ["", "/launch", "mailto:ada@example.org", "https:///launch", "https://:443/"])
def test_what_names_no_host_has_none(url: str) -> None:
    assert host_of(url) is None


def test_hosts_are_compared_with_their_ports() -> None:
    assert host_of("https://LMS.example.org/a") == host_of("https://lms.example.org:443/b") == "lms.example.org:443"
    assert host_of("http://lms.example.org/") != host_of("https://lms.example.org/")
