"""A paper record as a document for print: what was frozen when it was made, in words, with the way to check it."""

from __future__ import annotations

import io

from lti_tool.competency.framework import Framework
from lti_tool.credentials.model import Credential
from lti_tool.credentials.record_facts import RecordFacts
from lti_tool.reports.paper import Paper, PaperAspect, PaperCheck, PaperLevel, PaperLine
from lti_tool.reports.table import Note, file_name
from lti_tool.web import record_words
from lti_tool.web.dates import day
from lti_tool.web.i18n import current_locale
from lti_tool.web.i18n import gettext as _
from lti_tool.web.record_words import AspectWords, RecordWords

QUIET = 4
"""So many modules of white around the code (ISO/IEC 18004)."""


def document(record: Credential, framework: Framework, name: str, address: str) -> Paper:
    """The record in the page's language; the same whenever it is asked for. `address` is where it is checked."""
    words = record_words.words_of(RecordFacts.from_json(record.facts), framework)
    title = _("Record of ICT competencies")
    whose, issued = name or _("Name not shared"), day(record.issued_at)
    return Paper(
        name=file_name(title, name),
        language=current_locale(),
        issued_at=record.issued_at,
        issuer=words.issuer,
        title=title,
        whose=Note(_("Name"), whose),
        facts=(
            Note(_("Date of issue"), issued),
            Note(
                _("Requirements"),
                _("%(title)s, version %(version)s", title=words.requirements.text, version=words.version),
            ),
        ),
        check=_check(address, record.public_id),
        overall=Note(_("Overall"), words.overall),
        overall_why=words.overall_why,
        heads=(_("Competency"), _("Established level"), _("Certified levels")),
        top=len(words.levels),
        aspects=tuple(_aspect(each) for each in words.aspects),
        sources=_("Certified by") if words.sources else "",
        source_lines=tuple(Note(each.letter, each.text) for each in words.sources),
        levels_title=_("What the levels mean"),
        levels=tuple(PaperLevel(each.number, each.name, each.subtitle, each.description.text) for each in words.levels),
        levels_how=_(
            "A level counts once at least two thirds of its indicators have been shown, and every level below it."
        ),
        wording=words.wording,
        silent_title=_("What this record does not say"),
        silent=_silent(words, names=record.shows_name and bool(name)),
        footer=f"{title} · {whose} · {record.public_id}",
    )


def _aspect(aspect: AspectWords) -> PaperAspect:
    return PaperAspect(
        title=f"{aspect.number}. {aspect.title.text}",
        known=aspect.known,
        lines=tuple(
            PaperLine(
                each.code, each.text.text, each.level, each.established, ", ".join(each.certified) or _("none yet")
            )
            for each in aspect.lines
        ),
    )


def _check(address: str, public_id: str) -> PaperCheck:
    picture = io.BytesIO()
    # Imported with the first record on paper, like the program that sets it.
    import segno

    segno.make(address, error="m", micro=False).save(picture, kind="svg", border=QUIET, dark="#000", light="#fff")
    return PaperCheck(
        picture=picture.getvalue().decode(),
        picture_text=_("QR code with the address where this record is checked: %(address)s", address=address),
        say=_("Check this record:"),
        address=address,
        shown=(address.removesuffix(public_id), public_id),
    )


def _silent(words: RecordWords, *, names: bool) -> tuple[str, ...]:
    """What a reader might take from it, and must not."""
    return (
        _("“Not yet established” means that nothing is known yet. It is neither a zero nor a failed attempt."),
        _(
            "An established level rests on what was shown in courses of this institute by the date of issue; it can"
            " change later. A certified level was fixed when a course was closed."
        ),
        _("The record holds no marks and no work, and compares nobody with anybody."),
        _(
            "Paper can be changed. What counts is what the check page says: whether the record is valid, withdrawn or"
            " replaced by a newer one."
        ),
        _("The check page shows the name as well.") if names else _("The check page does not show the name."),
    )
