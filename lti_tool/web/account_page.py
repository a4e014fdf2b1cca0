"""What the pages of one's own account show."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.accounts import accounts
from lti_tool.accounts.accounts import Offered
from lti_tool.accounts.model import Account, TooManyTries
from lti_tool.errors import SettingsFaulty, ToolError
from lti_tool.lti import queries
from lti_tool.sealing import Seal
from lti_tool.web import refusals
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext
from lti_tool.web.tool import tool

FEW = 3
"""So few codes on paper left are told as a warning."""


@dataclass(frozen=True, slots=True)
class OwnAccount:
    """The own account."""

    name: str
    login: str
    may: str
    """What it may do."""
    has_codes: bool
    paper: str
    """How many codes on paper are left."""
    paper_is_low: bool
    refused: str = ""


@dataclass(frozen=True, slots=True)
class OfferedCodes:
    """A secret to be taken over into an app."""

    picture: str
    """Address of the picture: the picture itself."""
    secret: str
    """In groups of four, to be typed."""


def own(session: Session, account: Account, refused: str = "") -> OwnAccount:
    """The page of the own account."""
    left = accounts.paper_codes_left(session, account.id)
    return OwnAccount(
        name=account.name,
        login=account.login,
        may=may(session, account),
        has_codes=account.has_codes,
        paper=ngettext("%(num)d code on paper is left.", "%(num)d codes on paper are left.", left),
        paper_is_low=left < FEW,
        refused=refused,
    )


def may(session: Session, account: Account) -> str:
    """What an account may do, in words."""
    if account.platform_id is None:
        return _("operator of the tool, for all institutes")
    return _("admin of the institute: %(platform)s", platform=queries.platform_name(session, account.platform_id))


def offered(session: Session, account: Account) -> OfferedCodes | None:
    """What is offered and waits for its first code."""
    found = accounts.offered_codes(session, account, seal())
    return _shown(found) if found else None


def _shown(found: Offered) -> OfferedCodes:
    # Imported where a picture is drawn, as seldom happens: every web process would hold the library.
    import segno

    picture = segno.make(found.address, error="m").svg_data_uri(scale=4, border=4, dark="#000", light="#fff")
    groups = (found.secret[at : at + 4] for at in range(0, len(found.secret), 4))
    return OfferedCodes(picture, " ".join(groups))


def seal() -> Seal:
    """What the secrets of codes are locked with. Raises SettingsFaulty where the tool runs without a SECRET_KEY."""
    found = tool().codes_seal
    if found is None:
        raise SettingsFaulty("settings_faulty", faults=["LTI_TOOL_SECRET_KEY: is not set"])
    return found


def told(refused: ToolError) -> str:
    """Why somebody is not let in, or something not done."""
    if isinstance(refused, TooManyTries):
        minutes = -(-refused.seconds // 60)
        return ngettext(
            "Too many tries in a short time. Try again in %(num)d minute.",
            "Too many tries in a short time. Try again in %(num)d minutes.",
            minutes,
        )
    if refused.code == "entrance_refused":
        return _("That did not fit together: check the name, the password and, where you have set it up, the code.")
    return refusals.told(refused)
