"""An LTI 1.3 Advantage tool: from marks to competency grades, by the national requirements."""

__version__ = "0.1.0"
