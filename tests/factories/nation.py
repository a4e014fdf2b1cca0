"""An institute of any size on PostgreSQL: one course that was really computed, and its people copied into others.

What is copied is what the tool itself stored of the first course, so that every row is one that could be there. Rows
go in by COPY with the checks of foreign keys off, which is how a hundred thousand people fit into minutes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from psycopg import Connection, sql
from sqlalchemy import Engine

from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.moodle.results_import import import_results
from tests.factories.big_course import BigCourse, open_big_course

GIVEN = ("Айгүл", "Нургүл", "Өмүрбек", "Бакыт", "Гүлнара", "Азамат", "Чолпон", "Эрмек", "Жылдыз", "Талант", "Айнура")
FAMILY = ("Токтосунов", "Асанов", "Жээнбеков", "Мамытов", "Осмонов", "Абдыкадыров", "Кадыров", "Сыдыков", "Эсенов")
MONTHS = 36
"""Courses begin over three years, whatever their number."""
SELF_ASSESSED = 40
"""Every so many-th course has self-assessments, at the entry and at the exit."""
READS = 10
"""How often each person's record was read."""
UNDELIVERED = 50
"""Every so many-th grade is not delivered yet."""

Values = dict[str, str | None]
COPIED = (
    "course", "rule_set", "activity", "line_item", "mapping", "person", "membership", "attainment",
    "competency_standing", "delivery", "indicator",
)  # fmt: skip


@dataclass
class Nation:
    """What was built."""

    big: BigCourse
    people: int
    courses: int
    attainments: int


def build(sessions: SessionFactory, now: datetime, people: int, courses: int, big: int = 1000) -> Nation:
    """A platform with this many people and courses; the first course has `big` people, the others the rest."""
    first = open_big_course(sessions, now - timedelta(days=1), big, activities=20)
    with unit_of_work(sessions) as session:
        import_results(session, first.id, first.export(), now=now)
    with sessions() as session:
        connection: Connection[Any] = session.connection().connection.driver_connection  # type: ignore[assignment]
        connection.execute("SET session_replication_role = replica")
        _Copy(connection, first, now, people - big, courses - 1).everything()
        connection.execute("SET session_replication_role = origin")
        connection.commit()
    engine: Engine = sessions.kw["bind"]
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as plain:
        plain.exec_driver_sql("VACUUM ANALYZE")
        count = plain.exec_driver_sql("SELECT count(*) FROM attainment").scalar_one()
    return Nation(first, people, courses, count)


class _Copy:
    """Copies the first course's rows for the people of other courses."""

    def __init__(self, connection: Connection[Any], first: BigCourse, now: datetime, people: int, courses: int) -> None:
        self.connection, self.first, self.now = connection, first, now
        self.people, self.courses = people, courses
        self.person0 = self._highest("person")
        self.course0 = self._highest("course")
        self.rows = {table: self._rows(table) for table in COPIED}
        """What was there before anything was copied."""
        self.pattern = [row["person_id"] for row in self.rows["membership"] if row["roster_role"] == "participant"]
        self.rule_set0, self.activity0 = self._highest("rule_set"), self._highest("activity")
        self.column0, self.delivery0 = self._highest("line_item"), self._highest("delivery")

    def everything(self) -> None:
        """Every table that pages of the institute read."""
        courses, people = range(self.courses), range(self.people)
        self._fill("course", (self._course(row, each) for each in courses for row in self.rows["course"]))
        for table, start in (("rule_set", self.rule_set0), ("activity", self.activity0), ("line_item", self.column0)):
            self._fill(table, self._of_courses(table, self.rows[table], start))
        cells = self.rows["mapping"]
        activities = {row["id"]: place for place, row in enumerate(self.rows["activity"])}
        self._fill("mapping", (self._cell(row, each, activities) for each in courses for row in cells))
        persons = {row["id"]: row for row in self.rows["person"]}
        self._fill("person", (self._person(persons[self._like(each)], each) for each in people))
        members = {row["person_id"]: row for row in self.rows["membership"]}
        self._fill("membership", (self._member(members[self._like(each)], each) for each in people))
        self._fill("membership", (self._trainer(members[self.pattern[0]], each) for each in courses))
        self._of_people("attainment", {})
        self._of_people("competency_standing", {"rule_set_id": lambda each, _row: self._id_in(self.rule_set0, 1, each)})
        self._deliveries()
        self._self_assessments()
        self._record()
        for table in ("course", "rule_set", "activity", "line_item", "person", "delivery", "self_assessment"):
            self.connection.execute(
                sql.SQL("SELECT setval(pg_get_serial_sequence({0}, 'id'), (SELECT max(id) + 1 FROM {1}))").format(
                    table, sql.Identifier(table)
                )
            )

    def course_of(self, person: int) -> int:
        """The number of a copied person's course."""
        return person * self.courses // self.people

    def _like(self, person: int) -> str | None:
        return self.pattern[person % len(self.pattern)]

    def _course(self, row: Values, number: int) -> Values:
        begins = self.now - timedelta(days=30 * (1 + number % MONTHS))
        return {
            **row,
            "id": str(self.course0 + 1 + number),
            "public_id": f"c{number:015}",
            "context_id": f"copy-{number}",
            "title": f"МКТ-компетенттүүлүк: {number + 2}-агым",
            "label": f"ICT-{number + 2}",
            "begins_at": begins.isoformat(),
            "created_at": begins.isoformat(),
            "closed_at": self.now.isoformat() if number % 3 == 0 else None,
        }

    def _of_courses(self, table: str, rows: list[Values], start: int) -> Iterator[Values]:
        for number in range(self.courses):
            for place, row in enumerate(rows):
                copied = {**row, "id": str(start + 1 + number * len(rows) + place)}
                copied["course_id"] = str(self.course0 + 1 + number)
                if "public_id" in row:
                    copied["public_id"] = f"{table[0]}{number:09}{place:06}"
                if row.get("activity_id"):
                    copied["activity_id"] = None
                yield copied

    def _cell(self, row: Values, number: int, activities: dict[str | None, int]) -> Values:
        activity = self.activity0 + 1 + number * len(activities) + activities[row["activity_id"]]
        return {**row, "course_id": str(self.course0 + 1 + number), "activity_id": str(activity)}

    def _person(self, row: Values, number: int) -> Values:
        given, family = GIVEN[number % len(GIVEN)], f"{FAMILY[number // 7 % len(FAMILY)]}{'а' if number % 2 else ''}"
        return {
            **row,
            "id": str(self.person0 + 1 + number),
            "public_id": f"p{number:015}",
            "sub": f"copy-{number}",
            "name": f"{given} {family} {number}",
            "given_name": given,
            "family_name": f"{family} {number}",
            "email": f"copy{number}@example.invalid",
            "id_number": f"KG-C-{number}",
        }

    def _member(self, row: Values, number: int) -> Values:
        course = str(self.course0 + 1 + self.course_of(number))
        return {**row, "course_id": course, "person_id": str(self.person0 + 1 + number), "groups": str(number % 2 + 1)}

    def _trainer(self, row: Values, number: int) -> Values:
        """Somebody who takes part in quite another course teaches in this one."""
        person = (number * self.people // self.courses + self.people // 2) % self.people
        course, whom = str(self.course0 + 1 + number), str(self.person0 + 1 + person)
        return {**row, "course_id": course, "person_id": whom, "roster_role": "trainer", "groups": ""}

    def _id_in(self, start: int, rows: int, person: int, place: int = 0) -> str:
        return str(start + 1 + self.course_of(person) * rows + place)

    def _of_people(self, table: str, others: dict[str, Callable[[int, Values], str | None]]) -> None:
        by_person: dict[str | None, list[Values]] = {}
        for row in self.rows[table]:
            by_person.setdefault(row["person_id"], []).append(row)

        def copies() -> Iterator[Values]:
            for number in range(self.people):
                course, person = str(self.course0 + 1 + self.course_of(number)), str(self.person0 + 1 + number)
                for row in by_person.get(self._like(number), ()):
                    yield {
                        **row,
                        "course_id": course,
                        "person_id": person,
                        **{name: make(number, row) for name, make in others.items()},
                    }

        self._fill(table, copies())

    def _deliveries(self) -> None:
        columns = {row["id"]: place for place, row in enumerate(self.rows["line_item"])}
        numbers = iter(range(self.delivery0 + 1, 2**62))

        def number(_each: int, _row: Values) -> str:
            return str(next(numbers))

        def column(each: int, row: Values) -> str:
            return self._id_in(self.column0, len(columns), each, columns[row["line_item_id"]])

        made = iter(range(2**62))
        self._of_people(
            "delivery",
            {
                "id": number,
                "line_item_id": column,
                "public_id": lambda _each, _row: f"d{next(made):015}",
                "state": lambda each, _row: "held" if each % UNDELIVERED == 0 else "sent",
                "due_at": lambda each, _row: self.now.isoformat() if each % UNDELIVERED == 0 else None,
            },
        )

    def _self_assessments(self) -> None:
        indicators = [row["id"] for row in self.rows["indicator"]]
        whose = [each for each in range(self.people) if self.course_of(each) % SELF_ASSESSED == 0]

        def handed_in() -> Iterator[Values]:
            for place, person in enumerate(whose):
                for again in (0, 1):
                    at = (self.now - timedelta(days=20 - 10 * again)).isoformat()
                    yield {
                        "id": str(2 * place + again + 1),
                        "course_id": str(self.course0 + 1 + self.course_of(person)),
                        "person_id": str(self.person0 + 1 + person),
                        "activity_id": self._id_in(self.activity0, 20, person),
                        "saved_at": at,
                        "submitted_at": at,
                    }

        def answers() -> Iterator[Values]:
            for place, person in enumerate(whose):
                for again in (0, 1):
                    for at, indicator in enumerate(indicators):
                        step = min(3, again + (person + at) % 3)
                        of = str(2 * place + again + 1)
                        yield {"self_assessment_id": of, "indicator_id": indicator, "step": str(step)}

        self._fill("self_assessment", handed_in())
        self._fill("self_answer", answers())

    def _record(self) -> None:
        """Lines of the record: everybody's standing was looked at by a trainer of the platform, several times."""
        platform = self.rows["course"][0]["platform_id"]
        self._fill(
            "audit_event",
            (
                {
                    "at": (self.now - timedelta(seconds=each * READS + again)).isoformat(),
                    "platform_id": platform,
                    "actor_kind": "person",
                    "actor_id": f"p{each % self.courses:015}",
                    "action": "read.record",
                    "subject_kind": "person",
                    "subject_id": f"p{each:015}",
                    "course": f"c{self.course_of(each):015}",
                    "detail": "{}",
                }
                for each in range(self.people)
                for again in range(READS)
            ),
        )

    def _highest(self, table: str) -> int:
        found = self.connection.execute(
            sql.SQL("SELECT coalesce(max(id), 0) FROM {}").format(sql.Identifier(table))
        ).fetchone()
        return int(found[0]) if found else 0

    def _rows(self, table: str) -> list[Values]:
        """A table's rows, each value as COPY writes it."""
        query = sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(table))
        columns = [each.name for each in self.connection.execute(query).description or ()]
        rows = []
        with self.connection.cursor().copy(sql.SQL("COPY ({}) TO STDOUT").format(query)) as out:
            for line in b"".join(out).decode().splitlines():
                values = (None if value == "\\N" else value for value in line.split("\t"))
                rows.append(dict(zip(columns, values, strict=True)))
        return rows

    def _fill(self, table: str, rows: Iterable[Values]) -> None:
        rows = iter(rows)
        first = next(rows, None)
        if first is None:
            return
        names = sql.SQL(", ").join(map(sql.Identifier, first))
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), names)
        with self.connection.cursor().copy(statement) as into:
            into.write(_line(first))
            while portion := list(islice(rows, 5000)):
                into.write("".join(map(_line, portion)))


def _line(row: Values) -> str:
    return "\t".join("\\N" if value is None else value for value in row.values()) + "\n"
