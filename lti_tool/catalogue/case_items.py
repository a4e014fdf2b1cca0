"""The items, item types and concepts of a CASE document. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from lti_tool.catalogue.case_paper import Paper, Record, line
from lti_tool.catalogue.terms import Marker
from lti_tool.competency.framework import LANGUAGES, Level, Localized

Place = tuple[str, str]
"""Kind and code: ("indicator", "4.1.1.a")."""


def items(paper: Paper) -> Mapping[Place, Record]:
    """Every CFItem as a package holds it, in the order of the document; the levels come last."""
    return dict(_items(_Writer(paper)))


def _items(write: _Writer) -> Iterator[tuple[Place, Record]]:
    paper = write.paper
    for aspect in paper.framework.aspects:
        yield write.item("aspect", str(aspect.number), aspect.titles)
        for competency in aspect.competencies:
            short = line(competency.short_title(paper.language))
            yield write.item("competency", competency.code, competency.texts, abbreviatedStatement=short)
            for each in competency.indicators:
                yield write.item("indicator", each.code, each.texts, listEnumeration=each.code.rpartition(".")[2])
    for level in paper.framework.levels:
        yield write.level(level)


class _Writer:
    """Writes items, and knows which terms of the glossary their texts use."""

    def __init__(self, paper: Paper) -> None:
        self.paper = paper
        self.terms = {term.number: term for term in paper.framework.glossary}
        self.markers = {language: Marker(paper.framework.glossary, language) for language in LANGUAGES}

    def item(self, kind: str, code: str, texts: Localized, **more: str) -> tuple[Place, Record]:
        """An item with its text; `more` are further properties of it."""
        paper, said = self.paper, line(texts.text(self.paper.language))
        guid, title = paper.guids.item(kind, code), paper.words.type(kind).title
        record = {
            "identifier": guid,
            "uri": f"{paper.root}/CFItems/{guid}",
            "fullStatement": said,
            "humanCodingScheme": code,
            "CFItemType": title,
            "CFItemTypeURI": paper.link("CFItemTypes", paper.guids.item_type(kind), title),
            "language": texts.served(paper.language),
            "lastChangeDateTime": paper.stamp,
        }
        return (kind, code), record | self._concepts(said, texts.served(paper.language)) | more

    def level(self, level: Level) -> tuple[Place, Record]:
        """A level's number is no code of its own: the first level and the first aspect are both called 1."""
        number, language = str(level.number), self.paper.language
        place, record = self.item("level", number, level.names, listEnumeration=number)
        del record["humanCodingScheme"]
        said = [level.name(language), level.subtitle(language)]
        record["fullStatement"] = line(". ".join(part for part in said if part))
        return place, record | ({"notes": level.description(language)} if level.description(language) else {})

    def _concepts(self, said: str, language: str) -> Record:
        used = [self.terms[number] for number in self.markers[language].terms_in(said)]
        if not used:
            return {}
        named = {"conceptKeywords": [line(term.term(language)) for term in used]}
        # The standard has room for one link, so it is given where one says everything.
        return named | ({"conceptKeywordsURI": _concept_link(self.paper, used[0].number)} if len(used) == 1 else {})


def _concept_link(paper: Paper, number: int) -> Record:
    term = next(each for each in paper.framework.glossary if each.number == number)
    return paper.link("CFConcepts", paper.guids.concept(number), line(term.term(paper.language)))


def item_types(paper: Paper) -> tuple[Record, ...]:
    """The kinds of items, each with the place in their order."""
    found = []
    for kind in paper.words.types:
        guid = paper.guids.item_type(kind.code)
        found.append(
            {
                "identifier": guid,
                "uri": f"{paper.root}/CFItemTypes/{guid}",
                "title": kind.title,
                "description": kind.description,
                "hierarchyCode": kind.hierarchy,
                "typeCode": kind.code,
                "lastChangeDateTime": paper.stamp,
            }
        )
    return tuple(found)


def concepts(paper: Paper) -> tuple[Record, ...]:
    """The terms of the glossary."""
    found = []
    for term in paper.framework.glossary:
        link, short = _concept_link(paper, term.number), term.abbreviations
        found.append(
            {
                **link,
                **({"keywords": line(short.text(paper.language))} if short else {}),
                "hierarchyCode": str(term.number),
                "description": term.definition(paper.language),
                "lastChangeDateTime": paper.stamp,
            }
        )
    return tuple(found)
