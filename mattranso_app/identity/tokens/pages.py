"""The plain pages of personal access tokens. A token never enters the state of a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.responses import HTMLResponse

from mattranso_app.core.access import Action, Actor, may_somewhere
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import DomainError
from mattranso_app.identity import plain_pages
from mattranso_app.identity.service import NewToken
from mattranso_app.identity.tokens import text
from mattranso_app.identity.tokens.scopes import SCOPES
from mattranso_app.identity.tokens.store import OwnToken

_templates = plain_pages.environment("mattranso_app.identity.tokens")


def tokens_page(actor: Actor, tokens: Sequence[OwnToken], error: DomainError | None, typed: dict[str, Any]) -> HTMLResponse:
    """Show a person's tokens and the form for a new one.

    Args:
        actor: whose; what the person may not do is not offered.
        tokens: the living ones.
        error: why the form was refused; its fields are said beside their boxes.
        typed: what the form held.
    """
    offered = {scope: about for scope, about in SCOPES.items() if may_somewhere(actor, scope)}
    rows = [(token.id, token.name, _about(token)) for token in tokens]
    fields = error.fields if error else {}
    return plain_pages.page(
        _templates, "tokens.html", text.TITLE, text, error.text if error else "", rows=rows, scopes=offered, fields=fields,
        name=str(typed.get("ten", ""))[:60], chosen={scope for scope in SCOPES if typed.get(f"pham-vi.{scope}") == "1"},
        days=str(typed.get("ngay", "90")),
    )


def made_page(made: NewToken) -> HTMLResponse:
    """Show a token, this once."""
    until = text.MADE_UNTIL.format(day=f"{made.expires_at.astimezone(VN):{text.DAY}}")
    return plain_pages.page(_templates, "made.html", text.MADE_TITLE, text, token=made.token, until=until)


def _about(token: OwnToken) -> str:
    used = token.last_used_at
    return text.ABOUT.format(
        scopes="; ".join(SCOPES[Action(scope)] for scope in token.scopes if scope in set(SCOPES)),
        made=f"{token.created_at.astimezone(VN):{text.DAY}}", ends=f"{token.expires_at.astimezone(VN):{text.DAY}}",
        used=text.USED.format(moment=f"{used.astimezone(VN):{text.TIME}}") if used else text.NEVER_USED,
    )
