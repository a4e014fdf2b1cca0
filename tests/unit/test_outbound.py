"""Which addresses may be called at all (lti-security, section 2, row 43)."""

from __future__ import annotations

import pytest

from lti_tool.outbound import AddressRefused, Outbound

INNER = ["127.0.0.1", "127.8.8.8", "10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "::1", "fc00::1", "fd12::1"]
NEVER = [
    "0.0.0.0",  # noqa: S104  an address to be refused, nothing is bound
    "169.254.169.254",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "fe80::1",
    "ff02::1",
]
DISGUISED = ["::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::", "::ffff:169.254.169.254"]
PUBLIC = ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34", "64:ff9b::5db8:d822"]


def leading_to(*addresses: str, allow_private: bool = False) -> Outbound:
    return Outbound(allow_private, resolve=lambda host, port: list(addresses))


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_may_be_called_over_https(address: str) -> None:
    leading_to(address).check("https://lms.example.invalid/x")


@pytest.mark.parametrize("address", INNER + NEVER + DISGUISED)
def test_an_inner_address_is_refused_whatever_its_name(address: str) -> None:
    with pytest.raises(AddressRefused):
        leading_to(address).check("https://lms.example.invalid/x")


@pytest.mark.parametrize("address", INNER)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_inner_addresses_may_be_allowed_with_plain_http_for_them(address: str, scheme: str) -> None:
    leading_to(address, allow_private=True).check(f"{scheme}://lms.example.invalid/x")


@pytest.mark.parametrize("address", NEVER)
def test_link_local_and_reserved_addresses_are_never_allowed(address: str) -> None:
    with pytest.raises(AddressRefused):
        leading_to(address, allow_private=True).check("https://lms.example.invalid/x")


@pytest.mark.parametrize("allow_private", [True, False])
def test_plain_http_to_a_public_address_is_always_refused(allow_private: bool) -> None:
    with pytest.raises(AddressRefused):
        leading_to("93.184.216.34", allow_private=allow_private).check("http://lms.example.invalid/x")


def test_one_inner_address_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(AddressRefused):
        leading_to("93.184.216.34", "10.0.0.1").check("https://lms.example.invalid/x")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lms.example.invalid",
        "//lms.example.invalid/x",
        "ftp://lms.example.invalid/x",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https://",
        "https:///x",
        "https://user@lms.example.invalid/",
        "https://user:password@lms.example.invalid/",
        "https://lms.example.invalid\\@evil.example/",
        "https://lms.example.invalid/a b",
        "https://lms.example.invalid/\nHost: evil",
        "https://lms.example.invalid;script-src/",
        "https://lms.example.invalid:99999/",
        "https://lms.example.invalid:port/",
        "https://[::1/",
        "https://ämt.example.invalid/",
    ],
)
def test_what_is_no_plain_web_address_is_refused(url: str) -> None:
    outbound = leading_to("93.184.216.34")

    with pytest.raises(AddressRefused):
        outbound.check(url)
    with pytest.raises(AddressRefused):
        outbound.request("GET", url)


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:7f00:1]"])
def test_other_spellings_of_this_machine_are_seen_through(host: str) -> None:
    with pytest.raises(AddressRefused):
        Outbound().check(f"https://{host}/")


def test_the_refusal_does_not_repeat_the_address() -> None:
    with pytest.raises(AddressRefused) as refused:
        leading_to("10.0.0.1").check("https://lms.example.invalid/x?token=secret")

    assert "secret" not in str(refused.value)
