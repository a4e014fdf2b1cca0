"""The associations of a CASE document: what stands under what, in which order, and what translates what. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from lti_tool.catalogue.case_ids import association
from lti_tool.catalogue.case_items import Place
from lti_tool.catalogue.case_paper import Paper, Record, line
from lti_tool.competency.framework import OFFICIAL_LANGUAGE


def associations(paper: Paper, items: Mapping[Place, Record]) -> tuple[Record, ...]:
    """Every CFAssociation as a package holds it."""
    nodes = {place: paper.link("CFItems", item["identifier"], item["fullStatement"]) for place, item in items.items()}
    links = _Links(paper, nodes)
    return (*links.tree(), *links.levels(), *links.translations())


class _Links:
    """Writes the associations between the nodes of a document."""

    def __init__(self, paper: Paper, nodes: Mapping[Place, Record]) -> None:
        self.paper = paper
        self.nodes = nodes
        self.root = paper.link("CFDocuments", paper.guids.document(), paper.document["title"])

    def tree(self) -> Iterator[Record]:
        """Indicator under competency under aspect under the document; the levels beside the aspects."""
        framework = self.paper.framework
        for at, aspect in enumerate(framework.aspects, start=1):
            here = self.nodes["aspect", str(aspect.number)]
            yield self._link("isChildOf", here, self.root, at)
            for within, competency in enumerate(aspect.competencies, start=1):
                parent = self.nodes["competency", competency.code]
                yield self._link("isChildOf", parent, here, within)
                for place, each in enumerate(competency.indicators, start=1):
                    yield self._link("isChildOf", self.nodes["indicator", each.code], parent, place)
        for at, level in enumerate(framework.levels, start=len(framework.aspects) + 1):
            yield self._link("isChildOf", self.nodes["level", str(level.number)], self.root, at)

    def levels(self) -> Iterator[Record]:
        """Each level precedes the next one, and an indicator shows one of them."""
        steps = [self.nodes["level", str(level.number)] for level in self.paper.framework.levels]
        for lower, higher in pairwise(steps):
            yield self._link("precedes", lower, higher)
        for each in self.paper.framework.indicators:
            yield self._link("hasSkillLevel", self.nodes["indicator", each.code], self.nodes["level", str(each.level)])

    def translations(self) -> Iterator[Record]:
        """What the document translates: the official one, item by item."""
        if self.paper.is_official:
            return
        paper, title = self.paper, line(self.paper.framework.title(OFFICIAL_LANGUAGE))
        yield self._link("exactMatchOf", self.root, paper.link("CFDocuments", paper.official.document(), title))
        for (kind, code), node in self.nodes.items():
            yield self._link(
                "exactMatchOf", node, paper.link("CFItems", paper.official.item(kind, code), node["title"])
            )

    def _link(self, kind: str, origin: Record, destination: Record, place: int | None = None) -> Record:
        guid = association(kind, origin["identifier"], destination["identifier"])
        return {
            "identifier": guid,
            "associationType": kind,
            "uri": f"{self.paper.root}/CFAssociations/{guid}",
            "originNodeURI": origin,
            "destinationNodeURI": destination,
            **({} if place is None else {"sequenceNumber": place}),
            "lastChangeDateTime": self.paper.stamp,
        }
