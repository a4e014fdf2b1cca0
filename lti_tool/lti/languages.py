"""The languages of an institute: which are offered, and which one who comes with none of them gets."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.errors import RuleBroken
from lti_tool.ids import PlatformId
from lti_tool.lti import store
from lti_tool.lti.claims import DEFAULT_LOCALE, LOCALES
from lti_tool.lti.model import Launch

ORDER = ("ky", "ru", "en")


@dataclass(frozen=True, slots=True)
class Languages:
    """The languages of a platform's institute."""

    default: str = DEFAULT_LOCALE
    offered: tuple[str, ...] = ORDER

    def of(self, locale: str, *, told: bool = True) -> str:
        """The language for somebody: theirs where it is offered and the LMS did tell it, else the institute's."""
        return locale if told and locale in self.offered else self.default


def languages_of(session: Session, platform_id: PlatformId) -> Languages:
    """The languages of a platform; all three with Kyrgyz first where nobody has chosen."""
    face = store.platform_face(session, platform_id)
    chosen = (face.locales or "").split(",")
    offered = tuple(each for each in ORDER if each in chosen) or ORDER
    return Languages(face.locale if face.locale in offered else offered[0], offered)


def choose(session: Session, platform_id: PlatformId, default: str, offered: Collection[str]) -> None:
    """Sets them. Raises RuleBroken where the default is not offered, or is none of the three."""
    kept = [each for each in ORDER if each in offered]
    if default not in LOCALES or default not in kept:
        raise RuleBroken("default_language_not_offered")
    store.set_locales(session, platform_id, default, ",".join(kept))


def own_or(session: Session, platform_id: PlatformId, own: str | None, locale: str) -> str:
    """A person's own language where it is offered, else the other one."""
    return own if own is not None and own in languages_of(session, platform_id).offered else locale


def locale_for(session: Session, launch: Launch) -> str:
    """The language for who has launched."""
    return languages_of(session, launch.platform_id).of(launch.locale, told=launch.tells_locale)
