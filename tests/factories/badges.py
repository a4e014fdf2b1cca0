"""A person with a certified level, and what is needed to make a badge of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lti_tool.credentials import badges
from lti_tool.credentials.badge import Issuer, Place, Words
from lti_tool.credentials.badges import Signing, Wish
from lti_tool.credentials.keyring import FOLDER, CredentialKeys
from lti_tool.db.unit_of_work import SessionFactory, unit_of_work
from lti_tool.people.model import Person
from lti_tool.people.store import as_person
from tests.factories.launch_bench import TOOL, write_tool_key
from tests.factories.make import Make

EMAIL = "aigul@school.example.invalid"


@dataclass
class Holder:
    """Somebody with certified levels, and the tool that makes badges of them."""

    sessions: SessionFactory
    signing: Signing
    person: Person
    levels: list[str]
    """Public ids: the first two levels of a competency."""
    now: datetime

    def make(self, level: int = 0, *, by_email: bool = False, shows_name: bool = False, locale: str = "ky") -> str:
        """Makes a badge; its public id."""
        wish = Wish(self.levels[level], locale, shows_name, by_email)
        with unit_of_work(self.sessions) as session:
            return badges.make(session, self.person, wish, self.signing, self.now)


def words_of(place: Place) -> Words:
    """The sentences of a badge, in English."""
    return Words(f"{place.competency.code}: {place.level.name('en')}", "What is asked.", "How it was shown.", "Level")


def holder(sessions: SessionFactory, folder: Path, now: datetime) -> Holder:
    """Somebody to whom a course certified levels 1 and 2 of one competency."""
    write_badge_key(folder)
    keys = CredentialKeys.open(folder, None, TOOL, sessions)
    with unit_of_work(sessions) as session:
        make = Make(session, now)
        framework = make.framework()
        platform = make.platform("https://lms.of-holders.example.invalid")
        course, person = make.course(platform), make.person(platform, "Айгүл", email=EMAIL)
        make.membership(course, person)
        competency = framework.competency("4.1").id
        levels = [make.certified_level(course, person, competency, level).public_id for level in (1, 2)]
        return Holder(
            sessions, Signing(keys, TOOL, Issuer("Institute", TOOL), words_of), as_person(person), levels, now
        )


def write_badge_key(folder: Path) -> str:
    """Lays a key where those that sign badges lie, so that no test waits for one to be made; its id."""
    (folder / FOLDER).mkdir(mode=0o700, parents=True, exist_ok=True)
    return write_tool_key(folder / FOLDER)
