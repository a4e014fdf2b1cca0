"""Assignment and Grade Services 2.0: columns found or made, scores sent, results read.

Fulfils `grading`'s ScoreSender. Columns are searched before they are made, for platforms know no uniqueness; real
maxima are read back; no `limit` is sent, for it breaks Moodle's results (moodle-lti-facts, section 5). Does not
decide what to send nor when to try again.
"""

from __future__ import annotations

from collections.abc import Iterator

from lti_tool.errors import CourseForbids, PlatformError, PlatformForbids, Retryable, Unconfirmed
from lti_tool.ids import CourseId
from lti_tool.lti.ags_messages import (
    LINE_ITEM,
    LINE_ITEMS,
    RESULTS,
    SCORE,
    below,
    compact,
    line_item_of,
    number,
    result_of,
    score_message,
    with_query,
)
from lti_tool.lti.answers import json_of, mark_of, score_error, service_error
from lti_tool.lti.model import CourseServices, LineItem, LineItemWish, Result, Scope, Score
from lti_tool.lti.services import Call, Services, Trail, check_host
from lti_tool.outbound import Answer, AnswerUnreadable

LIST_BYTES = 10_000_000
"""A column of 20,000 results is 5 MB; everything comes in one answer where no `limit` is sent."""


class AgsSender:
    """Speaks to the gradebooks of all platforms; one object serves all threads of a process."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def ensure_line_item(self, course_id: CourseId, wish: LineItemWish) -> LineItem:
        """The column with the wished resource id and tag: the first one found, else a new one.

        Found ones may have another label or maximum. Platforms know no uniqueness, so the search comes first.
        Raises CourseForbids("line_item_scope_missing") where there is none and the tool may not make columns.
        """
        found = self.find_line_items(course_id, resource_id=wish.resource_id, tag=wish.tag)
        return found[0] if found else self._make(course_id, wish)

    def find_line_items(
        self,
        course_id: CourseId,
        *,
        resource_link_id: str | None = None,
        resource_id: str | None = None,
        tag: str | None = None,
    ) -> tuple[LineItem, ...]:
        """The tool's columns in a course that fit all that is given, in the platform's order.

        Raises PlatformForbids without the scope or service, LineItemGone where the course is gone, and what Services
        raises.
        """
        course = self._services.of(course_id)
        wanted = {"resource_link_id": resource_link_id, "resource_id": resource_id, "tag": tag}
        url = with_query(
            _line_items_url(course), **{name: value for name, value in wanted.items() if value is not None}
        )
        scopes = _reading_scope(course)
        items = _line_items(course, self._list(course, url, LINE_ITEMS, scopes))
        # Not every platform honours the filters.
        return tuple(
            item
            for item in items
            if resource_link_id in (None, item.resource_link_id)
            and resource_id in (None, item.resource_id)
            and tag in (None, item.tag)
        )

    def line_item(self, course_id: CourseId, url: str) -> LineItem:
        """The column as it stands now, its real maximum included. Raises LineItemGone where it does not."""
        course = self._services.of(course_id)
        return line_item_of(self._raw_line_item(course, url), url)

    def update_line_item(self, course_id: CourseId, item: LineItem) -> LineItem:
        """Gives the column of `item.url` the other values of `item`; returns it as it then stands.

        The whole object is sent: what a PUT leaves out is erased, the submission review included.
        """
        course = self._services.of(course_id)
        _need(course, Scope.LINE_ITEM, "line_item_scope_missing")
        wanted = {
            "label": item.label,
            "scoreMaximum": number(item.score_maximum),
            "resourceId": item.resource_id or "",
            "tag": item.tag or "",
        }
        data = compact({**self._raw_line_item(course, item.url), **wanted})
        call = Call("PUT", item.url, frozenset({Scope.LINE_ITEM}), LINE_ITEM, LINE_ITEM, data)
        answer = self._services.answer(course, call)
        if not _is_good(answer):
            raise service_error(answer, self._services.now())
        return line_item_of(self._raw_line_item(course, item.url), item.url)

    def send(self, course_id: CourseId, line_item_url: str, score: Score) -> None:
        """Sends a score, or withdraws the one that stands; returns only when the platform said that it accepted it.

        Raises ScoreOutdated, ScoreRefused, LineItemGone, PerhapsLocked, Unconfirmed, PlatformForbids,
        PlatformUnavailable (lti-security, section 3).
        """
        course = self._services.of(course_id)
        _need(course, Scope.SCORE, "score_scope_missing")
        url = below(line_item_url, "scores")
        call = Call("POST", url, frozenset({Scope.SCORE}), content_type=SCORE, data=compact(score_message(score)))
        try:
            answer = self._services.answer(course, call)
        except AnswerUnreadable as error:
            raise self._half_answer(error) from error
        if not _is_good(answer):
            raise score_error(answer, self._services.now())
        if answer.body.strip() and not isinstance(json_of(answer.body), dict):
            # Moodle answers some refused scores with 200 and `[]`.
            raise Unconfirmed("score_unconfirmed", status=answer.status)

    def results(self, course_id: CourseId, line_item_url: str, user_id: str | None = None) -> tuple[Result, ...]:
        """What the platform holds in a column, for one person or for all; never graded people may be missing.

        Raises LineItemGone, PlatformForbids, PlatformUnavailable and what Services raises.
        """
        course = self._services.of(course_id)
        _need(course, Scope.RESULT_READ, "result_scope_missing")
        url = below(line_item_url, "results")
        if user_id is not None:
            url = with_query(url, user_id=user_id)
        rows = self._list(course, url, RESULTS, frozenset({Scope.RESULT_READ}))
        read = (result_of(row) for row in rows)
        return tuple(result for result in read if result is not None and user_id in (None, result.user_id))

    def _make(self, course_id: CourseId, wish: LineItemWish) -> LineItem:
        course = self._services.of(course_id)
        _need(course, Scope.LINE_ITEM, "line_item_scope_missing")
        wanted = {
            "label": wish.label,
            "scoreMaximum": number(wish.score_maximum),
            "resourceId": wish.resource_id,
            "tag": wish.tag,
        }
        url = _line_items_url(course)
        call = Call("POST", url, frozenset({Scope.LINE_ITEM}), LINE_ITEM, LINE_ITEM, compact(wanted))
        answer = self._asked_to_make(course, call)
        made = json_of(answer.body)
        if isinstance(made, dict) and isinstance(made.get("id"), str):
            # The answer echoes what was asked; only reading tells the real maximum.
            return self.line_item(course_id, made["id"])
        found = self.find_line_items(course_id, resource_id=wish.resource_id, tag=wish.tag)
        if not found:
            raise Retryable("line_item_unconfirmed", status=answer.status)
        return found[0]

    def _asked_to_make(self, course: CourseServices, call: Call) -> Answer:
        try:
            answer = self._services.answer(course, call)
        except PlatformForbids as error:
            if error.code in {"scope_missing", "scope_refused"}:
                raise CourseForbids("line_item_scope_missing") from error
            raise
        if not _is_good(answer):
            raise service_error(answer, self._services.now())
        return answer

    def _raw_line_item(self, course: CourseServices, url: str) -> dict[str, object]:
        answer = self._services.answer(course, Call("GET", url, _reading_scope(course), LINE_ITEM))
        if not _is_good(answer):
            raise service_error(answer, self._services.now())
        found = json_of(answer.body)
        if not isinstance(found, dict):
            raise Retryable("line_item_unreadable", status=answer.status)
        return found

    def _list(self, course: CourseServices, url: str, accept: str, scopes: frozenset[Scope]) -> Iterator[object]:
        trail, following = Trail(url), url
        while following:
            call = Call("GET", following, scopes, accept, max_bytes=LIST_BYTES)
            answer = self._services.answer(course, call)
            if not _is_good(answer):
                raise service_error(answer, self._services.now())
            rows = json_of(answer.body)
            if not isinstance(rows, list):
                raise Retryable("list_unreadable", status=answer.status)
            yield from rows
            following = trail.next(answer) or ""

    def _half_answer(self, error: AnswerUnreadable) -> PlatformError:
        status = error.facts.get("status")
        if isinstance(status, int) and not 200 <= status < 300:
            return score_error(Answer(status, "", {}, b""), self._services.now())
        return Unconfirmed("score_unconfirmed", status=status)


def _is_good(answer: Answer) -> bool:
    return 200 <= answer.status < 300


def _line_items_url(course: CourseServices) -> str:
    if course.line_items_url is None:
        raise CourseForbids("line_items_unknown")
    return course.line_items_url


def _reading_scope(course: CourseServices) -> frozenset[Scope]:
    for scope in (Scope.LINE_ITEM_READ, Scope.LINE_ITEM):
        if scope in course.scopes:
            return frozenset({scope})
    raise CourseForbids("line_item_scope_missing")


def _need(course: CourseServices, scope: Scope, code: str) -> None:
    if scope not in course.scopes:
        raise CourseForbids(code)


def _line_items(course: CourseServices, rows: Iterator[object]) -> Iterator[LineItem]:
    for row in rows:
        if isinstance(row, dict) and isinstance(row.get("id"), str) and mark_of(row.get("scoreMaximum")) is not None:
            check_host(course, str(row["id"]))
            yield line_item_of(row, str(row["id"]))
