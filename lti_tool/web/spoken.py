"""Templates in each language: a sentence that takes no values is put in when the template is read, not on each page.

A page of three hundred sentences would else look up three hundred, each time. What is left of a template between two
values is one piece of text.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Mapping, MutableMapping
from typing import Any, cast

from flask import Flask
from flask.templating import Environment
from jinja2 import nodes
from jinja2.visitor import NodeTransformer
from markupsafe import Markup

from lti_tool.web.i18n import current_locale
from lti_tool.web.sentences import LOCALES, translations

_SPOKEN = "templates by language"


class SpokenEnvironment(Environment):
    """Flask's environment of templates, which may speak one language only."""

    language: str | None = None
    """None: sentences are looked up when a page is made, in its language."""

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """What every template knows. Nobody here adds to it, so it is one dictionary and no chain of two, whose names
        take a hundred times as long to compare, as each import of a macro does."""
        return ChainMap(d, self.globals) if d else self.globals

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        parsed = super()._parse(source, name, filename)
        if self.language is not None:
            _Speaker(self.language).visit(parsed)
        return parsed


class _Speaker(NodeTransformer):
    """Puts the sentences of a language in place of the calls that would look them up."""

    def __init__(self, language: str) -> None:
        self._language = language

    def visit_Call(self, node: nodes.Call) -> nodes.Expr:
        """`_("...")` and `current_locale()`; a sentence that takes values stays, for they come with the page."""
        self.generic_visit(node)
        named = node.node.name if isinstance(node.node, nodes.Name) else ""
        if node.kwargs or node.dyn_args is not None or node.dyn_kwargs is not None:
            return node
        if named == "current_locale" and not node.args:
            return nodes.Const(self._language, lineno=node.lineno)
        if named == "_" and len(node.args) == 1 and isinstance(node.args[0], nodes.Const):
            told = translations(self._language).gettext(node.args[0].value)
            return nodes.Const(Markup(told) % {}, lineno=node.lineno)  # noqa: S704  ours, and a % in it is written twice
        return node


def install(app: Flask) -> None:
    """To be called before anything asks for the application's templates."""
    app.jinja_environment = SpokenEnvironment


def templates_of_page(app: Flask) -> SpokenEnvironment:
    """The templates in the language of this request's page."""
    # Made when first asked for: by then everything that templates may use is installed.
    held: Mapping[str, SpokenEnvironment] | None = app.extensions.get(_SPOKEN)
    if held is None:
        held = app.extensions[_SPOKEN] = {locale: _speaking(app, locale) for locale in LOCALES}
    return held[current_locale()]


def _speaking(app: Flask, locale: str) -> SpokenEnvironment:
    templates = cast("SpokenEnvironment", app.jinja_env.overlay())
    templates.language = locale
    return templates
