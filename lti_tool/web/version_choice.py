"""By which version of the requirements the institute's figures are read, where its courses are on several (ADR 14)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from lti_tool.competency import publishing
from lti_tool.competency.framework import Framework
from lti_tool.ids import FrameworkVersionId, PlatformId
from lti_tool.reports import version_queries


@dataclass(frozen=True, slots=True)
class LookedBy:
    """The version that figures are read by, and which others there are."""

    framework: Framework
    chosen: str
    """Its public id; empty where nothing is counted yet."""
    versions: tuple[tuple[str, str], ...]
    """Public id and name of every version that courses are on, the newest first."""

    @property
    def id(self) -> FrameworkVersionId:
        """The version's id."""
        return self.framework.id

    @property
    def name(self) -> str:
        """What the version is called."""
        return name_of(self.framework.framework, self.framework.version)

    @property
    def is_one_of_several(self) -> bool:
        """Whether courses are on other versions, too, so that pages must say which one they speak of."""
        return len(self.versions) > 1

    @property
    def only(self) -> FrameworkVersionId | None:
        """The version that courses are to be on, to be listed beside these figures; None: any."""
        return self.id if self.is_one_of_several else None


def read(session: Session, platform_id: PlatformId, asked: Mapping[str, str]) -> LookedBy:
    """The version that an address asks for; else the newest that courses are on, else the newest there is."""
    counted = version_queries.versions_counted(session, platform_id)
    named = [each for each in counted if each.public_id == asked.get("version")]
    version = next(iter([*named, *counted]), None)
    return LookedBy(
        framework=publishing.open_framework(session, version.id if version else publishing.find_version(session)),
        chosen=version.public_id if version else "",
        versions=tuple((each.public_id, name_of(each.framework, each.version)) for each in counted),
    )


def frameworks(session: Session, platform_id: PlatformId) -> tuple[Framework, ...]:
    """All that courses of the platform are on, the newest first; the newest there is where nothing is counted."""
    counted = [each.id for each in version_queries.versions_counted(session, platform_id)]
    return tuple(publishing.open_framework(session, each) for each in counted or [publishing.find_version(session)])


def name_of(framework: str, version: str) -> str:
    """What pages call a version."""
    return f"{framework} {version}"
