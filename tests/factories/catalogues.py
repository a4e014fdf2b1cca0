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
