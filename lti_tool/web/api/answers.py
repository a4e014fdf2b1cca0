"""What the API answers, as models: answers are built from them, and the OpenAPI document describes them by them.

An unknown value is null, never 0; ids are the opaque ones of pages and exports, codes those of the requirements.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from lti_tool.competency.model import LevelState
from lti_tool.grading.model import DeliveryState

Number = Annotated[Decimal, PlainSerializer(float, return_type=float)]
"""A number with the places that it has; a mark has at most five."""
Item = TypeVar("Item")


class Answer(BaseModel):
    """An object of the API."""

    model_config = ConfigDict(extra="forbid", json_schema_serialization_defaults_required=True)


class Listed(Answer, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: str | None = Field(description="Address of the next page; null on the last one.")


class FrameworkName(Answer):
    """A version of the requirements."""

    framework: str
    version: str


class Course(Answer):
    """A course of the platform."""

    id: str
    lms_id: str = Field(description="What the LMS calls the course (LTI: context id).")
    title: str
    label: str | None
    begins_at: datetime | None
    ends_at: datetime | None
    created_at: datetime = Field(description="When the tool first heard of it.")
    closed_at: datetime | None = Field(description="Since when its levels are certified and frozen; null: it is open.")
    roster_read_at: datetime | None = Field(description="When the LMS's list of people was last taken over.")


class CourseDetail(Course):
    """A course, with who is in it and by which requirements it goes."""

    participants: int
    trainers: int
    requirements: FrameworkName


class Person(Answer):
    """A person of the platform. What the LMS does not share is null, or an empty name."""

    id: str
    lms_id: str = Field(description="What the LMS calls the person (LTI: sub).")
    name: str
    given_name: str | None
    family_name: str | None
    email: str | None
    id_number: str | None
    created_at: datetime
    updated_at: datetime = Field(description="When what the LMS says of the person last changed.")


class Standing(Answer):
    """Where a person stands in a competency, with the values of `lti-tool gradebook export`."""

    competency: str = Field(description="Code like 4.1.")
    established: int | None = Field(description="0 to 3; null: not established yet, which is not level 0.")
    held: list[int] = Field(description="Levels that are met, but not counted: something below is not met.")
    state: LevelState = Field(description="Of the next level, or of the highest where none is above.")
    attained: int | None = Field(description="Indicators of that level that are attained; null: not assessable here.")
    indicators: int = Field(description="All indicators of that level.")
    progress: Number | None = Field(description="Rounded down to two decimals; null: nothing is known yet.")


class GradebookPerson(Answer):
    """A participant of a course."""

    id: str
    name: str
    email: str | None
    id_number: str | None


class GradebookRow(Answer):
    """A participant with every competency of the course's requirements."""

    person: GradebookPerson
    competencies: list[Standing]


class BestLevel(Answer):
    """The best level over all courses of the platform, as far as it still holds."""

    competency: str
    level: int | None = Field(description="Null: established nowhere, or what was certified has expired.")


class BestLevels(Answer):
    """Best levels by one version of the requirements."""

    requirements: FrameworkName
    competencies: list[BestLevel]


class AttendedCourse(Answer):
    """A course that the person is or was in as a participant."""

    id: str
    title: str
    active: bool = Field(description="False: the LMS's list of the course does not name the person any more.")
    closed_at: datetime | None
    requirements: FrameworkName
    competencies: list[Standing]


class PersonDetail(Person):
    """A person with their levels, over all courses and in each."""

    best: list[BestLevels]
    courses: list[AttendedCourse]


class Delivery(Answer):
    """What should stand in the LMS's gradebook for one person in one column, and what does."""

    id: str
    course: str
    person: str
    competency: str | None = Field(description="Code of the column's competency; null: the column of an activity.")
    column: str = Field(description="What the column is called.")
    state: DeliveryState
    reason: str | None = Field(description="Why it has not arrived: what the last try came to; null where it has.")
    wanted: Number | None = Field(description="Null: nothing is to stand there.")
    wanted_maximum: Number
    wanted_at: datetime
    sent: Number | None = Field(description="What the LMS has confirmed last; null: nothing, or an empty grade.")
    sent_maximum: Number | None
    sent_at: datetime | None
    attempts: int = Field(description="Tries since the wish last changed.")
    next_try_at: datetime | None = Field(description="Null: it does not go by itself any more, or has arrived.")


class LevelCount(Answer):
    """How many people have established a level."""

    level: int
    persons: int | None = Field(description="Null where the competency is suppressed.")


class CompetencyCounts(Answer):
    """How the people of a platform stand in a competency, each by their best course."""

    competency: str
    suppressed: bool = Field(description="Fewer people than “smallest_group” are known: their numbers are not told.")
    persons: int | None = Field(description="Of whom anything is stored.")
    not_established: int | None = Field(description="Of these, people without an established level: not level 0.")
    levels: list[LevelCount]


class CompetencyStatistics(Answer):
    """People by competency and level."""

    as_of: datetime | None = Field(description="Null: nothing has been computed yet.")
    requirements: FrameworkName
    smallest_group: int
    competencies: list[CompetencyCounts]


class Text(Answer):
    """A text of the requirements."""

    text: str
    language: str = Field(description="In which it is: a missing translation is given in Kyrgyz.")
    official: bool = Field(description="Only the Kyrgyz text is; the others are unofficial translations.")


class Indicator(Answer):
    """One observable action by which a level is shown."""

    code: str
    level: int
    key: bool
    text: Text


class Competency(Answer):
    """A competency with its indicators."""

    code: str
    aspect: int
    short_title: Text
    text: Text
    indicators: list[Indicator]


class Aspect(Answer):
    """An aspect of a teacher's work."""

    number: int
    title: Text


class Level(Answer):
    """A level, 1 the lowest."""

    number: int
    name: Text
    description: Text


class Framework(Answer):
    """A version of the requirements."""

    framework: str
    version: str
    title: Text
    levels: list[Level]
    aspects: list[Aspect]
    competencies: list[Competency]
