"""Catalogue documents for tests: the packaged one, and small ones of any shape."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lti_tool.competency.catalogue import parse_json

PACKAGED = Path(__file__).parents[2] / "config" / "frameworks" / "kg-ict-teachers-1.0.json"


def packaged_catalogue() -> dict[str, Any]:
    """The packaged catalogue as a document of one's own, free to be changed."""
    return parse_json(PACKAGED.read_bytes())


def small_catalogue(
    shape: Sequence[Sequence[int]] = ((3, 2, 1),), version: str = "1", keys: Sequence[str] = ()
) -> dict[str, Any]:
    """One aspect; each member of `shape` is a competency: how many indicators it has on each level.

    The default is the competency of the worked examples in the rules: codes 1.1.1.a to c, 1.1.2.a and b, 1.1.3.a.
    """
    competencies = [_competency(f"1.{number}", levels) for number, levels in enumerate(shape, start=1)]
    return {
        "edition": {"framework": "small", "version": version, "key_indicators": list(keys)},
        "framework": {"title_ky": "Кичи талаптар", "title_ru": "Малые требования", "title_en": "Small requirements"},
        "levels": [_level(number) for number in range(1, max(map(len, shape)) + 1)],
        "aspects": [{"number": 1, "title_ky": "Аспект", "competencies": competencies}],
    }


def _level(number: int) -> dict[str, Any]:
    return {"number": number, "name_ky": f"{number}-деңгээл", "name_ru": f"Уровень {number}"}


def _competency(code: str, levels: Sequence[int]) -> dict[str, Any]:
    return {
        "code": code,
        "text_ky": f"{code} компетенттүүлүгү",
        "indicators": [
            {"code": f"{code}.{level}.{letter}", "level": level, "text_ky": f"{code}.{level}.{letter} көрсөткүчү"}
            for level, number in enumerate(levels, start=1)
            for letter in "abcdefghij"[:number]
        ],
    }


def next_catalogue(version: str = "2.0") -> dict[str, Any]:
    """A plausible next version of the packaged requirements.

    1.1.1.b and 4.1.1.a reworded, 4.1.1.b split into 4.1.1.b and j, 2.2.1.a and b merged into 2.2.1.a, 3.1.3.c removed,
    4.2.1.c new.
    """
    document = packaged_catalogue()
    document["edition"]["version"] = version
    document["framework"].pop("counts")
    own = {each["code"]: each for each in _indicators(document)}
    own["1.1.1.b"]["text_ky"] = "Саясаттын жүзөгө ашырылуусу билим берүү процессине таасирин талдайт."
    own["4.1.1.a"]["text_ky"] = "Техникалык жана мобилдик шаймандардын колдонулушун сүрөттөйт жана көрсөтөт."
    own["4.1.1.b"]["text_ky"] = "Жөнөкөй тексттик документтерди жана презентацияларды даярдайт."
    own["2.2.1.a"]["text_ky"] = (
        "Окуучулардын окуудагы жетишкендиктерин баалоого жана кайтарым байланышты түзүп берүүгө тиешелүү МКТны тандайт."
    )
    _put_after(document, "4.1.1.i", {"code": "4.1.1.j", "level": 1, "text_ky": "Презентацияларды, графиктерди түзөт."})
    _put_after(document, "2.2.1.b", None)
    _put_after(document, "3.1.3.c", None)
    added = "Жасалма интеллект берген жооптордун ишенимдүүлүгүн текшерет."
    _put_after(document, "4.2.1.b", {"code": "4.2.1.c", "level": 1, "text_ky": added})
    return document


def _indicators(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [each for _competency, each in _placed(document)]


def _placed(document: dict[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [
        (competency, indicator)
        for aspect in document["aspects"]
        for competency in aspect["competencies"]
        for indicator in competency["indicators"]
    ]


def _put_after(document: dict[str, Any], code: str, indicator: dict[str, Any] | None) -> None:
    """Puts an indicator after the one with this code; None takes that one away."""
    competency, place = next((each, one) for each, one in _placed(document) if one["code"] == code)
    at = competency["indicators"].index(place)
    competency["indicators"][at : at + 1] = [place, indicator] if indicator else []
