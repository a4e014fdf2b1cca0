"""Publishing versions of the requirements: imports, exports, and the packaged one that every new database gets."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.competency import store
from lti_tool.competency.catalogue import EDITION, Framework, parse_json, without_edition
from lti_tool.competency.store import VersionInfo
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import FrameworkVersionId

FOLDER = "frameworks"
"""Where the packaged catalogues lie within the folder of the configuration."""


def publish(
    session: Session, data: bytes, now: datetime, framework: str | None = None, version: str | None = None
) -> FrameworkVersionId:
    """Imports a catalogue file as a version, or finds it stored already.

    A file without an `edition` block (the published catalogue alone) takes `framework` and `version` from the caller;
    without them it must be the content of a version that is stored.
    Raises RuleBroken: framework_unreadable, framework_faulty (facts["faults"]), framework_unnamed,
    framework_version_taken.
    """
    document = parse_json(data)
    if EDITION not in document and not (framework or version):
        return _stored_as(session, document)
    return store.import_framework(session, _named(document, framework, version), now)


def _stored_as(session: Session, bare: Mapping[str, Any]) -> FrameworkVersionId:
    for info in store.list_versions(session):
        if without_edition(store.load_document(session, info.id)) == bare:
            return info.id
    raise RuleBroken("framework_unnamed", missing=EDITION)


def _named(document: dict[str, Any], framework: str | None, version: str | None) -> dict[str, Any]:
    given = {key: value for key, value in (("framework", framework), ("version", version)) if value}
    edition = document.get(EDITION, {})
    if not given or not isinstance(edition, dict):
        return document
    return {EDITION: {**edition, **given}, **without_edition(document)}


def ensure_packaged(session: Session, config: Path, now: datetime) -> FrameworkVersionId:
    """The newest stored version; where there is none, the packaged catalogues are imported first.

    `config` is the folder of the configuration (`settings.config_dir()`). Safe when several processes start at once.
    Raises NotFound("framework_not_packaged") where the package carries none.
    """
    newest = store.newest_version(session)
    if newest is not None:
        return newest
    imported = [publish(session, path.read_bytes(), now) for path in sorted((config / FOLDER).glob("*.json"))]
    if not imported:
        raise NotFound("framework_not_packaged", folder=str(config / FOLDER))
    return imported[-1]


def versions(session: Session) -> Sequence[VersionInfo]:
    """All stored versions, the newest import first."""
    return store.list_versions(session)


def open_framework(session: Session, version: FrameworkVersionId) -> Framework:
    """A stored version as a value. Raises NotFound("framework_version_unknown")."""
    return store.load_framework(session, version)


def find_version(session: Session, framework: str | None = None, version: str | None = None) -> FrameworkVersionId:
    """The newest import of this name; anything left open fits. Raises NotFound("framework_version_unknown")."""
    for info in store.list_versions(session):
        if framework in (None, info.framework) and version in (None, info.version):
            return info.id
    raise NotFound("framework_version_unknown", framework=framework, version=version)


def exported(session: Session, version: FrameworkVersionId, *, with_edition: bool = False) -> bytes:
    """The catalogue as a JSON file in UTF-8, the published keys only unless `with_edition`.

    One space of indent and a final newline: byte for byte the published file, so that two can be compared with diff.
    """
    document = store.load_document(session, version)
    shown = document if with_edition else without_edition(document)
    return (json.dumps(shown, ensure_ascii=False, indent=1) + "\n").encode()
