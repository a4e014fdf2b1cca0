"""The aspects of a person in a course: a radar, the same in a table, and both in one sentence for who cannot see it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from lti_tool.competency import rollup, self_assessing
from lti_tool.competency.framework import Framework
from lti_tool.competency.profile import PersonProfile
from lti_tool.competency.self_assessing import SelfView
from lti_tool.competency.standing import AspectStanding
from lti_tool.ids import IndicatorId
from lti_tool.web import explain, radar
from lti_tool.web.framework_texts import framework_text
from lti_tool.web.i18n import gettext as _
from lti_tool.web.page_data import FrameworkText
from lti_tool.web.participant_pages import level_names
from lti_tool.web.radar import Radar


@dataclass(frozen=True, slots=True)
class AspectLine:
    """One aspect: what was shown, and what the person said of themselves."""

    number: int
    title: FrameworkText
    level: str
    known: str
    """Of how many competencies a level is known."""
    is_known: bool
    said: str
    said_of: str
    """Of how many competencies the self-assessment gives a level; empty where it says nothing."""


@dataclass(frozen=True, slots=True)
class AspectsView:
    """The section of the aspects."""

    radar: Radar | None
    """None where the framework has too few aspects for a picture."""
    told: str
    """The picture in words."""
    lines: tuple[AspectLine, ...]
    has_said: bool
    """Whether the person has assessed themselves."""
    has_gap: bool
    """Whether something is unknown: the picture then needs a word about its gap."""


def build(profile: PersonProfile, views: Mapping[IndicatorId, SelfView], locale: str) -> AspectsView:
    """The aspects of one person, by what was shown and by what they said of themselves."""
    framework = profile.framework
    shape = framework.shape()
    shown = rollup.aspects(shape, rollup.established_levels(profile.standings))
    said = rollup.aspects(shape, self_assessing.levels_said(shape, views))
    lines = _lines(framework, shown, said, locale)
    return AspectsView(
        radar=radar.draw(
            [str(each.aspect) for each in shown],
            [each.level for each in shown],
            [each.level for each in said],
            shape.top,
        ),
        told=_told(lines, bool(views)),
        lines=lines,
        has_said=bool(views),
        has_gap=any(each.level is None for each in shown),
    )


def _lines(
    framework: Framework, shown: tuple[AspectStanding, ...], said: tuple[AspectStanding, ...], locale: str
) -> tuple[AspectLine, ...]:
    return tuple(_line(framework, one, other, locale) for one, other in zip(shown, said, strict=True))


# Many people stand alike in one aspect.
@lru_cache(maxsize=1024)
def _line(framework: Framework, shown: AspectStanding, said: AspectStanding, locale: str) -> AspectLine:
    aspect, names = framework.aspect(shown.aspect), level_names(framework, locale)
    return AspectLine(
        number=aspect.number,
        title=framework_text(aspect.titles, locale),
        level=explain.standing_name(shown.level, names),
        known=_known(shown),
        is_known=shown.level is not None,
        said=explain.standing_name(said.level, names) if said.assessed else _("nothing said"),
        said_of=_known(said) if said.assessed else "",
    )


def _known(standing: AspectStanding) -> str:
    return _("%(assessed)d of %(total)d assessed", assessed=standing.assessed, total=standing.total)


def _told(lines: tuple[AspectLine, ...], has_said: bool) -> str:
    """Every axis in words: what was shown, and the self-assessment where there is one."""
    return " ".join(
        _("%(number)d. %(title)s: %(level)s; self-assessment: %(said)s.", **_facts(each), said=each.said)
        if has_said
        else _("%(number)d. %(title)s: %(level)s.", **_facts(each))
        for each in lines
    )


def _facts(line: AspectLine) -> dict[str, object]:
    return {"number": line.number, "title": line.title.text, "level": line.level}
