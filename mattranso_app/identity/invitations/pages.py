"""The plain pages of invitations: the administrator's list with its form, and what the invited person sees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import HTMLResponse

from mattranso_app.core.clock import VN, now
from mattranso_app.identity import plain_pages
from mattranso_app.identity import text as account_text
from mattranso_app.identity.factors import text as factor_text
from mattranso_app.identity.invitations import text
from mattranso_app.identity.invitations.store import PAGE, Invitation
from mattranso_app.identity.service import Offer, role_words

_templates = plain_pages.environment("mattranso_app.identity.invitations")
_templates.globals["factor_text"] = factor_text


@dataclass(frozen=True, slots=True)
class Form:
    """What an administrator has entered."""

    name: str = ""
    contact: str = ""
    unit: str = ""
    organisation: str = "mttq"
    roles: tuple[str, ...] = ("handler",)
    days: str = "7"


def invitations_page(
    found: Sequence[tuple[Invitation, str]], organisations: Sequence[str], form: Form, *, done: str = "", fault: str = "",
    fields: Mapping[str, str] | None = None,
) -> HTMLResponse:
    """Show the form and one page of invitations that wait.

    Args:
        found: invitations with their masked contacts.
        organisations: those the administrator acts for.
        form: what was entered.
        done: what has just been done, a key of `text.DONE`.
        fault: what was wrong.
        fields: what was wrong with which field.
    """
    lines = [
        {
            "id": row.id, "name": row.display_name, "about": f"{masked} · {row.unit_name} · {role_words(row.roles)}",
            "until": text.UNTIL.format(until=f"{row.expires_at.astimezone(VN):{text.TIME}}") if row.expires_at > now() else text.OVER,
        }
        for row, masked in found
    ]
    wrong = dict(fields or {})
    return plain_pages.page(
        _templates, "invitations.html", text.TITLE, text, fault or " ".join(wrong.values()), lines=lines, form=form, wrong=wrong,
        roles=account_text.ROLES, organisations={code: account_text.ORGANISATIONS[code] for code in organisations},
        done=text.DONE.get(done, ""), next=lines[-1]["id"] if len(lines) == PAGE else 0,
    )


def offer_page(token: str, offer: Offer, user_name: str = "", fault: str = "", fields: Mapping[str, str] | None = None) -> HTMLResponse:
    """Show the invited person what is offered, with the two ways to accept it."""
    row = offer.invitation
    greeting = text.GREETING.format(
        unit=row.unit_name, name=row.display_name, roles=role_words(row.roles), until=f"{row.expires_at.astimezone(VN):{text.TIME}}"
    )
    return plain_pages.page(
        _templates, "offer.html", text.WELCOME, text, fault, address=f"/loi-moi/{token}", greeting=greeting,
        needs_factor=offer.needs_factor, user_name=user_name or offer.suggested, wrong=dict(fields or {}),
    )


def gone_page(fault: str) -> HTMLResponse:
    """Say why an invitation does not hold and what to do."""
    return plain_pages.page(_templates, "gone.html", text.INVITATION_GONE, text, fault)
