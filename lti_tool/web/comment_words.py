"""The comment beside a grade in the LMS's gradebook: level and state in words, in the participant's language."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

from babel.dates import format_date
from babel.support import NullTranslations

from lti_tool.competency.model import LevelState
from lti_tool.grading.model import CommentWriter, ScoreFacts, WithdrawalReason
from lti_tool.ids import PublicId
from lti_tool.web.level_words import level_words
from lti_tool.web.sentences import day_pattern, translations

NOWHERE = PublicId("")
NEVER = datetime.min.replace(tzinfo=UTC)
SENTENCES = 4096


def comment_writer(base_url: str) -> CommentWriter:
    """Writes comments in whatever language the person reads; `base_url` is where this tool is reached."""

    # A course's comments are few sentences to many people, and making one costs as much as sending it.
    @lru_cache(SENTENCES)
    def words(facts: ScoreFacts, decided: date, locale: str) -> str:
        told = translations(locale)
        day = format_date(decided, day_pattern(locale), locale=locale)
        parts = [_standing(facts, told.gettext), _indicators(facts, told), f"{day}."]
        return " ".join(part for part in parts if part)

    def write(facts: ScoreFacts, locale: str) -> str:
        link = f"{base_url}/c/{facts.course}/me/{facts.code}" if facts.code else f"{base_url}/c/{facts.course}/me"
        of_nobody = replace(facts, course=NOWHERE, person=NOWHERE, decided_at=NEVER)
        return f"{words(of_nobody, facts.decided_at.date(), locale)} {link}"

    return write


def _standing(facts: ScoreFacts, _: Callable[[str], str]) -> str:
    if facts.withdrawn is WithdrawalReason.NOT_TARGETED:
        return _("This course no longer assesses this competency; the grade is withdrawn.")
    if facts.withdrawn is WithdrawalReason.NOT_ESTABLISHED and not facts.code:
        return _("The activity is not assessed any more; the grade is withdrawn.")
    if facts.withdrawn is WithdrawalReason.NOT_ESTABLISHED:
        return _("The level is not established any more because evidence is missing; the grade is withdrawn.")
    if not facts.code:
        return _("Assessed by the indicators of the activity.")
    if facts.level is None:
        return _("The level is not yet established.")
    if facts.level == 0:
        return _("Below the basic level.")
    return _("Level %(level)d is established.") % {"level": facts.level}


def _indicators(facts: ScoreFacts, told: NullTranslations) -> str:
    if not facts.indicators or facts.withdrawn is not None or facts.state not in set(LevelState):
        return ""
    state, ngettext = LevelState(facts.state), told.ngettext
    if state is LevelState.MET:
        sentence = ngettext(
            "Highest level: %(attained)d of %(num)d indicator.",
            "Highest level: %(attained)d of %(num)d indicators.",
            facts.indicators,
        )
    else:
        sentence = ngettext(
            "Next level: %(state)s, %(attained)d of %(num)d indicator.",
            "Next level: %(state)s, %(attained)d of %(num)d indicators.",
            facts.indicators,
        )
    word = level_words(told.gettext)[state].lower()
    return sentence % {"state": word, "attained": facts.attained, "num": facts.indicators}
