"""What the tool says of itself when it registers: addresses, names in three languages, what it asks for.

One place, because a platform compares these with every later message; Moodle's demands are met here (moodle-lti-facts,
section 1).
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from lti_tool.lti.model import Scope

TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
NAMES = {"ky": "МКТ компетентүүлүктөрү", "ru": "ИКТ-компетенции", "en": "ICT competencies"}
DESCRIPTION = "Мугалимдердин МКТ компетентүүлүктөрү · ИКТ-компетенции учителя · Teachers' ICT competencies"
CUSTOM = {
    "context_history": "$Context.id.history",
    "course_begin": "$CourseSection.timeFrame.begin",
    "course_end": "$CourseSection.timeFrame.end",
    "groups": "$Moodle.Person.userGroupIds",
}
CLAIMS = ["iss", "sub", "name", "given_name", "family_name", "email"]


def tool_metadata(base_url: str) -> dict[str, object]:
    """What the tool says of itself (dynamic registration 1.0, section 3.5), as Moodle wants it.

    `domain` carries a port that is not the scheme's own; one redirect URI: the target is read from a signed claim.
    """
    launch = f"{base_url}/lti/launch"
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": f"{base_url}/lti/login",
        "redirect_uris": [launch],
        **_localized("client_name", NAMES),
        "client_uri": base_url,
        "logo_uri": f"{base_url}/static/favicon.svg",
        "jwks_uri": f"{base_url}/lti/jwks",
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(Scope),
        TOOL_CONFIGURATION: {
            "domain": _domain(base_url),
            "description": DESCRIPTION,
            "target_link_uri": launch,
            "custom_parameters": CUSTOM,
            "claims": CLAIMS,
            "messages": [
                {"type": "LtiResourceLinkRequest", "target_link_uri": launch, **_localized("label", NAMES)},
                {
                    "type": "LtiDeepLinkingRequest",
                    "target_link_uri": launch,
                    "placements": ["ContentArea"],
                    "supported_types": ["ltiResourceLink"],
                    **_localized("label", NAMES),
                },
            ],
        },
    }


def _localized(name: str, texts: Mapping[str, str]) -> dict[str, str]:
    return {name: texts["ky"], **{f"{name}#{locale}": text for locale, text in texts.items()}}


def _domain(base_url: str) -> str:
    parts = urlsplit(base_url)
    own = {"https": 443, "http": 80}.get(parts.scheme)
    return str(parts.hostname) if parts.port in (None, own) else f"{parts.hostname}:{parts.port}"
