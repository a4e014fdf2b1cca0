"""GUIDs that others may build on: made from names, so that every installation and every start gives the same.

They hold the framework, its edition, the language and the code, nothing of the wording: a corrected text keeps its
GUID, a new edition of the requirements has GUIDs of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID, uuid5

from lti_tool.competency.framework import OFFICIAL_LANGUAGE

NAMESPACE = UUID("eec4fa31-aef0-4ad8-a580-a1dfb7061c94")
"""Ours. Changing it would change the identity of everything that has ever been handed out."""

_FORM = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")


@dataclass(frozen=True, slots=True)
class Guids:
    """The GUIDs of one document: an edition of a framework in one language."""

    framework: str
    edition: str
    language: str

    def document(self) -> str:
        """Of the document, and of the package around it."""
        return self._guid("document")

    def item(self, kind: str, code: str) -> str:
        """Of an aspect, competency, indicator or level."""
        return self._guid("item", kind, code)

    def item_type(self, code: str) -> str:
        """Of a kind of items."""
        return self._guid("item_type", code)

    def concept(self, number: int) -> str:
        """Of a term of the glossary."""
        return self._guid("concept", str(number))

    def _guid(self, *names: str) -> str:
        language = () if self.language == OFFICIAL_LANGUAGE else (self.language,)
        return str(uuid5(NAMESPACE, "/".join((self.framework, self.edition, *language, *names))))


def association(kind: str, origin: str, destination: str) -> str:
    """The GUID of an association between two things with GUIDs."""
    return str(uuid5(NAMESPACE, f"{kind}/{origin}/{destination}"))


def is_guid(text: str) -> bool:
    """Whether a text has the form that the standard asks of a GUID."""
    return _FORM.fullmatch(text) is not None
