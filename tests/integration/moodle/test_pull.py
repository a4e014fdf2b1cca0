"""Marks of native activities come in by the web service: what is chosen, what changed, and nothing lost on failures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text

from lti_tool.competency.evidence import CurrentEvidence, current_evidence
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.errors import RuleBroken
from lti_tool.ids import CourseId, PersonId, PlatformId
from lti_tool.moodle import connections, native_marks, pull
from lti_tool.moodle.client import MOST_BYTES, WebService
from lti_tool.moodle.connections import GROUPS
from lti_tool.moodle.native_marks import NativeItem, Reading
from lti_tool.moodle.pull import Pulled
from lti_tool.moodle.result_news import News
from lti_tool.moodle.results_import import import_results
from lti_tool.moodle.tables import MoodleConnectionRow
from lti_tool.outbound import Outbound
from lti_tool.people import errands, member_queries
from lti_tool.people.activities import activities_of
from lti_tool.people.errand import ErrandKind, Held
from lti_tool.people.tables import ActivityRow, CourseRow, MembershipRow, PersonRow
from lti_tool.sealing import Seal
from tests.factories.make import Make
from tests.factories.moodle_server import GRADES, TOKEN, MoodleServer, moodle_server, recorded_body

SEAL = Seal("a secret of the tests, and of nobody else")
LAB, QUIZ, LINK, MANUAL, PAGE = "grade:2", "grade:3", "grade:4", "grade:24", "completion:5"
GRADED = datetime.fromtimestamp(1795382346, UTC)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


@dataclass
class Class:
    """A course of Moodle's, as a trainer and the worker know it."""

    sessions: SessionFactory
    moodle: MoodleServer
    course_id: CourseId
    now: datetime = NOW

    def ask(self) -> None:
        with unit_of_work(self.sessions) as session:
            native_marks.ask(session, self.course_id, self.now)

    def choose(self, *keys: str) -> None:
        with unit_of_work(self.sessions) as session:
            native_marks.choose(session, self.course_id, keys, self.now)

    def pull(self) -> Pulled | None:
        held = self.next()
        return held and pull.pull_course(self.sessions, Outbound(allow_private=True), SEAL, held, self.now)

    def next(self) -> Held | None:
        """What a worker takes up: first what somebody asked for."""
        with unit_of_work(self.sessions) as session:
            asked = errands.take_next(session, [ErrandKind.NATIVE_MARKS], [], self.now)
            return asked or pull.begin_due(session, self.now)

    def taken(self) -> Pulled:
        self.ask()
        pulled = self.pull()
        assert pulled is not None
        return pulled

    def begin(self, *keys: str) -> Pulled:
        """Has the list read and chooses from it."""
        assert self.taken().failure is None
        self.choose(*keys)
        return self.taken()

    def items(self) -> dict[str, NativeItem]:
        with self.sessions() as session:
            return {item.key: item for item in native_marks.items_of(session, self.course_id)}

    def reading(self) -> Reading:
        with self.sessions() as session:
            found = native_marks.reading_of(session, self.course_id)
        assert found is not None
        return found

    def entries(self, activity: str = "Assignment: Lab report") -> dict[str, CurrentEvidence]:
        with self.sessions() as session:
            subs = {person.id: person.sub for person in session.scalars(select(PersonRow))}
            names = {each.id: each.name for each in activities_of(session, self.course_id)}
            found = current_evidence(session, self.course_id)
        return {subs[place[0]]: entry for place, entry in found.items() if names[place[1]] == activity}

    def marks(self, activity: str = "Assignment: Lab report") -> dict[str, Decimal | None]:
        return {sub: entry.mark for sub, entry in self.entries(activity).items()}

    def activities(self) -> list[tuple[str, str]]:
        with self.sessions() as session:
            return [(each.name, each.source) for each in activities_of(session, self.course_id)]


@pytest.fixture
def moodle() -> Iterator[MoodleServer]:
    with moodle_server() as running:
        yield running


def make_class(sessions: SessionFactory, moodle: MoodleServer) -> Class:
    with unit_of_work(sessions) as session:
        make = Make(session, NOW)
        make.framework()
        platform = make.platform()
        course = make.course(platform, context_id="2")
        for number in (6, 7, 8, 9):
            make.membership(course, make.person(platform, sub=str(number), name=f"stud{number - 5}"))
        by = PersonId(make.person(platform, name="Админ", sub="100").id)
        connections.connect(session, SEAL, PlatformId(platform.id), moodle.url, TOKEN, by=by, now=NOW)
        return Class(sessions, moodle, CourseId(course.id))


@pytest.fixture
def course(sessions: SessionFactory, moodle: MoodleServer) -> Class:
    return make_class(sessions, moodle)


def test_chosen_marks_come_in_by_moodles_user_id_on_either_database(
    any_sessions: SessionFactory, moodle: MoodleServer
) -> None:
    course = make_class(any_sessions, moodle)

    pulled = course.begin(LAB)

    assert pulled.news == {News.ADDED: 3, News.NOTHING: 1}
    assert course.marks() == {"6": Decimal(45), "7": Decimal("30.5"), "8": Decimal(0)}
    entry = course.entries()["6"]
    assert (entry.source, entry.worked_at, entry.mark_max) == ("web_service", GRADED, Decimal(50))
    assert course.taken().news == {News.UNCHANGED: 3, News.NOTHING: 1}
    with any_sessions() as session:
        lines = session.execute(text("SELECT action, actor_kind, detail FROM audit_event")).all()
    assert len(lines) == 1, "what brought nothing new leaves no line"
    assert (lines[0].action, lines[0].actor_kind) == ("marks.taken", "worker")


def test_nothing_counts_before_it_is_chosen(course: Class) -> None:
    course.taken()

    assert course.activities() == []
    assert course.items()[LAB].name == "Assignment: Lab report"
    assert not course.items()[LAB].chosen


def test_totals_and_columns_without_a_full_mark_cannot_be_chosen(course: Class, sessions: SessionFactory) -> None:
    course.taken()

    assert "grade:1" not in course.items()
    assert course.items()["grade:20"].fault == "no_maximum"
    with pytest.raises(RuleBroken, match="native_item_unknown"):
        course.choose("grade:20")
    with pytest.raises(RuleBroken, match="native_item_unknown"):
        course.choose("grade:1")


def test_the_words_of_a_scale_are_evidence_from_the_first_to_the_last(course: Class) -> None:
    for user, raw in ((6, 4), (7, 1), (8, 3), (9, None)):
        course.moodle.grade(user, "Lab report").update(scaleid=2, grademin=1, grademax=4, graderaw=raw)

    course.begin(LAB)

    entries = course.entries()
    assert {sub: (each.mark, each.mark_min, each.mark_max) for sub, each in entries.items()} == {
        "6": (4, 1, 4),
        "7": (1, 1, 4),
        "8": (3, 1, 4),
    }
    assert course.taken().news == {News.UNCHANGED: 3, News.NOTHING: 1}


def test_a_hidden_grade_is_no_evidence_and_one_hidden_later_is_withdrawn(course: Class) -> None:
    course.begin(LAB, QUIZ)
    assert course.marks("Quiz: Week 1 quiz") == {}

    course.moodle.grade(6, "Lab report")["gradeishidden"] = True
    course.now += HOUR
    pulled = course.taken()

    assert pulled.news[News.WITHDRAWN] == 1
    assert course.marks()["6"] is None


def test_a_regrade_is_followed(course: Class) -> None:
    course.begin(LAB)
    course.moodle.grade(8, "Lab report").update(graderaw=40, gradedategraded=int(NOW.timestamp()) + 60)
    course.now += HOUR

    assert course.taken().news[News.CHANGED] == 1
    assert course.entries()["8"].worked_at == NOW + timedelta(seconds=60)
    assert course.marks()["8"] == 40


def test_a_grade_taken_away_is_withdrawn_and_may_come_back(course: Class) -> None:
    course.begin(LAB)
    grade = course.moodle.grade(6, "Lab report")
    grade["graderaw"] = None
    course.now += HOUR
    assert course.taken().news[News.WITHDRAWN] == 1
    assert course.marks()["6"] is None

    grade["graderaw"] = 45
    course.now += HOUR

    assert course.taken().news[News.ADDED] == 1
    assert course.marks()["6"] == 45


def test_a_person_or_an_activity_that_moodle_does_not_list_loses_nothing(course: Class) -> None:
    course.begin(LAB)
    users = course.moodle.bodies[GRADES]["usergrades"]
    users[:] = [each for each in users if each["userid"] != 6]
    for user in users:
        user["gradeitems"] = [each for each in user["gradeitems"] if each["id"] != 2]
    course.now += HOUR

    assert course.taken().failure is None
    assert course.marks() == {"6": Decimal(45), "7": Decimal("30.5"), "8": Decimal(0)}
    assert course.items()[LAB].gone


def test_a_grade_that_is_being_computed_loses_nothing(course: Class) -> None:
    course.begin(LAB)
    course.moodle.grade(6, "Lab report").update(graderaw=None, gradeneedsupdate=True)
    course.now += HOUR

    course.taken()

    assert course.marks()["6"] == 45


def test_an_older_file_never_replaces_what_the_web_service_said(course: Class, sessions: SessionFactory) -> None:
    course.begin(LAB)
    file = "ID number,Email address,Assignment: Lab report (Real)\nSIS-1,,10\n"
    with unit_of_work(sessions) as session:
        session.scalars(select(PersonRow).where(PersonRow.sub == "6")).one().id_number = "SIS-1"

    with unit_of_work(sessions) as session:
        report = import_results(session, course.course_id, file.encode(), now=NOW, as_of=GRADED + timedelta(minutes=1))

    assert report.older == 1
    assert course.marks()["6"] == 45


def test_completion_counts_as_one_of_one_and_incomplete_as_nothing(course: Class) -> None:
    statuses = course.moodle.bodies["core_completion_get_activities_completion_status"]["statuses"]
    next(each for each in statuses if each["cmid"] == 5).update(state=1, timecompleted=int(GRADED.timestamp()))

    course.begin(PAGE)

    assert course.marks("Page: Syllabus page") == {"6": 1, "7": 1, "8": 1, "9": 1}
    next(each for each in statuses if each["cmid"] == 5)["state"] = 0
    course.now += HOUR
    assert course.taken().news == {News.WITHDRAWN: 4}


COMPLETED = "core_completion_get_activities_completion_status"


def _complete(course: Class, cmid: int, state: int, at: datetime = GRADED) -> None:
    statuses = course.moodle.bodies[COMPLETED]["statuses"]
    next(each for each in statuses if each["cmid"] == cmid).update(state=state, timecompleted=int(at.timestamp()))


def test_completed_with_a_fail_is_zero_and_followed_when_passed(course: Class) -> None:
    _complete(course, 5, 3)
    course.begin(PAGE)
    assert course.marks("Page: Syllabus page") == {"6": 0, "7": 0, "8": 0, "9": 0}

    later = NOW + timedelta(minutes=10)
    _complete(course, 5, 2, at=later)
    course.now += HOUR

    assert course.taken().news == {News.CHANGED: 4}
    entry = course.entries("Page: Syllabus page")["6"]
    assert (entry.mark, entry.mark_max, entry.worked_at) == (1, 1, later)


def test_a_fail_that_is_hidden_is_no_evidence(course: Class) -> None:
    _complete(course, 5, 4)

    course.begin(PAGE)

    assert course.marks("Page: Syllabus page") == {}


def _refuse_completion(course: Class, *users: str, word: str = "accessdenied") -> None:
    answer = course.moodle.answer

    def refuse(form: dict[str, str]) -> tuple[int, bytes]:
        if form["wsfunction"] == COMPLETED and form["userid"] in users:
            return 200, json.dumps({"exception": "moodle_exception", "errorcode": word, "message": "x"}).encode()
        return answer(form)

    course.moodle.answer = refuse  # type: ignore[method-assign]


@pytest.mark.parametrize("word", ["accessdenied", "userdeleted", "suspended", "usernotconfirmed"])
def test_of_whom_moodle_refuses_to_speak_nothing_changes_and_the_others_are_read(course: Class, word: str) -> None:
    _complete(course, 5, 1)
    course.begin(PAGE)
    _refuse_completion(course, "7", word=word)
    _complete(course, 5, 0)
    course.now += HOUR

    assert course.taken().failure is None
    assert course.marks("Page: Syllabus page") == {"6": None, "7": 1, "8": None, "9": None}


def test_where_moodle_refuses_everybody_s_completion_the_trainer_is_told(course: Class) -> None:
    _complete(course, 5, 1)
    course.begin(PAGE)
    _refuse_completion(course, "6", "7", "8", "9")
    course.now += HOUR

    assert course.taken().failure is not None
    assert (course.reading().fault, course.reading().function) == ("moodle_not_here", COMPLETED)
    assert course.marks("Page: Syllabus page") == {"6": 1, "7": 1, "8": 1, "9": 1}


def test_a_service_without_the_function_of_completion_is_told_by_its_name(course: Class) -> None:
    course.moodle.bodies[COMPLETED] = recorded_body("error-function-not-in-service")

    pulled = course.begin(PAGE)

    assert pulled.failure is not None
    assert (course.reading().fault, course.reading().function) == ("moodle_function_missing", COMPLETED)


def test_completion_is_not_asked_for_where_none_is_chosen(course: Class) -> None:
    course.begin(LAB)

    assert COMPLETED not in course.moodle.functions()


def test_a_mark_and_its_completion_are_two_activities_with_two_names(course: Class) -> None:
    _complete(course, 3, 2)

    course.begin(LAB, "completion:3")

    assert course.activities() == [
        ("Assignment: Lab report", "moodle"),
        ("Assignment: Lab report (completion)", "moodle"),
    ]
    assert course.marks()["7"] == Decimal("30.5")
    assert course.marks("Assignment: Lab report (completion)")["7"] == 1


def test_an_activity_renamed_or_rescaled_in_moodle_is_followed(course: Class, sessions: SessionFactory) -> None:
    course.begin(LAB, PAGE)
    for user in (6, 7, 8, 9):
        course.moodle.grade(user, "Lab report").update(itemname="Lab &amp; report", grademax=100)
    for section in course.moodle.bodies["core_course_get_contents"]:
        for module in section["modules"]:
            if module["id"] == 5:
                module["name"] = "Read this"
    course.now += HOUR

    course.taken()

    assert course.activities() == [("Assignment: Lab & report", "moodle"), ("Page: Read this", "moodle")]
    with sessions() as session:
        assert set(session.scalars(select(ActivityRow.mark_max))) == {100, 1}


def test_a_name_that_a_file_gave_stays(course: Class, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        Make(session, NOW).activity(session.get_one(CourseRow, course.course_id), "Задание: Lab report")
    course.begin(LAB)
    for user in (6, 7, 8, 9):
        course.moodle.grade(user, "Lab report")["itemname"] = "Renamed"
    course.now += HOUR

    course.taken()

    assert course.activities() == [("Задание: Lab report", "gradebook")]
    assert course.items()[LAB].name == "Assignment: Renamed"


def test_what_can_be_completed_stays_listed_while_moodle_does_not_say(course: Class) -> None:
    course.begin(PAGE)
    course.moodle.bodies["core_course_get_contents"] = recorded_body("error-function-not-in-service")
    course.now += HOUR

    assert course.taken().failure is None
    assert (course.items()[PAGE].chosen, course.items()[PAGE].gone) == (True, False)


def test_an_own_link_is_found_by_its_number(course: Class, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        row = session.get_one(CourseRow, course.course_id)
        Make(session, NOW).activity(row, "Шилтеме", kind="evidence", source="lti", external_id="1")

    course.begin(LINK)

    assert course.activities() == [("Шилтеме", "lti")]
    assert course.marks("Шилтеме")["6"] == 88


def test_what_a_file_has_named_is_that_activity(course: Class, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        Make(session, NOW).activity(session.get_one(CourseRow, course.course_id), "Задание: Lab report")

    course.begin(LAB)

    assert course.activities() == [("Задание: Lab report", "gradebook")]
    with sessions() as session:
        assert session.scalars(select(ActivityRow.mark_max)).one() == 50


def test_two_items_of_one_name_are_two_activities(course: Class) -> None:
    for user in (6, 7, 8, 9):
        course.moodle.grade(user, "Unc scores")["itemname"] = "Perf"

    course.begin(MANUAL, "grade:26")

    assert len(course.activities()) == 2


def test_people_are_matched_by_id_number_and_address_where_no_user_id_fits(
    course: Class, sessions: SessionFactory
) -> None:
    with unit_of_work(sessions) as session:
        persons = {person.sub: person for person in session.scalars(select(PersonRow))}
        persons["6"].sub, persons["6"].id_number = "old-6", "SIS-stud1"
        persons["8"].sub, persons["8"].email = "old-8", "Stud3@example.invalid"

    course.begin(LAB)

    assert course.marks() == {"old-6": Decimal(45), "7": Decimal("30.5"), "old-8": Decimal(0)}
    assert course.reading().unmatched == 0


def test_people_whom_the_course_does_not_know_are_counted(course: Class, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        session.scalars(select(PersonRow).where(PersonRow.sub == "9")).one().sub = "nobody"

    course.begin(LAB)

    assert course.reading().unmatched == 1


def test_what_is_no_longer_chosen_keeps_its_marks_and_gets_no_new_ones(course: Class) -> None:
    course.begin(LAB)
    course.choose()
    course.moodle.grade(6, "Lab report")["graderaw"] = 1
    course.now += HOUR

    course.taken()

    assert course.marks()["6"] == 45
    assert course.reading().due_at is None


def _html(moodle: MoodleServer) -> None:
    moodle.raw[GRADES] = (200, b"<html>maintenance</html>")


def _error_500(moodle: MoodleServer) -> None:
    moodle.raw[GRADES] = (500, b"")


def _token_gone(moodle: MoodleServer) -> None:
    moodle.bodies[GRADES] = recorded_body("error-no-permission")


def _cut_short(moodle: MoodleServer) -> None:
    moodle.raw[GRADES] = (200, b'{"usergrades": [{"userid": 6')


def _odd(moodle: MoodleServer) -> None:
    moodle.bodies[GRADES] = {"usergrades": [{"userid": None}]}


def _half(moodle: MoodleServer) -> None:
    moodle.grade(6, "Lab report")["graderaw"] = 1
    moodle.raw["core_course_get_contents"] = (502, b"")


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (_html, "moodle_not_json"),
        (_error_500, "moodle_unavailable"),
        (_token_gone, "moodle_token_refused"),
        (_cut_short, "moodle_not_json"),
        (_odd, "moodle_answer_odd"),
        (_half, "moodle_unavailable"),
    ],
)
def test_a_failure_leaves_all_marks_is_told_and_is_tried_again(course: Class, spoil: object, code: str) -> None:
    course.begin(LAB)
    before = course.entries()
    spoil(course.moodle)  # type: ignore[operator]
    course.now += HOUR

    pulled = course.taken()

    assert pulled.failure is not None
    assert pulled.failure.code == course.reading().fault == code
    assert course.entries() == before
    assert course.reading().read_at == NOW
    due = course.reading().due_at
    assert due is not None
    assert course.now < due <= course.now + HOUR

    course.moodle.raw.clear()
    course.moodle.bodies[GRADES] = recorded_body("grade-items-all-users")
    course.now = due
    healed = course.pull()
    assert healed is not None
    assert healed.failure is None
    assert course.reading().fault is None


def test_a_server_that_answers_late_is_given_up_and_asked_again(course: Class, monkeypatch: pytest.MonkeyPatch) -> None:
    course.begin(LAB)
    course.moodle.late = 0.6
    monkeypatch.setitem(WebService.call.__kwdefaults__, "timeout", 0.2)
    course.now += HOUR

    assert course.taken().failure is not None
    assert course.reading().fault == "platform_timeout"
    assert course.marks()["6"] == 45


def test_a_platform_that_is_away_is_not_asked_again_for_its_other_courses(
    course: Class, sessions: SessionFactory
) -> None:
    with unit_of_work(sessions) as session:
        home = session.get_one(CourseRow, course.course_id)
        other = CourseRow(platform_id=home.platform_id, context_id="3", title="B", created_at=NOW)
        session.add(other)
        session.flush()
        native_marks.ask(session, CourseId(other.id), NOW)
    course.ask()
    _error_500(course.moodle)

    course.pull()

    assert course.pull() is None
    assert len(course.moodle.asked) == 1


def test_a_gradebook_too_large_for_one_answer_is_read_person_by_person(course: Class) -> None:
    course.moodle.raw[GRADES] = (200, b" " * (MOST_BYTES + 1))
    answer = course.moodle.answer

    def only_for_all(form: dict[str, str]) -> tuple[int, bytes]:
        if "userid" in form:
            course.moodle.raw.pop(GRADES, None)
        return answer(form)

    course.moodle.answer = only_for_all  # type: ignore[method-assign]
    course.begin(LAB)

    assert course.marks() == {"6": Decimal(45), "7": Decimal("30.5"), "8": Decimal(0)}


def test_without_a_connection_the_trainer_is_told(course: Class, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        connections.disconnect(session, PlatformId(session.get_one(CourseRow, course.course_id).platform_id))

    assert course.taken().failure is not None
    assert course.reading().fault == "moodle_not_connected"


def test_with_another_secret_key_the_token_has_to_be_given_anew(course: Class) -> None:
    course.ask()

    held = course.next()
    assert held is not None
    pull.pull_course(
        course.sessions, Outbound(allow_private=True), Seal("another secret, of other people's"), held, NOW
    )

    assert course.reading().fault == "moodle_token_lost"
    assert course.moodle.asked == []


def test_a_known_token_is_not_sent_to_another_address(course: Class, sessions: SessionFactory) -> None:
    with unit_of_work(sessions) as session:
        row = session.scalars(select(MoodleConnectionRow)).one()
        platform, locked = PlatformId(row.platform_id), row.token_locked
        connections.connect(session, SEAL, platform, row.url, "", by=None, now=NOW)
        assert row.token_locked == locked

        with pytest.raises(RuleBroken, match="moodle_token_faulty"):
            connections.connect(session, SEAL, platform, "https://elsewhere.example.invalid", "", by=None, now=NOW)


def test_a_course_is_taken_by_one_worker_only_and_is_due_again_in_an_hour(course: Class) -> None:
    course.begin(LAB)

    assert course.pull() is None
    course.now += HOUR
    assert course.pull() is not None


def _groups(course: Class, groups: str) -> dict[str, str]:
    """What the course's groups are called after a reading, with somebody in these groups."""
    with unit_of_work(course.sessions) as session:
        row = session.scalars(select(MembershipRow).where(MembershipRow.course_id == course.course_id)).first()
        assert row is not None
        row.groups = groups
    assert course.taken().failure is None
    with course.sessions() as session:
        return member_queries.group_names(session, course.course_id)


def test_groups_get_the_names_that_moodle_gives_them(course: Class) -> None:
    assert _groups(course, "2") == {"1": "Group A", "2": "Group B"}

    course.moodle.bodies[GROUPS][1]["name"] = "Б тобу &amp; мугалимдер"

    assert _groups(course, "2")["2"] == "Б тобу & мугалимдер"


def test_a_course_without_groups_asks_for_none(course: Class) -> None:
    assert _groups(course, "") == {}
    assert GROUPS not in course.moodle.functions()


def test_a_service_without_the_function_of_groups_reads_all_the_rest(course: Class) -> None:
    refused = json.dumps(recorded_body("error-function-not-in-service")).encode()
    course.moodle.raw[GROUPS] = (200, refused)

    assert _groups(course, "2") == {}
