"""The requirements as CASE 1.0 (1EdTech, Competencies and Academic Standards Exchange): everything that is offered.

Pure. What the standard leaves open is settled so:

- A document is one edition in one language. The Kyrgyz one is official; the Russian and the English one say that they
  are unofficial translations, and each of their items is an `exactMatchOf` the official one. The `language` of an item
  is the one in which its text really is.
- Indicator, competency and aspect stand in each other by `isChildOf`. `educationLevel` speaks of pupils and is not
  used: levels are items of their own, each `precedes` the next, and an indicator `hasSkillLevel` one of them.
- Terms of the glossary are concepts; an item names those that its text uses.
- Subjects, licence, adoption status and rubrics are left out: the requirements state none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from lti_tool.catalogue.case_items import concepts, item_types, items
from lti_tool.catalogue.case_links import associations
from lti_tool.catalogue.case_paper import Paper, Record, papers
from lti_tool.competency.framework import Framework

ROOT = "/ims/case/v1p0"
KINDS = (
    "CFDocuments",
    "CFPackages",
    "CFItems",
    "CFItemAssociations",
    "CFAssociations",
    "CFItemTypes",
    "CFConcepts",
    "CFSubjects",
    "CFLicenses",
    "CFAssociationGroupings",
    "CFRubrics",
)
"""What the standard lets one ask for by GUID; of the last four the requirements have none."""

Exchange = Mapping[str, Mapping[str, Record]]
"""By kind and GUID, each as it is answered."""


@dataclass(frozen=True, slots=True)
class Edition:
    """What a document is made of: the newest texts of an edition, and since when they are here."""

    framework: Framework
    number: str
    imported_at: datetime


def exchange(editions: Iterable[Edition], base_url: str) -> Exchange:
    """Everything that is offered about these editions, for addresses under `base_url`."""
    offered: dict[str, dict[str, Record]] = {kind: {} for kind in KINDS}
    for edition in editions:
        for paper in papers(edition.framework, edition.number, edition.imported_at, base_url + ROOT):
            for kind, guid, record in _offered(paper):
                offered[kind][guid] = record
    _join(offered)
    return offered


def _offered(paper: Paper) -> Iterator[tuple[str, str, Record]]:
    guid, title = paper.guids.document(), paper.document["title"]
    placed = items(paper)
    there, links = tuple(placed.values()), associations(paper, placed)
    types, terms = item_types(paper), concepts(paper)
    inside = {"CFDocumentURI": paper.link("CFDocuments", guid, title)}
    yield "CFDocuments", guid, paper.document | {"CFPackageURI": paper.link("CFPackages", guid, title)}
    yield (
        "CFPackages",
        guid,
        {
            "CFDocument": paper.document,
            "CFItems": list(there),
            "CFAssociations": list(links),
            "CFDefinitions": {"CFConcepts": list(terms), "CFItemTypes": list(types)},
        },
    )
    for record in there:
        yield "CFItems", record["identifier"], record | inside
    for record in links:
        yield "CFAssociations", record["identifier"], record | inside
    for record in types:
        yield "CFItemTypes", record["identifier"], {"CFItemTypes": _with_children(record, types)}
    for record in terms:
        yield "CFConcepts", record["identifier"], {"CFConcepts": [record]}


def _with_children(parent: Record, records: Sequence[Record]) -> list[Record]:
    below = f"{parent['hierarchyCode']}."
    return [parent, *(each for each in records if each["hierarchyCode"].startswith(below))]


def _join(offered: dict[str, dict[str, Record]]) -> None:
    """Adds to each item its associations, those from documents of other languages too."""
    joined = offered["CFItemAssociations"]
    for guid, item in offered["CFItems"].items():
        joined[guid] = {"CFItem": item, "CFAssociations": []}
    for link in offered["CFAssociations"].values():
        plain = {name: value for name, value in link.items() if name != "CFDocumentURI"}
        for end in ("originNodeURI", "destinationNodeURI"):
            if (here := joined.get(link[end]["identifier"])) is not None:
                here["CFAssociations"].append(plain)
