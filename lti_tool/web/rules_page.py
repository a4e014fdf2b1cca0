"""The rules page: each option with a sentence, what a change would do to whom, and who changed what when."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.orm import Session

from lti_tool.competency import group_queries
from lti_tool.competency.framework import Framework
from lti_tool.competency.preview import Preview
from lti_tool.competency.rule_set import Aggregation, RuleSet
from lti_tool.competency.rules import CourseRules
from lti_tool.errors import RuleBroken
from lti_tool.grading.scoring import Encoding, EncodingKind
from lti_tool.ids import CourseId
from lti_tool.people.model import Course
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.preview_words import in_words

Form = Mapping[str, str]
PERCENT = ("pass_mark", "min_coverage")
WHOLE = ("n", "overall_needed")
OPTIONAL_WHOLE = ("validity_months", "target_level")
MOST = 999
"""Of activities and of months."""


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """What the proposed rules would do, in words."""

    summary: str
    changes: tuple[str, ...]
    grades: str
    """What happens to grades although no level changes; else empty."""


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version of the course's rules."""

    title: str
    options: str
    created_at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The whole page."""

    values: Form
    """Of every field, as they stand or as they were typed."""
    seen: int
    """The version in force when the page was made."""
    aggregations: tuple[tuple[str, str], ...]
    encodings: tuple[tuple[str, str], ...]
    targets: tuple[tuple[str, str], ...]
    versions: tuple[VersionLine, ...]
    preview: PreviewPart | None = None
    previewed: str = ""
    """What was previewed, to be published as it was seen; empty where there is nothing to publish."""


def build(
    session: Session, course: Course, rules: CourseRules, form: Form | None = None, seen: Preview | None = None
) -> RulesPage:
    """The page with the rules in force, or with what was typed and what it would do."""
    versions = group_queries.rule_versions(session, course.id)
    return RulesPage(
        values=values_of(rules.options) if form is None else form,
        seen=rules.version,
        aggregations=tuple(_aggregations().items()),
        encodings=tuple(_encodings().items()),
        targets=_targets(rules.framework),
        versions=tuple(_version(each) for each in versions),
        preview=None if seen is None else _preview(session, course.id, rules, seen),
        previewed=""
        if seen is None or seen.scope.rules.options == rules.options
        else fingerprint(seen.scope.rules.options),
    )


def values_of(options: Mapping[str, Any]) -> dict[str, str]:
    """Stored options as the fields of the form show them."""
    rules, encoding = RuleSet.from_options(dict(options)), Encoding.from_options(options)
    numbers = {name: getattr(rules, name) for name in (*WHOLE, "validity_months")}
    return {
        "aggregation": rules.aggregation.value,
        "encoding": encoding.kind.value,
        "target_level": str(encoding.target_level or ""),
        "missing_is_zero": "1" if rules.missing_is_zero else "",
        **{name: str(value or "") for name, value in numbers.items()},
        **{name: _as_percent(getattr(rules, name)) for name in PERCENT},
    }


def read(form: Form, framework: Framework) -> dict[str, Any]:
    """The options that the form asks for, only what differs from the defaults.

    Raises RuleBroken for what is none, or is beyond what the framework has.
    """
    most = {
        "overall_needed": len(framework.competencies),
        "target_level": framework.shape().top,
        "n": MOST,
        "validity_months": MOST,
    }
    chosen: dict[str, Any] = {name: form.get(name, "") for name in ("aggregation", "encoding")}
    chosen |= {name: str(_percent(name, form.get(name, ""))) for name in PERCENT}
    for name in (*WHOLE, *OPTIONAL_WHOLE):
        typed = form.get(name, "").strip()
        chosen[name] = _whole(name, typed, most[name]) if typed or name in WHOLE else None
    chosen["missing_is_zero"] = bool(form.get("missing_is_zero"))
    return RuleSet.from_options(chosen).to_options() | Encoding.from_options(chosen).to_options()


def fingerprint(options: Mapping[str, Any]) -> str:
    """These options in one text, the same for the same choice and never empty."""
    return json.dumps(options, sort_keys=True)


def _percent(name: str, typed: str) -> Fraction:
    text = typed.strip().removesuffix("%").strip().replace(",", ".")
    if not text or len(text) > 12 or not text.replace(".", "", 1).isdecimal():
        raise RuleBroken("option_faulty", option=_label(name), value=typed[:20])
    value = Fraction(text) / 100
    if value > 1:
        raise RuleBroken("option_outside", option=_label(name), value=typed[:20])
    return value


def _whole(name: str, typed: str, most: int) -> int:
    if not typed.isdecimal() or len(typed) > 9:
        raise RuleBroken("option_faulty", option=_label(name), value=typed[:20])
    if not 1 <= int(typed) <= most:
        raise RuleBroken("option_outside", option=_label(name), value=typed)
    return int(typed)


def _as_percent(value: Fraction) -> str:
    """The percentage as it was typed: exact, or the page would propose another pass mark than it shows."""
    exact = value * 100
    return f"{Decimal(exact.numerator) / Decimal(exact.denominator):f}"


def _label(name: str) -> str:
    return {
        "aggregation": _("Several marks of one indicator"),
        "n": _("n of m"),
        "pass_mark": _("Pass mark"),
        "min_coverage": _("Graded at least"),
        "validity_months": _("Evidence counts for so many months"),
        "overall_needed": _("Competencies for the overall level"),
        "missing_is_zero": _("Missing work counts 0 after the course's end"),
        "encoding": _("What is sent to the gradebook"),
        "target_level": _("Target level"),
    }[name]


def _aggregations() -> dict[str, str]:
    return {
        Aggregation.MEAN.value: _("weighted mean"),
        Aggregation.BEST.value: _("the best mark"),
        Aggregation.LATEST.value: _("the latest work"),
        Aggregation.N_OF_M.value: _("n of m reach the pass mark"),
    }


def _encodings() -> dict[str, str]:
    return {
        EncodingKind.LEVEL.value: _("the level, 0 to 3"),
        EncodingKind.PROGRESS.value: _("progress towards the target level, 0 to 100"),
        EncodingKind.PASS.value: _("target level reached, 1 or 0"),
    }


def _targets(framework: Framework) -> tuple[tuple[str, str], ...]:
    chain = ("", _("as far as the course assesses without a gap"))
    return (chain, *((str(level.number), level.name(current_locale())) for level in framework.levels))


def options_in_words(options: Mapping[str, Any]) -> str:
    """Stored options, each with its value, in a sentence's part."""
    shown = values_of(options)
    words = _aggregations() | _encodings() | {"1": _("yes")}
    told = [
        _("%(option)s: %(value)s", option=_label(name), value=_in_words(name, shown[name], words))
        for name in sorted(options)
    ]
    return "; ".join(told) or _("the defaults")


def _version(version: group_queries.RuleVersion) -> VersionLine:
    return VersionLine(
        title=_("Version %(number)d", number=version.version),
        options=options_in_words(version.options),
        created_at=version.created_at,
        by=version.by or _("the tool"),
    )


def _in_words(name: str, value: str, words: Mapping[str, str]) -> str:
    if name in PERCENT:
        return f"{value} %"
    return words.get(value, value) if name in {"aggregation", "encoding", "missing_is_zero"} else value


def _preview(session: Session, course_id: CourseId, rules: CourseRules, seen: Preview) -> PreviewPart:
    words = in_words(session, course_id, rules.framework, seen)
    return PreviewPart(words.summary, words.changes, _grades(rules.options, seen.scope.rules.options))


def _grades(before: Mapping[str, Any], after: Mapping[str, Any]) -> str:
    if Encoding.from_options(before) == Encoding.from_options(after):
        return ""
    return _("All grades of this course are worked out in the new form and sent to the gradebook anew.")
