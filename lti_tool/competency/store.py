"""Loads and saves what the use cases of this package need; flushes, never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, ScalarSelect, func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lti_tool.competency import version_store
from lti_tool.competency.catalogue import Framework, RowIds, parse
from lti_tool.competency.tables import (
    AspectRow,
    CompetencyRow,
    FrameworkVersionRow,
    GlossaryTermRow,
    IndicatorRow,
    LevelRow,
)
from lti_tool.competency.version_tables import FrameworkValidityRow
from lti_tool.errors import NotFound, RuleBroken
from lti_tool.ids import CompetencyId, FrameworkVersionId, IndicatorId, PlatformId, PublicId

# ── framework ────────────────────────────────────────────────────────────────────────────────────────────────────

_loaded: WeakKeyDictionary[Engine, dict[FrameworkVersionId, Framework]] = WeakKeyDictionary()
"""Loaded versions by database: a published version never changes, so nothing here ever gets old."""

_UNCOMMITTED = "uncommitted_frameworks"


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """What a list says about a version of a framework."""

    id: FrameworkVersionId
    public_id: PublicId
    framework: str
    version: str
    title: Mapping[str, str]
    """By language; ky is official."""
    imported_at: datetime
    competencies: int
    indicators: int


def import_framework(session: Session, document: Mapping[str, Any], now: datetime) -> FrameworkVersionId:
    """Stores a catalogue as a new version; the same content again answers with the version that is there.

    Raises RuleBroken("framework_faulty") for a faulty catalogue, RuleBroken("framework_version_taken") where the
    version is stored with other content: a published version is never changed.
    """
    framework = parse(document)
    try:
        with session.begin_nested():
            present = _same(session, framework, document)
            return present if present is not None else _insert(session, framework, document, now)
    except IntegrityError:
        # Another process imported it between our look and our insert; now it is there to compare with.
        present = _same(session, framework, document)
        if present is None:
            raise
        return present


def _same(session: Session, framework: Framework, document: Mapping[str, Any]) -> FrameworkVersionId | None:
    """The stored version of this name with this very content; None where there is none of this name."""
    row = session.execute(
        select(FrameworkVersionRow.id, FrameworkVersionRow.document).where(
            FrameworkVersionRow.framework == framework.framework, FrameworkVersionRow.version == framework.version
        )
    ).one_or_none()
    if row is None:
        return None
    if row.document != document:
        raise RuleBroken("framework_version_taken", framework=framework.framework, version=framework.version)
    return FrameworkVersionId(row.id)


def _insert(session: Session, framework: Framework, document: Mapping[str, Any], now: datetime) -> FrameworkVersionId:
    version = FrameworkVersionRow(
        framework=framework.framework,
        version=framework.version,
        title=framework.titles.by_language(),
        document=dict(document),
        imported_at=now,
    )
    session.add(version)
    session.flush()
    session.add_all(_levels_and_terms(framework, version.id))
    competencies = _insert_competencies(session, framework, version.id)
    session.add_all(
        IndicatorRow(
            framework_version_id=version.id,
            competency_id=competencies[indicator.competency],
            level=indicator.level,
            code=indicator.code,
            position=position,
            is_key=indicator.is_key,
            text=indicator.texts.by_language(),
        )
        for position, indicator in enumerate(framework.indicators, start=1)
    )
    session.flush()
    stored = FrameworkVersionId(version.id)
    session.info.setdefault(_UNCOMMITTED, set()).add(stored)
    return stored


def _levels_and_terms(framework: Framework, version: int) -> list[LevelRow | GlossaryTermRow]:
    levels = [
        LevelRow(
            framework_version_id=version,
            number=level.number,
            name=level.names.by_language(),
            description=level.descriptions.by_language(),
        )
        for level in framework.levels
    ]
    terms = [
        GlossaryTermRow(
            framework_version_id=version,
            number=term.number,
            term=term.terms.by_language(),
            definition=term.definitions.by_language(),
        )
        for term in framework.glossary
    ]
    return [*levels, *terms]


def _insert_competencies(session: Session, framework: Framework, version: int) -> dict[str, int]:
    """Stores aspects and competencies; row ids of the competencies by code."""
    aspects = [
        AspectRow(framework_version_id=version, number=aspect.number, title=aspect.titles.by_language())
        for aspect in framework.aspects
    ]
    session.add_all(aspects)
    session.flush()
    of_number = {row.number: row.id for row in aspects}
    rows = [
        CompetencyRow(
            framework_version_id=version,
            aspect_id=of_number[competency.aspect],
            code=competency.code,
            position=position,
            text=competency.texts.by_language(),
            short_title=competency.short_titles.by_language(),
        )
        for position, competency in enumerate(framework.competencies, start=1)
    ]
    session.add_all(rows)
    session.flush()
    return {row.code: row.id for row in rows}


def load_framework(session: Session, version: FrameworkVersionId) -> Framework:
    """A stored version as a value with its row ids; asked of the database once in a process.

    Raises NotFound("framework_version_unknown").
    """
    held = _loaded.setdefault(session.get_bind().engine, {})
    if version in held:
        return held[version]
    framework = parse(load_document(session, version), _row_ids(session, version))
    # What this session imported itself may yet be rolled back, and its id be given to another version.
    if version not in session.info.get(_UNCOMMITTED, ()):
        held[version] = framework
    return framework


def _row_ids(session: Session, version: FrameworkVersionId) -> RowIds:
    competencies = session.execute(
        select(CompetencyRow.code, CompetencyRow.id).where(CompetencyRow.framework_version_id == version)
    )
    indicators = session.execute(
        select(IndicatorRow.code, IndicatorRow.id).where(IndicatorRow.framework_version_id == version)
    )
    return RowIds(
        version,
        {code: CompetencyId(row) for code, row in competencies},
        {code: IndicatorId(row) for code, row in indicators},
    )


def load_document(session: Session, version: FrameworkVersionId) -> dict[str, Any]:
    """The catalogue as it was imported, `edition` included. Raises NotFound("framework_version_unknown")."""
    document: dict[str, Any] | None = session.scalar(
        select(FrameworkVersionRow.document).where(FrameworkVersionRow.id == version)
    )
    if document is None:
        raise NotFound("framework_version_unknown", version=version)
    return document


def list_versions(session: Session) -> Sequence[VersionInfo]:
    """All stored versions, the newest import first."""
    rows = session.execute(
        select(
            FrameworkVersionRow.id,
            FrameworkVersionRow.public_id,
            FrameworkVersionRow.framework,
            FrameworkVersionRow.version,
            FrameworkVersionRow.title,
            FrameworkVersionRow.imported_at,
            _count(CompetencyRow),
            _count(IndicatorRow),
        ).order_by(FrameworkVersionRow.imported_at.desc(), FrameworkVersionRow.id.desc())
    )
    return [
        VersionInfo(FrameworkVersionId(row), PublicId(public), framework, version, title, at, competencies, indicators)
        for row, public, framework, version, title, at, competencies, indicators in rows
    ]


def _count(table: type[CompetencyRow] | type[IndicatorRow]) -> ScalarSelect[int]:
    return (
        select(func.count()).where(table.framework_version_id == FrameworkVersionRow.id).correlate(FrameworkVersionRow)
    ).scalar_subquery()


def newest_version(session: Session, platform_id: PlatformId | None = None) -> FrameworkVersionId | None:
    """The version that new courses take: what the institute of their platform has chosen, else the newest import.

    Without those that were imported beside the others; None before the first import.
    """
    chosen = None if platform_id is None else version_store.chosen(session, platform_id)
    if chosen is not None:
        return chosen
    version, known = FrameworkVersionRow, FrameworkValidityRow
    found = session.scalar(
        select(version.id)
        .outerjoin(known, known.framework_version_id == version.id)
        .where(known.beside.is_not(True))
        .order_by(version.imported_at.desc(), version.id.desc())
        .limit(1)
    )
    return None if found is None else FrameworkVersionId(found)
