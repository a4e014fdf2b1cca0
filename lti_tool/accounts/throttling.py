"""How long entering waits after tries in vain. Pure: a store counts, this says what the count means.

Under one name a few are free, then each waits twice as long as the one before, at most a quarter of an hour; an hour
after the last one all is forgotten. A try that is made while one must wait counts for nothing, so nobody is kept out
for longer by others' zeal. A browser that has entered before is counted for itself: who tries the names of others
from elsewhere does not keep them out. From one address many people come (an institute behind one router), so more are
free there.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from datetime import timedelta

FIRST = timedelta(seconds=15)
LONGEST = timedelta(minutes=15)
FORGOTTEN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Counted:
    """What tries are counted under, and how many of them are free."""

    key: str
    free: int


def of_name(login: str) -> Counted:
    """Tries under a name, whether there is such an account or not."""
    return Counted(f"name:{_hash(login.strip().lower())}", 5)


def of_browser(login: str, browser: str) -> Counted:
    """Tries under a name in a browser in which that account has entered before."""
    return Counted(f"browser:{_hash(browser + ' ' + login.strip().lower())}", 5)


def of_address(address: str) -> Counted:
    """Tries from an address; from a network where it is IPv6, for there one machine has many."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return Counted("address:unknown", 30)
    if isinstance(found, ipaddress.IPv6Address):
        return Counted(f"address:{ipaddress.ip_network((found, 64), strict=False).network_address}", 30)
    return Counted(f"address:{found}", 30)


def of_open_session(account: str) -> Counted:
    """Tries at the password of somebody who has entered, by whoever sits at their open session."""
    return Counted(f"open:{account}", 5)


def wait_after(counted: Counted, tries: int) -> timedelta:
    """How long nobody may try again after so many in vain."""
    beyond = tries - counted.free
    if beyond < 0:
        return timedelta(0)
    return min(FIRST * (1 << min(beyond, 20)), LONGEST)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()
