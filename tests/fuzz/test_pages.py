"""Forms and addresses with anything in them: an answer for people, and nothing half stored."""

from __future__ import annotations

from functools import cache
from urllib.parse import quote_from_bytes

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from tests.factories.launch_bench import TOOL
from tests.fuzz.crawl import Offer, offers
from tests.fuzz.odd import TEXTS
from tests.fuzz.rows import rows
from tests.fuzz.tally import Tally, cases
from tests.fuzz.undone import undone
from tests.fuzz.world import World

KEPT_ANYWAY = {"audit_event", "entry_throttle"}
"""Where refusals are written down, too."""
SHARP = [
    b"\0",
    b"a\0b",
    b"9" * 5000,
    b"0001-01-01T00:00",
    b"9999-12-31",
    b"//[",
    b"-1",
    b'["\\ud800"]',
    b"\xff\xfe",
    b"x" * 5000,
]
"""What most often finds a place that nobody thought of."""
BYTES = st.sampled_from(SHARP) | TEXTS.map(lambda text: text.encode("utf-8", "surrogatepass"))
Fields = list[tuple[bytes, bytes]]
Change = tuple[int, str, bytes]
CHANGES = st.lists(
    st.tuples(st.integers(0, 60), st.sampled_from(["change", "change", "drop", "double", "append", "invent"]), BYTES),
    min_size=1,
    max_size=3,
)
FILES = st.binary(max_size=30) | st.sampled_from([b"activity,indicator\nQuiz: \0,1.1.1.a", b"%PDF-1.7", b"PK\x03\x04"])
BOUNDARY = b"a-boundary-between-parts"


@cache
def _offered(world: World) -> list[Offer]:
    with undone(world.sessions):
        return offers(world)


@cases(2.5)
@given(number=st.integers(0, 10_000), changes=CHANGES, content=FILES, name=BYTES)
def test_forms_and_addresses(
    world: World, tally: Tally, number: int, changes: list[Change], content: bytes, name: bytes
) -> None:
    known = _offered(world)
    offer = known[number % len(known)]
    with tally.case() as case, undone(world.sessions):
        before = rows(world.sessions, KEPT_ANYWAY)
        answer = _sent(world, offer, _changed(offer, changes), content, name)
        assert answer.status_code < 500, (offer, changes, answer.text)
        case.note(accepted=answer.status_code < 400)
        if answer.status_code >= 400:
            assert rows(world.sessions, KEPT_ANYWAY) == before, (offer, changes)


def _changed(offer: Offer, changes: list[Change]) -> Fields:
    fields = [(name.encode(), value.encode()) for name, value in offer.fields]
    for at, how, odd in changes:
        place = at % len(fields) if fields else 0
        if how == "invent" or not fields:
            fields.append((odd, odd))
            continue
        name, value = fields[place]
        match how:
            case "change":
                fields[place] = (name, odd)
            case "append":
                fields[place] = (name, value + odd)
            case "double":
                fields.append((name, odd))
            case "drop":
                del fields[place]
    return fields


def _sent(world: World, offer: Offer, fields: Fields, content: bytes, name: bytes) -> TestResponse:
    client = world.browser(offer.visitor)
    written = "&".join(f"{quote_from_bytes(name)}={quote_from_bytes(value)}" for name, value in fields)
    if offer.method == "GET":
        return client.get(f"{offer.path.partition('?')[0]}?{written}", base_url=TOOL)
    if not offer.files:
        form = "application/x-www-form-urlencoded"
        return client.post(offer.path, data=written.encode(), content_type=form, base_url=TOOL)
    parts = [(each, b"", value) for each, value in fields]
    filename = b'; filename="' + name.replace(b'"', b"%22").replace(b"\n", b"%0A").replace(b"\r", b"") + b'"'
    parts += [(each.encode(), filename, content) for each in offer.files]
    body = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (BOUNDARY, each.replace(b'"', b"%22"), file, value)
        for each, file, value in parts
    )
    kind = f"multipart/form-data; boundary={BOUNDARY.decode()}"
    return client.post(offer.path, data=body + b"--%s--\r\n" % BOUNDARY, content_type=kind, base_url=TOOL)
