"""The sentences of badges that are not the requirements' own, in the language of the badge; and who certifies."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import url_for

from lti_tool.credentials.badge import Issuer, Place, Words
from lti_tool.credentials.badges import Signing
from lti_tool.ids import PlatformId
from lti_tool.lti import queries as lti_queries
from lti_tool.web.database import db
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import speaking
from lti_tool.web.tool import tool


def words_of(place: Place) -> Words:
    """What a badge for this level says, in its language."""
    with speaking(place.language):
        return Words(name_of(place), _description(place), _criteria(place), _("Level of the competency"))


def name_of(place: Place) -> str:
    """Like "Digital resources: Intermediate level"."""
    title, level = place.competency.short_title(place.language), place.level.name(place.language)
    return _("%(competency)s: %(level)s", competency=title, level=level)


def _description(place: Place) -> str:
    asked = _line(place.competency.text(place.language))
    return f"{place.competency.code}. {asked} {_line(place.framework.title(place.language))}"


def _criteria(place: Place) -> str:
    """In Markdown, as the standard allows: the rule in a sentence, then the indicators."""
    indicators = place.competency.of_level(place.level.number)
    shape = next(each for each in place.framework.shape().competencies if each.id == place.competency.id)
    needed = next(each.needed for each in shape.levels if each.number == place.level.number)
    rule = _(
        "The institute certified this level when it closed a course: at least %(needed)s of these %(all)s indicators "
        "were shown.",
        needed=needed,
        all=len(indicators),
    )
    below = _("All levels below it were shown, too.") if place.level != place.framework.levels[0] else ""
    lines = [f"- {each.code} {_line(each.text(place.language))}" for each in indicators]
    return "\n".join([f"{rule} {below}".strip(), "", *lines])


def _line(text: str) -> str:
    return " ".join(text.split())


def issuer(platform_id: PlatformId | None = None) -> Issuer:
    """Who certifies: the institute by its name, else as its LMS is called, else by the tool's own address."""
    settings = tool().settings
    named = settings.institute_name or (
        lti_queries.only_platform_name(db()) if platform_id is None else lti_queries.platform_name(db(), platform_id)
    )
    return Issuer(named or str(urlsplit(settings.base_url).hostname), settings.base_url)


def signing(platform_id: PlatformId) -> Signing:
    """What badges for people of a platform are made with."""
    return Signing(tool().credential_keys, tool().settings.base_url, issuer(platform_id), words_of)


def check_address(public_id: str) -> str:
    """Where anybody may check what was carried away."""
    return f"{tool().settings.base_url}/verify/{public_id}"


def address(public_id: str, ending: str = "") -> str:
    """Where a badge is given out to programs."""
    if not ending:
        return url_for("credentials.show", credential=public_id)
    return url_for("credentials.file", credential=public_id, ending=ending)
