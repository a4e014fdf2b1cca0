"""One CASE document: an edition of a framework in one language, with its GUIDs and addresses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

from lti_tool.catalogue.case_ids import Guids
from lti_tool.catalogue.case_words import WORDS, CaseWords
from lti_tool.competency.framework import LANGUAGES, OFFICIAL_LANGUAGE, Framework

Record = dict[str, Any]


@dataclass(frozen=True)
class Paper:
    """What all records of one document share. `root` is the address under which they stand."""

    framework: Framework
    edition: str
    changed: datetime
    language: str
    root: str

    @property
    def is_official(self) -> bool:
        """Whether it is the requirements' own wording."""
        return self.language == OFFICIAL_LANGUAGE

    @cached_property
    def guids(self) -> Guids:
        """Of what stands in this document."""
        return Guids(self.framework.framework, self.edition, self.language)

    @cached_property
    def official(self) -> Guids:
        """Of the same in the official document."""
        return Guids(self.framework.framework, self.edition, OFFICIAL_LANGUAGE)

    @property
    def words(self) -> CaseWords:
        """Its few words that are not the requirements'."""
        return WORDS[self.language]

    @cached_property
    def stamp(self) -> str:
        """When it was imported, as CASE writes times."""
        return self.changed.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @cached_property
    def document(self) -> Record:
        """The CFDocument as a package holds it."""
        guid, names = self.guids.document(), [author.name for author in self.framework.authors]
        official = f"{self.root}/CFDocuments/{self.official.document()}"
        return {
            "identifier": guid,
            "uri": f"{self.root}/CFDocuments/{guid}",
            "creator": line("; ".join(names)) or self.framework.framework,
            "title": line(self.framework.title(self.language)),
            "lastChangeDateTime": self.stamp,
            "language": self.language,
            "version": self.framework.version,
            **({} if self.is_official else {"notes": f"{self.words.status} {official}"}),
        }

    def link(self, kind: str, guid: str, title: str) -> Record:
        """A LinkURI to something of this service."""
        return {"title": title, "identifier": guid, "uri": f"{self.root}/{kind}/{guid}"}


def papers(framework: Framework, edition: str, changed: datetime, root: str) -> tuple[Paper, ...]:
    """A document for each language in which the framework has a title of its own, the official one first."""
    given = framework.titles.by_language()
    return tuple(Paper(framework, edition, changed, language, root) for language in LANGUAGES if language in given)


def line(text: str) -> str:
    """The text in one line, as the standard's NormalizedString has to be."""
    return " ".join(text.split())
