"""The plain pages of accounts: what they share. No script is needed, and nobody keeps them."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from starlette.responses import HTMLResponse

from mattranso_app.core.headers import content_security_policy

_SHELL = "mattranso_app.identity.factors"
"""Where `base.html` lies."""


def environment(package: str) -> Environment:
    """Return the templates of `package`; they extend the shared `base.html`."""
    return Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader(_SHELL)]), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True,
    )


def page(templates: Environment, template: str, title: str, words: ModuleType, fault: str = "", **values: Any) -> HTMLResponse:
    """Return a page: 422 with `fault` on top when a form was refused.

    Args:
        templates: from `environment`.
        template: its name.
        title: heading and title.
        words: the module of its wording, `text` in the template.
        fault: what was wrong; empty for nothing.
        values: what else the template needs.
    """
    body = templates.get_template(template).render(title=title, fault=fault, text=words, **values)
    headers = {"Cache-Control": "no-store", "Content-Security-Policy": content_security_policy(()), "Referrer-Policy": "same-origin"}
    return HTMLResponse(body, 422 if fault else 200, headers)
