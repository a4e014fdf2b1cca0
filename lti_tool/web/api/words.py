"""What parameters and headers of the API mean, for its page and its OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable

from lti_tool.web.i18n import gettext as _

TITLE = "lti-tool"
UNCHANGED = "The content has still the tag that was sent in If-None-Match."

PARAMETERS: dict[str, Callable[[], str]] = {
    "course": lambda: _("Id of a course."),
    "person": lambda: _("Id of a person."),
    "limit": lambda: _("How many on a page, 200 at most."),
    "cursor": lambda: _("Where the page begins: as it stands in “next” of the page before."),
    "closed": lambda: _("true: only closed courses; false: only open ones."),
    "created_since": lambda: _("Only what the tool first heard of at that moment or later."),
    "updated_since": lambda: _("Only persons of whom something has changed at that moment or later."),
    "lms_id": lambda: _("What the LMS calls it."),
    "email": lambda: _("E-mail address, upper and lower case alike."),
    "id_number": lambda: _("ID number in the LMS."),
    "state": lambda: _(
        "due: waits; sent: has arrived; held, dead: has not, see the reason; detached: left to the LMS."
    ),
    "reason": lambda: _("Why it has not arrived: what the last try came to."),
    "wanted_since": lambda: _("Only what was wished so at that moment or later."),
    "version": lambda: _("Version of the requirements; the newest by default."),
}
ASKED = {
    "Accept-Language": "Language of texts and refusals: ky (also where nothing fits), ru, en.",
    "If-None-Match": "Tags of what is known already: 304 says that nothing has changed.",
}
HEADERS = {
    "ETag": "Tag of the content; sent back in If-None-Match it saves reading the same again.",
    "Content-Language": "Language of the texts.",
    "Cache-Control": "Nobody but the caller may keep the answer.",
    "Link": 'Address of the next page, rel="next"; missing on the last one.',
    "RateLimit": "What is left of the calls of this minute, and how many seconds are.",
    "RateLimit-Policy": "How many calls a minute the token has.",
    "Retry-After": "Seconds to wait.",
    "WWW-Authenticate": "How to authenticate.",
}


def about() -> str:
    """What the API is, in a few sentences."""
    return _(
        "Reads courses, gradebooks, persons, deliveries and statistics of one platform. Unknown is null, never 0. "
        "Texts come in the language of “Accept-Language” (ky, ru, en). Lists go on at the address in “next”."
    )
