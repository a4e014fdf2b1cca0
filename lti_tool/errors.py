"""The family of everything that can be refused, so that each door decides by type what it answers.

Errors carry a code and facts, never a sentence for people: `web/` turns them into Kyrgyz, Russian or English,
`cli.py` into one line on stderr.
"""

from __future__ import annotations


class ToolError(Exception):
    """Root of the tool's own refusals.

    `code` is a constant in snake_case that names the fault; `facts` are the values a message needs (ids, counts,
    what was found and what was expected), never tokens or whole records.
    """

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def __str__(self) -> str:
        told = ", ".join(f"{name}={value!r}" for name, value in self.facts.items())
        return f"{self.code} ({told})" if told else self.code


class LaunchRefused(ToolError):
    """A login, launch or registration that is not accepted; `status` is the HTTP answer (lti-security, section 2)."""

    def __init__(self, code: str, status: int, **facts: object) -> None:
        super().__init__(code, **facts)
        self.status = status


class NotAllowed(ToolError):
    """The person may not do this here. Answered as 404, so that nothing is learned about what exists."""


class NotFound(ToolError):
    """There is no such thing, or none that this person may know of."""


class RuleBroken(ToolError):
    """Input that the rules of the domain refuse (a wrong code, a weight of 7, an unreadable file)."""


class Conflict(ToolError):
    """The thing has changed since it was read; nothing was stored."""


class SettingsFaulty(ToolError):
    """The settings do not allow a start; `faults` names every fault, each as "setting: what is wrong"."""

    def __init__(self, code: str, faults: list[str]) -> None:
        super().__init__(code, faults=faults)
        self.faults = faults


class PlatformError(ToolError):
    """A platform did not do what was asked; the subclasses say whether asking again can help."""


class Retryable(PlatformError):
    """Asking again later can help (outage, overload, time-out)."""


class Permanent(PlatformError):
    """Asking again unchanged cannot help (refused, gone, not permitted)."""


class PlatformUnavailable(Retryable):
    """Nobody answered, or 429/502/503/504: an outage of the platform, not of the row. `retry_after` in seconds."""

    def __init__(self, code: str, retry_after: float | None = None, **facts: object) -> None:
        super().__init__(code, **facts)
        self.retry_after = retry_after


class PerhapsLocked(Retryable):
    """500 to a score: the column or the grade may be locked by a teacher (moodle-lti-facts, section 5)."""


class Unconfirmed(Retryable):
    """A 2xx answer that does not say that the score was stored: only reading the result tells."""


class ScoreOutdated(Retryable):
    """409: the platform holds something at this time or newer; read the result before anything else."""


class PlatformForbids(Permanent):
    """401 again with a new token, 403, or a scope that was not granted: concerns the whole platform."""


class CourseForbids(PlatformForbids):
    """A service that the platform does not offer, or allow, in this one course; its other courses go on."""


class LineItemGone(Permanent):
    """404: the column does not exist any more."""


class ScoreRefused(Permanent):
    """400: malformed, or the person has no gradebook role there."""
