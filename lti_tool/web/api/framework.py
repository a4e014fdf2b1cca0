"""The requirements: competencies, levels and indicators with their codes, in the reader's language."""

from __future__ import annotations

from lti_tool.competency import publishing
from lti_tool.competency.framework import Competency, Indicator, Level, Localized, is_official
from lti_tool.errors import NotFound
from lti_tool.ids import FrameworkVersionId
from lti_tool.web.api import answers
from lti_tool.web.api.calls import Call
from lti_tool.web.api.parameters import VersionQuery
from lti_tool.web.api.problems import Refused


def framework(call: Call, query: VersionQuery) -> answers.Framework:
    """A version of the requirements."""
    found, language = publishing.open_framework(call.session, asked(call, query)), call.locale
    return answers.Framework(
        framework=found.framework,
        version=found.version,
        title=_text(found.titles, language),
        levels=[_level(each, language) for each in found.levels],
        aspects=[answers.Aspect(number=each.number, title=_text(each.titles, language)) for each in found.aspects],
        competencies=[_competency(each, language) for each in found.competencies],
    )


def asked(call: Call, query: VersionQuery) -> FrameworkVersionId:
    """The version that was asked for, or the newest. Raises Refused("not-found")."""
    try:
        return publishing.find_version(call.session, version=query.version)
    except NotFound as none:
        raise Refused("not-found") from none


def _level(level: Level, language: str) -> answers.Level:
    return answers.Level(
        number=level.number,
        name=_text(level.names, language),
        description=_text(level.descriptions, language),
    )


def _competency(competency: Competency, language: str) -> answers.Competency:
    return answers.Competency(
        code=competency.code,
        aspect=competency.aspect,
        short_title=_text(competency.short_titles, language, ours=True),
        text=_text(competency.texts, language),
        indicators=[_indicator(each, language) for each in competency.indicators],
    )


def _indicator(indicator: Indicator, language: str) -> answers.Indicator:
    return answers.Indicator(
        code=indicator.code, level=indicator.level, key=indicator.is_key, text=_text(indicator.texts, language)
    )


def _text(texts: Localized, language: str, *, ours: bool = False) -> answers.Text:
    served = texts.served(language)
    return answers.Text(text=texts.text(language), language=served, official=is_official(served) and not ours)
