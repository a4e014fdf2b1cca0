"""The words for states of levels in any language, without Flask: pages show them, and comments in the LMS say them."""

from __future__ import annotations

from collections.abc import Callable

from lti_tool.competency.model import LevelState


def level_words(_: Callable[[str], str]) -> dict[LevelState, str]:
    """The word for each state; `_` gives sentences in the language that is wanted."""
    return {
        LevelState.MET: _("Met"),
        LevelState.NOT_MET: _("Not met"),
        LevelState.IN_PROGRESS: _("In progress"),
        LevelState.NO_EVIDENCE: _("No evidence yet"),
        LevelState.NOT_ASSESSABLE: _("Not assessable here"),
        LevelState.TRANSPARENT: _("No indicators"),
    }
