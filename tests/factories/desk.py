"""A course with a column and people, a platform's gradebook behind it, on either database."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal

from sqlalchemy import select

from lti_tool.competency.tables import AspectRow, CompetencyRow, FrameworkVersionRow
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.grading.delivery import Outcome, claim, deliver_one
from lti_tool.grading.line_items import LineItemOutcome, claim_line_items, make_one, want_line_items
from lti_tool.grading.model import Claimed, LineItemTarget, WantedScore
from lti_tool.grading.tables import DeliveryRow, LineItemRow, PlatformChannelRow
from lti_tool.grading.wishes import want_scores
from lti_tool.ids import CompetencyId, CourseId, LineItemId, PersonId, PlatformId, new_public_id
from tests.factories.fake_platform import FakePlatform, plain_comment
from tests.factories.make import Make

NO_COLUMN = LineItemId(0)


@dataclass
class Desk:
    """One course as the tests of this folder use it; time moves only when a test says so."""

    sessions: SessionFactory
    lms: FakePlatform
    now: datetime
    course_id: CourseId
    platform_id: PlatformId
    people: list[PersonId]
    subs: list[str]
    competency_id: CompetencyId
    column: LineItemId = NO_COLUMN
    url: str = ""
    jitter: float = 1.0
    outcomes: list[Outcome] = field(default_factory=list)

    def target(self, code: str = "4.1.1") -> LineItemTarget:
        return LineItemTarget(self.competency_id, code, f"{code} Сандык сабаттуулук", Decimal(3))

    def want_columns(self, *codes: str) -> tuple[LineItemId, ...]:
        with unit_of_work(self.sessions) as session:
            return want_line_items(session, self.course_id, [self.target(code) for code in codes], self.now).dropped

    def make_columns(self) -> list[LineItemOutcome]:
        with unit_of_work(self.sessions) as session:
            claimed = claim_line_items(session, self.now, 50)
        return [make_one(self.sessions, self.lms, one, self.now, lambda: self.jitter) for one in claimed]

    def want(self, given: int | str | None, person: int = 0, state: str = "met", *, keep_sent: bool = False) -> int:
        """Wishes a mark of 3 for one person; returns how many wishes changed."""
        wish = WantedScore(
            self.column,
            self.people[person],
            None if given is None else Decimal(given),
            Decimal(3),
            {"code": "4.1.1", "level": given, "state": state},
            keep_sent,
        )
        with unit_of_work(self.sessions) as session:
            return want_scores(session, self.course_id, [wish], self.now)

    def claim(self, limit: int = 50, worker: str = "w1") -> tuple[Claimed, ...]:
        return claim(self.sessions, worker, self.now, limit)

    def deliver(self, claimed: Sequence[Claimed]) -> list[Outcome]:
        done = [
            deliver_one(self.sessions, self.lms, one, self.now, comments=plain_comment, jitter=lambda: self.jitter)
            for one in claimed
        ]
        self.outcomes += done
        return done

    def work(self) -> list[Outcome]:
        """One turn of a worker: everything due now is claimed and sent."""
        return self.deliver(self.claim())

    def wait(self, **span: float) -> None:
        self.now += timedelta(**span)

    def row(self, person: int = 0) -> DeliveryRow:
        with self.sessions() as session:
            query = select(DeliveryRow).where(DeliveryRow.person_id == self.people[person])
            return session.scalars(query).one()

    def rows(self) -> list[DeliveryRow]:
        with self.sessions() as session:
            return list(session.scalars(select(DeliveryRow).order_by(DeliveryRow.id)))

    def columns(self) -> list[LineItemRow]:
        with self.sessions() as session:
            return list(session.scalars(select(LineItemRow).order_by(LineItemRow.id)))

    def pause(self) -> PlatformChannelRow | None:
        with self.sessions() as session:
            row = session.get(PlatformChannelRow, self.platform_id)
            return row if row is not None and row.paused_until is not None else None

    def limit(self, **limits: int) -> None:
        """Sets the platform's `concurrency` or `rate`."""
        with unit_of_work(self.sessions) as session:
            row = session.get_one(PlatformChannelRow, self.platform_id)
            for name, value in limits.items():
                setattr(row, name, value)

    def shown(self, person: int = 0) -> Decimal | None:
        return self.lms.shown(self.url, self.subs[person])


def competency(make: Make, code: str = "4.1.1") -> CompetencyRow:
    """A competency of a framework that has nothing else."""
    titles = {"ky": "Сандык сабаттуулук"}
    version = FrameworkVersionRow(
        framework="f", version=new_public_id(), title=titles, document={}, imported_at=make.now
    )
    make.session.add(version)
    make.session.flush()
    aspect = AspectRow(framework_version_id=version.id, number=1, title=titles)
    make.session.add(aspect)
    make.session.flush()
    row = CompetencyRow(
        framework_version_id=version.id, aspect_id=aspect.id, code=code, position=1, text=titles, short_title=titles
    )
    make.session.add(row)
    make.session.flush()
    return row


def open_desk(sessions: SessionFactory, now: datetime, people: int) -> Desk:
    """A desk whose column the platform does not have yet."""
    with unit_of_work(sessions) as session:
        make = Make(session, now)
        # A database may hold several desks, each a platform of its own.
        platform = make.platform(f"https://{new_public_id()}.example.invalid")
        course = make.course(platform)
        persons = [make.person(platform) for _ in range(people)]
        for person in persons:
            make.membership(course, person)
        return Desk(
            sessions=sessions,
            lms=FakePlatform(),
            now=now,
            course_id=CourseId(course.id),
            platform_id=PlatformId(course.platform_id),
            people=[PersonId(person.id) for person in persons],
            subs=[person.sub for person in persons],
            competency_id=CompetencyId(competency(make).id),
        )


def with_column(desk: Desk) -> Desk:
    """The desk with a column that stands in the platform's gradebook."""
    desk.want_columns("4.1.1")
    desk.make_columns()
    column = desk.columns()[-1]
    desk.column, desk.url = LineItemId(column.id), column.url or ""
    return desk
