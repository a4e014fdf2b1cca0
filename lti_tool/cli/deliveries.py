"""`lti-tool deliveries`: grades that have not arrived, listed and sent again; those that differ in the LMS, found."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, dataclass

import click
from sqlalchemy.orm import Session

from lti_tool import clock
from lti_tool.audit.model import Action
from lti_tool.cli.context import Opened, opened
from lti_tool.cli.noting import note
from lti_tool.db.database_clock import DatabaseClock
from lti_tool.db.unit_of_work import unit_of_work
from lti_tool.grading import comparing, delivery_queries, drift_queries, wishes
from lti_tool.grading.choosing import STUCK, WAITING, Stuck
from lti_tool.grading.comparing import Compared
from lti_tool.grading.delivery_queries import Listed
from lti_tool.grading.model import DeliveryState, ScoreSender
from lti_tool.grading.overtaken import hold_overtaken
from lti_tool.lti import platforms
from lti_tool.people import queries
from lti_tool.people.courses import find_course
from lti_tool.people.model import Course
from lti_tool.worker_app import create_sender

COURSE = click.option("--course", "course_id", metavar="ID", help="Of one course, as `course list` prints it.")
PLATFORM = click.option(
    "--platform", "platform_id", metavar="ID", help="Of one platform, as `platform list` prints it."
)


@click.group()
def deliveries() -> None:
    """Grades on their way to the LMS."""


@deliveries.command("list")
@PLATFORM
@COURSE
@click.option("--state", type=click.Choice([each.value for each in DeliveryState]), help="Without it: not arrived.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def list_command(platform_id: str | None, course_id: str | None, state: str | None, as_json: bool) -> None:
    """Lists grades that have not arrived: id, course, person, column, state, last answer, since, next try."""
    states = (DeliveryState(state),) if state else WAITING
    with opened() as work, unit_of_work(work.sessions, writes=False) as session:
        listed = [
            _plain(each) for each in delivery_queries.listed(session, _which(session, course_id, platform_id, states))
        ]
    if as_json:
        click.echo(json.dumps(listed, ensure_ascii=False, indent=2))
    else:
        for row in listed:
            click.echo("\t".join(value or "-" for value in row.values()))


def _plain(each: Listed) -> dict[str, str | None]:
    return {name: None if value is None else str(value) for name, value in asdict(each).items()}


@deliveries.command()
@COURSE
@PLATFORM
@click.option("--all", "every", is_flag=True, help="Of every platform.")
@click.option("--state", type=click.Choice([each.value for each in STUCK]), help="Without it: both.")
@click.option("--over-newer", is_flag=True, help="Also over something newer in the LMS's gradebook.")
@click.option("--dry-run", is_flag=True, help="Say how many would go, and send none.")
def retry(
    course_id: str | None, platform_id: str | None, every: bool, state: str | None, over_newer: bool, dry_run: bool
) -> None:
    """Sends grades again that are held or given up; prints how many."""
    if [bool(course_id), bool(platform_id), every].count(True) != 1:
        raise click.UsageError("Say one of --course, --platform and --all.")
    states = (DeliveryState(state),) if state else STUCK
    with opened() as work:
        with unit_of_work(work.sessions, writes=False) as session:
            which = _which(session, course_id, platform_id, states, over_newer=over_newer)
            count = delivery_queries.stuck_count(session, which)
        click.echo(count if dry_run else _send(work, which))


def _send(work: Opened, which: Stuck) -> int:
    """In portions, each in a transaction of its own: nobody waits long for the rows."""
    sent, after = 0, 0
    while True:
        with unit_of_work(work.sessions) as session:
            count, following = wishes.send_portion_again(session, which, after, clock.now())
            if count:
                note(session, Action.GRADES_SENT)
        sent += count
        if following is None:
            return sent
        after = following


def _which(
    session: Session,
    course_id: str | None,
    platform_id: str | None,
    states: tuple[DeliveryState, ...],
    *,
    over_newer: bool = False,
) -> Stuck:
    return Stuck(
        course_id=find_course(session, course_id).id if course_id else None,
        platform_id=platforms.platform_of(session, platform_id) if platform_id else None,
        states=states,
        over_newer=over_newer,
    )


@dataclass(frozen=True, slots=True)
class Told:
    """What comparing one course came to."""

    course: str
    columns: int
    """How many were read now."""
    unread: int
    """How many could not be."""
    waiting: int
    """How many a worker reads later: the LMS is away, or bears no more now."""
    grades: int
    differing: int
    """How many grades wait for a decision, those found before included."""


@deliveries.command()
@COURSE
@click.option("--all", "every", is_flag=True, help="All courses of every platform.")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def compare(course_id: str | None, every: bool, as_json: bool) -> None:
    """Compares what was sent with the LMS's gradebook, now: course, columns read, unread, waiting, grades, differing.

    Nothing is overwritten: what differs waits for a trainer's decision on the course's page of grades sent.
    """
    if bool(course_id) == every:
        raise click.UsageError("Say one of --course and --all.")
    with opened() as work:
        with unit_of_work(work.sessions, writes=False) as session:
            courses = queries.all_courses(session) if every else (find_course(session, course_id or ""),)
        sender = create_sender(work.settings, work.sessions)
        _print([asdict(_compare(work, sender, course)) for course in courses], as_json)


@deliveries.command("after-restore")
@click.option("--json", "as_json", is_flag=True, help="As a JSON list.")
def after_restore(as_json: bool) -> None:
    """After a restore, before a worker starts: course, grades held now, and what `compare` tells of it.

    The LMS may have got newer grades than the backup knows. What was under way and has been overtaken, or cannot be
    looked at, is held until somebody decides (`retry --over-newer` sends it all the same).
    """
    with opened() as work:
        with unit_of_work(work.sessions, writes=False) as session:
            courses = queries.all_courses(session)
        sender = create_sender(work.settings, work.sessions)
        # What is under way is held everywhere before anything takes its time.
        held = {course.id: hold_overtaken(work.sessions, sender, course.id) for course in courses}
        _print([_after_restore(_compare(work, sender, each), held[each.id]) for each in courses], as_json)


def _after_restore(told: Told, held: int) -> dict[str, str | int]:
    plain = asdict(told)
    return {"course": plain.pop("course"), "held": held, **plain}


def _print(rows: list[dict[str, str | int]], as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    for row in rows:
        click.echo("\t".join(str(value) for value in row.values()))


def _compare(work: Opened, sender: ScoreSender, course: Course) -> Told:
    now, lane = DatabaseClock(work.sessions), f"command-{secrets.token_hex(8)}"
    with unit_of_work(work.sessions) as session:
        comparing.ask(session, course.id, now())
        note(session, Action.GRADES_COMPARED, course=course)
    done: list[Compared] = []
    while compared := comparing.compare_next(work.sessions, sender, lane, now(), course_id=course.id):
        done.append(compared)
    with unit_of_work(work.sessions, writes=False) as session:
        differences = drift_queries.differences_of(session, course.id).values()
        read = drift_queries.comparisons_of(session, course.id).values()
    return Told(
        course=course.public_id,
        columns=sum(each.fault is None for each in done),
        unread=sum(each.fault is not None for each in done),
        waiting=sum(each.waits for each in read),
        grades=sum(each.grades for each in done),
        differing=sum(each.decision is None for each in differences),
    )
