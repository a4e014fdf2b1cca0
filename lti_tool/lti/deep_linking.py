"""The answer to a deep-linking request: what the trainer picked, as one signed message (deep linking 2.0, section 3.4).

Only resource links of the tool itself are offered, for Moodle turns every item into a tool link whatever its type. A
maximum is a whole number from 1 to 100: with several items Moodle silently makes a 100-point column of anything else
(moodle-lti-facts, section 3). Does not decide who may pick: a request of a learner never becomes a Launch.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from lti_tool.errors import RuleBroken
from lti_tool.lti.model import DeepLinkingSettings, Registration
from lti_tool.lti.tokens import Signer
from lti_tool.people.model import ActivityKind

LTI = "https://purl.imsglobal.org/spec/lti/claim/"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/"
BACK_DATED = timedelta(seconds=60)
"""Moodle refuses an `iat` ahead of its own clock, without leeway."""
LIFE = timedelta(minutes=4)
"""With the back-dating exactly five minutes from `iat` to `exp`."""
MOST_POINTS = 100
LABEL_LENGTH = 100


@dataclass(frozen=True, slots=True)
class PickedItem:
    """One activity to be placed in the course."""

    kind: ActivityKind
    title: str
    text: str
    """Description that the LMS shows."""
    indicators: str
    """The custom parameter, like `4.1.1.a:2,4.1.2.b`; may be empty."""
    points: int | None
    """A full mark, or None for an activity without a grade."""
    uid: str
    """Our own name for the item: the platform never tells which link came of it."""


@dataclass(frozen=True, slots=True)
class Addressee:
    """To whom the answer goes: who asked, in which deployment, and on which terms."""

    registration: Registration
    deployment_id: str
    settings: DeepLinkingSettings


def response(signer: Signer, to: Addressee, items: Sequence[PickedItem], base_url: str, now: datetime) -> str:
    """The signed answer, to be posted as `JWT` to the return URL; no items close the dialogue.

    Raises RuleBroken: links_not_accepted, one_item_only, points_out_of_range.
    """
    if items and not to.settings.accepts_resource_links:
        raise RuleBroken("links_not_accepted")
    if len(items) > 1 and not to.settings.accepts_multiple:
        raise RuleBroken("one_item_only", picked=len(items))
    data = {} if to.settings.data is None else {DEEP_LINKING + "data": to.settings.data}
    return signer.sign(
        {
            "iss": to.registration.client_id,
            "aud": to.registration.issuer,
            "iat": int((now - BACK_DATED).timestamp()),
            "exp": int((now + LIFE).timestamp()),
            "nonce": secrets.token_urlsafe(16),
            LTI + "deployment_id": to.deployment_id,
            LTI + "message_type": "LtiDeepLinkingResponse",
            LTI + "version": "1.3.0",
            DEEP_LINKING + "content_items": [_content_item(item, base_url) for item in items],
            **data,
        }
    )


def _content_item(item: PickedItem, base_url: str) -> dict[str, object]:
    """A resource link; `custom` makes activity and mapping at its first launch, in a copied course too."""
    custom = {"activity": item.kind.value, "indicators": _one_line(item.indicators), "uid": _one_line(item.uid)}
    return {
        "type": "ltiResourceLink",
        "title": _one_line(item.title),
        "text": item.text,
        "url": f"{base_url}/lti/launch",
        "custom": {name: value for name, value in custom.items() if value},
        **_column(item),
    }


def _column(item: PickedItem) -> dict[str, object]:
    if item.points is None:
        return {}
    if isinstance(item.points, bool) or not isinstance(item.points, int) or not 1 <= item.points <= MOST_POINTS:
        raise RuleBroken("points_out_of_range", points=item.points, most=MOST_POINTS)
    return {
        "lineItem": {
            "label": _one_line(item.title)[:LABEL_LENGTH],
            "scoreMaximum": item.points,
            "resourceId": f"activity:{_one_line(item.uid)}",
            "tag": "activity",
        }
    }


def _one_line(text: str) -> str:
    # Moodle keeps custom parameters one a line: a line break in a value would start another parameter.
    return " ".join(text.split())
