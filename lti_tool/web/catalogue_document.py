"""*About the document*: the rest of the requirements, their versions, and the files for other systems."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from lti_tool.catalogue.bookshelf import Bookshelf
from lti_tool.catalogue.case import ROOT
from lti_tool.competency.framework import Provision
from lti_tool.web import dates
from lti_tool.web.catalogue_reading import Reader, address
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText, Link


@dataclass(frozen=True, slots=True)
class ProvisionView:
    """A numbered paragraph with its points."""

    number: str
    text: FrameworkText
    items: tuple[ProvisionView, ...]


@dataclass(frozen=True, slots=True)
class SourceView:
    """A law, strategy or standard."""

    text: FrameworkText
    year: str
    url: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    """A stored version."""

    name: str
    link: Link
    imported_at: datetime
    is_newest: bool


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """What the page shows."""

    title: FrameworkText
    provisions: tuple[ProvisionView, ...]
    sources: tuple[SourceView, ...]
    equipment: tuple[FrameworkText, ...]
    authors: tuple[tuple[str, FrameworkText], ...]
    versions: tuple[VersionLine, ...]
    files: tuple[tuple[Link, str], ...]
    """(way, what it is for)"""


def document_page(reader: Reader, shelf: Bookshelf) -> DocumentPage:
    """Everything beside competencies and glossary."""
    framework = reader.framework
    return DocumentPage(
        title=reader.wording(framework.titles),
        provisions=tuple(_provision(reader, each) for each in framework.provisions),
        sources=tuple(
            SourceView(reader.wording(each.titles), _dated(each.year), each.url)
            for each in framework.normative_documents
        ),
        equipment=tuple(reader.wording(each) for each in framework.equipment),
        authors=tuple((each.name, reader.wording(each.posts)) for each in framework.authors),
        versions=_versions(shelf),
        files=_files(reader),
    )


def _dated(year: str) -> str:
    """A year or years as they stand; a whole day as the page writes it."""
    try:
        return dates.day(date.fromisoformat(year))
    except ValueError:
        return year


def _provision(reader: Reader, each: Provision) -> ProvisionView:
    items = tuple(_provision(reader, item) for item in each.items)
    return ProvisionView(each.number, reader.wording(each.texts), items)


def _versions(shelf: Bookshelf) -> tuple[VersionLine, ...]:
    lines = []
    for volume in shelf.volumes:
        named = {"framework": volume.framework.framework, "version": volume.framework.version}
        url = address("catalogue.overview", **named)
        newest = volume is shelf.volume()
        lines.append(VersionLine(named["framework"], Link(named["version"], url), volume.imported_at, newest))
    return tuple(lines)


def _files(reader: Reader) -> tuple[tuple[Link, str], ...]:
    named = {"framework": reader.framework.framework, "version": reader.framework.version} if reader.fixed else {}
    moodle = address("catalogue_files.moodle", **named, lang=reader.language)
    json_file = address("catalogue_files.catalogue_json", **named, lang=None)
    return (
        (Link("CSV", moodle), _("Competency framework for Moodle: Site administration, Competencies, Import.")),
        (Link("JSON", json_file), _("The whole document in three languages.")),
        (Link("CASE 1.0", f"{ROOT}/CFDocuments"), _("For catalogues and repositories of competencies (1EdTech).")),
    )
