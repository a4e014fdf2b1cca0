"""The comment beside a grade in the LMS's gradebook: level and state in words, in the participant's language."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from functools import lru_cache

from flask import Flask

from lti_tool.competency.model import LevelState
from lti_tool.grading.model import CommentWriter, ScoreFacts, WithdrawalReason
from lti_tool.ids import PublicId
from lti_tool.web.dates import day
from lti_tool.web.i18n import gettext as _
from lti_tool.web.i18n import ngettext, speaking
from lti_tool.web.states import level_mark

NOWHERE = PublicId("")
NEVER = datetime.min.replace(tzinfo=UTC)
SENTENCES = 4096


def comment_writer(app: Flask) -> CommentWriter:
    """Writes comments outside any request, in whatever language the person reads."""
    base_url = app.extensions["tool"].settings.base_url

    # A course's comments are few sentences to many people, and making one costs as much as sending it.
    @lru_cache(SENTENCES)
    def words(facts: ScoreFacts, decided: date, locale: str) -> str:
        with app.test_request_context(base_url=base_url), speaking(locale):
            parts = [_standing(facts), _indicators(facts), day(decided) + "."]
            return " ".join(part for part in parts if part)

    def write(facts: ScoreFacts, locale: str) -> str:
        link = f"{base_url}/c/{facts.course}/me/{facts.code}" if facts.code else f"{base_url}/c/{facts.course}/me"
        of_nobody = replace(facts, course=NOWHERE, person=NOWHERE, decided_at=NEVER)
        return f"{words(of_nobody, facts.decided_at.date(), locale)} {link}"

    return write


def _standing(facts: ScoreFacts) -> str:
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
    return _("Level %(level)d is established.", level=facts.level)


def _indicators(facts: ScoreFacts) -> str:
    if not facts.indicators or facts.withdrawn is not None or facts.state not in set(LevelState):
        return ""
    if facts.state == LevelState.MET:
        return ngettext(
            "Highest level: %(attained)d of %(num)d indicator.",
            "Highest level: %(attained)d of %(num)d indicators.",
            facts.indicators,
            attained=facts.attained,
        )
    return ngettext(
        "Next level: %(state)s, %(attained)d of %(num)d indicator.",
        "Next level: %(state)s, %(attained)d of %(num)d indicators.",
        facts.indicators,
        attained=facts.attained,
        state=level_mark(LevelState(facts.state)).label.lower(),
    )
