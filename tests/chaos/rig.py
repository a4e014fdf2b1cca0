"""The rig of the fault tests: a database, an LMS process, worker processes, and a balance drawn at the end.

Nothing in here decides what is right: it wishes scores, lets faults happen, and compares what was wished with what
stands in the LMS's gradebook.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import requests
from pydantic import SecretStr
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.demo.seed import MAIN_COURSE_ID
from lti_tool.grading.line_items import want_line_items
from lti_tool.grading.model import LineItemTarget, WantedScore
from lti_tool.grading.tables import DeliveryRow, LineItemRow, PlatformChannelRow
from lti_tool.grading.wishes import want_scores
from lti_tool.ids import CompetencyId, CourseId, LineItemId, PersonId, PlatformId
from lti_tool.lti import keyring
from lti_tool.lti.keyring import Keyring
from lti_tool.lti.model import Scope
from lti_tool.lti.tables import CourseServiceRow
from lti_tool.people.tables import PersonRow
from lti_tool.settings import Settings
from tests.factories.desk import competency
from tests.factories.launch_bench import write_tool_key
from tests.factories.make import Make

ROOT = Path(__file__).parent.parent.parent
FULL = os.environ.get("LTI_TOOL_CHAOS") == "full"
CLIENT = "chaos"
PATIENCE = 3
"""How much longer than elsewhere things may take where all tests run at once."""


def size(full: int, ci: int) -> int:
    """How many: as lti-security has it by `make chaos`, fewer in CI."""
    return full if FULL else ci


def speed(quick: float) -> float:
    """By how much waits are shortened in CI; not at all by `make chaos`."""
    return 1.0 if FULL else quick


class Lms:
    """The LMS process and its door."""

    def __init__(self, people: int, jwks: Path, ahead: float = 0) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.lms"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=ROOT,
            text=True,
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        setup = {"people": people, "client_id": CLIENT, "jwks_file": str(jwks), "ahead": ahead}
        self._process.stdin.write(json.dumps(setup) + "\n")
        self._process.stdin.flush()
        told = json.loads(self._process.stdout.readline())
        self.url, self._door = told["url"], told["door"]
        self._session = requests.Session()

    def ask(self, deed: str, **arguments: Any) -> Any:
        """One deed behind the door."""
        answer = self._session.post(f"{self._door}/{deed}", json=arguments, timeout=60)
        answer.raise_for_status()
        return answer.json()["answer"]

    def play(self, name: str, **arguments: Any) -> None:
        """From now on the services misbehave so."""
        self.ask("play", name=name, **arguments)

    def count(self, *kinds: str) -> int:
        """Requests of these kinds ("scores", "token", "scores 503")."""
        counts = self.ask("report")["counts"]
        return sum(counts.get(kind, 0) for kind in kinds)

    def end(self) -> None:
        """Closes its stdin, which ends it."""
        self._session.close()
        self._process.communicate(timeout=10)


@dataclass
class Balance:
    """What came of a run: one line of the table of results."""

    rows: int
    wished: int
    """Scores that had to be stored: one for each wish that could not be known to be overtaken."""
    posts: int
    stored: int
    faults: int
    lost: int
    """Wished, and neither in the gradebook nor shown as undelivered."""
    wrong: int
    """Said to be delivered, and something else stands there."""
    undelivered: int
    disorder: int
    seconds: float

    @property
    def extra(self) -> int:
        """Scores stored beyond those that had to be."""
        return max(0, self.stored - self.wished)


@dataclass(frozen=True)
class Classroom:
    """A course of a platform, with its people and columns."""

    course_id: CourseId
    platform_id: PlatformId
    people: list[PersonId]
    columns: list[LineItemId]


@dataclass
class Rig:
    """One course of one platform, unless a test asks for more."""

    sessions: SessionFactory
    settings: Settings
    lms: Lms
    room: Classroom
    began: float = field(default_factory=time.monotonic)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)

    @property
    def course_id(self) -> CourseId:
        return self.room.course_id

    @property
    def platform_id(self) -> PlatformId:
        return self.room.platform_id

    @property
    def people(self) -> list[PersonId]:
        return self.room.people

    @property
    def columns(self) -> list[LineItemId]:
        return self.room.columns

    # --- wishes

    def want(self, mark: int, people: Sequence[PersonId] | None = None, of: Classroom | None = None) -> None:
        """Wishes this mark of 100 for everybody (or these) in every column (of another platform's course)."""
        room = of or self.room
        for column in room.columns:
            wishes = [
                WantedScore(column, person, Decimal(mark), Decimal(100), {"code": "4.1.1", "level": 1, "state": "met"})
                for person in (room.people if people is None else people)
            ]
            with unit_of_work(self.sessions) as session:
                want_scores(session, room.course_id, wishes, clock.now())

    def more_platforms(self, count: int, dead: str) -> list[Classroom]:
        """Platforms `/p1`, `/p2` … of the same LMS process, each with a course; behind `dead` nobody listens."""
        made = []
        for number in range(1, count + 1):
            base = "http://127.0.0.1:9" if f"/p{number}" == dead else f"{self.lms.url}/p{number}"
            with unit_of_work(self.sessions) as session:
                made.append(classroom(session, base, f"{CLIENT}{number}", len(self.people), 1))
        self.lms.ask("admit", clients=[f"{CLIENT}{number}" for number in range(1, count + 1)])
        return made

    # --- workers

    def start(
        self, workers: int = 1, *, concurrency: int = 4, speed: float = 1.0, ahead: float = 0.0, code: Path = ROOT
    ) -> None:
        """Starts worker processes (of another version's code)."""
        given = ["--speed", str(speed), "--ahead", str(ahead), "--concurrency", str(concurrency)]
        with (self.settings.data_dir / "worker.log").open("ab") as log:
            self.workers += [
                subprocess.Popen(
                    [sys.executable, "-m", "tests.chaos.worker", *given],
                    env=self.settings.as_environment(),
                    cwd=code,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                )
                for _ in range(workers)
            ]

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        """kill -9, without a last word."""
        worker.send_signal(signal.SIGKILL)
        worker.wait()
        self.workers.remove(worker)

    def stop(self) -> float:
        """SIGTERM to all workers; how long the last one took."""
        began = time.monotonic()
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.wait(timeout=30)
        self.workers.clear()
        return time.monotonic() - began

    def log(self) -> str:
        """What the workers wrote."""
        return (self.settings.data_dir / "worker.log").read_text()

    # --- waiting and balance

    def until(self, true: Callable[[], bool], seconds: float = 60) -> bool:
        """Waits for something that the processes do within so many seconds on a machine that does little else."""
        end = time.monotonic() + PATIENCE * seconds
        while time.monotonic() < end:
            try:
                if true():
                    return True
            except OperationalError:
                # A test may let the database crash.
                pass
            time.sleep(0.1)
        return False

    def settled(self, but: Sequence[PlatformId] = ()) -> bool:
        """Nothing is on its way any more: everything is sent, or held or given up with its reason."""
        return self.states(but).get("due", 0) == 0

    def states(self, but: Sequence[PlatformId] = ()) -> dict[str, int]:
        """How many deliveries are in which state (leaving out those of some platforms)."""
        with self.sessions() as session:
            query = select(DeliveryRow.state, func.count()).where(DeliveryRow.platform_id.not_in(but))
            return dict(session.execute(query.group_by(DeliveryRow.state)).all())

    def waits(self, but: Sequence[PlatformId] = ()) -> list[float]:
        """Seconds from wish to confirmation of what was sent last, in order (leaving out some platforms)."""
        with self.sessions() as session:
            query = select(DeliveryRow).where(DeliveryRow.platform_id.not_in(but), DeliveryRow.state == "sent")
            return sorted((row.sent_at - row.wanted_at).total_seconds() for row in session.scalars(query))

    def sent(self) -> int:
        """How many are confirmed."""
        return self.states().get("sent", 0)

    def grows(self) -> bool:
        """More are confirmed than a moment ago."""
        before = self.sent()
        time.sleep(0.2)
        return self.sent() > before

    def line_items(self) -> list[LineItemRow]:
        """The columns as they are now."""
        with self.sessions() as session:
            return list(session.scalars(select(LineItemRow)))

    def limit(self, concurrency: int) -> None:
        """So many exchanges at once with the platform."""
        with unit_of_work(self.sessions) as session:
            session.get_one(PlatformChannelRow, self.platform_id).concurrency = concurrency

    def channel(self) -> PlatformChannelRow:
        """The platform's channel as it is now."""
        with self.sessions() as session:
            return session.get_one(PlatformChannelRow, self.platform_id)

    def balance(self, faults: int = 0, wished: int | None = None) -> Balance:
        """Compares every wish with the gradebook, once nothing is on its way."""
        grades, report = self.lms.ask("grades"), self.lms.ask("report")
        lost = wrong = undelivered = rows = 0
        with self.sessions() as session:
            paused = set(
                session.scalars(
                    select(PlatformChannelRow.platform_id).where(PlatformChannelRow.paused_until.is_not(None))
                )
            )
            query = (
                select(DeliveryRow, LineItemRow.url, PersonRow.sub)
                .join(LineItemRow, LineItemRow.id == DeliveryRow.line_item_id)
                .join(PersonRow, PersonRow.id == DeliveryRow.person_id)
            )
            for row, url, sub in session.execute(query):
                rows += 1
                stands = grades.get(_column_of(url), {}).get(sub)
                right = stands is not None and Decimal(stands) == row.wanted_given
                if row.state == "sent":
                    wrong += not right
                elif (row.state in {"held", "dead"} and row.last_answer) or row.platform_id in paused:
                    undelivered += 1
                else:
                    lost += not right
        return Balance(
            rows=rows,
            wished=rows if wished is None else wished,
            posts=report["counts"].get("scores", 0),
            stored=report["stored"],
            faults=faults,
            lost=lost,
            wrong=wrong,
            undelivered=undelivered,
            disorder=len(report["wrong_order"]),
            seconds=time.monotonic() - self.began,
        )


def _column_of(url: str | None) -> str:
    return (url or "").partition("/lineitems/")[2].partition("/")[0]


def installed(url: str, folder: Path, sessions: SessionFactory) -> Settings:
    """The tool's settings for a database, with a key that signs."""
    settings = Settings(
        base_url="http://127.0.0.1:9",
        data_dir=folder,
        database_url=url,
        keys_dir=folder / "keys",
        secret_key=SecretStr("a secret of the tests, and of nobody else"),
        allow_private_networks=True,
        log_format="json",
    )
    write_tool_key(folder / "keys")
    Keyring.open(settings.keys_dir, settings.keys_passphrase, sessions)
    return settings


@contextmanager
def opened_rig(
    sessions: SessionFactory, url: str, folder: Path, people: int, columns: int = 1, ahead: float = 0
) -> Iterator[Rig]:
    """A rig whose columns the workers still have to make."""
    folder.mkdir(exist_ok=True)
    settings = installed(url, folder, sessions)
    publish_keys(sessions, folder / "jwks.json")
    lms = Lms(people, folder / "jwks.json", ahead)
    with unit_of_work(sessions) as session:
        room = classroom(session, lms.url, CLIENT, people, columns)
    rig = Rig(sessions, settings, lms, room)
    try:
        yield rig
    finally:
        for worker in rig.workers:
            worker.kill()
            worker.wait()
        lms.end()


def publish_keys(sessions: SessionFactory, file: Path) -> None:
    """Lays the tool's key set where the LMS reads it."""
    with sessions() as session:
        file.write_text(json.dumps(keyring.key_set(session)))


def classroom(session: Session, base: str, client: str, people: int, columns: int) -> Classroom:
    """A course of a platform at `base`, whose columns the workers still have to make."""
    now = clock.now()
    make = Make(session, now)
    platform = make.platform(base)
    registration = make.registration(platform, client)
    registration.token_url = f"{base}/mod/lti/token.php"
    course = make.course(platform, context_id=MAIN_COURSE_ID)
    session.add(
        CourseServiceRow(
            course_id=course.id,
            registration_id=registration.id,
            line_items_url=f"{base}/mod/lti/services.php/{MAIN_COURSE_ID}/lineitems",
            scopes=[scope.value for scope in Scope if scope is not Scope.MEMBERSHIP],
            seen_at=now,
        )
    )
    persons = [make.person(platform, f"P{number}", sub=str(1001 + number)) for number in range(people)]
    competency_id = CompetencyId(competency(make).id)
    targets = [
        LineItemTarget(competency_id, f"4.1.{number}", f"4.1.{number} T", Decimal(100)) for number in range(columns)
    ]
    want_line_items(session, CourseId(course.id), targets, now)
    made = session.scalars(select(LineItemRow.id).where(LineItemRow.course_id == course.id).order_by(LineItemRow.id))
    return Classroom(
        course_id=CourseId(course.id),
        platform_id=PlatformId(platform.id),
        people=[PersonId(person.id) for person in persons],
        columns=[LineItemId(each) for each in made],
    )
