"""Which origins may frame the pages of a platform's people (design, "People, sessions, rights")."""

from __future__ import annotations

from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from lti_tool.ids import PlatformId
from lti_tool.lti import store


def origins_of(session: Session, platform_id: PlatformId) -> set[str]:
    """The origins of a platform's issuer and authorization endpoints, as CSP's `frame-ancestors` wants them."""
    return {found for found in map(origin, store.platform_face(session, platform_id).addresses) if found}


def origin(url: str) -> str | None:
    """`https://host:port` of a URL; None where it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in {"http", "https"} and parts.netloc else None
