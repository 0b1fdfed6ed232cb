"""The plain pages of one's own data and of the office that must act."""

from __future__ import annotations

from datetime import datetime

from starlette.responses import HTMLResponse

from mattranso_app.core.access import Actor
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import DomainError
from mattranso_app.identity import plain_pages
from mattranso_app.identity.own_data import text
from mattranso_app.identity.own_data.store import Export, Request
from mattranso_app.identity.service import OpenRequest, OwnData
from mattranso_app.settings import settings

_templates = plain_pages.environment("mattranso_app.identity.own_data")


def data_page(actor: Actor, own: OwnData, most: int, error: DomainError | None = None, done: str = "") -> HTMLResponse:
    """Show what is held of a person and what can be done with it.

    Args:
        actor: whose data.
        own: what is held.
        most: rows a section shows at most.
        error: why a form was refused.
        done: key of `text.DONE`, after an act.
    """
    open_request = next((each for each in own.requests if each.state == "open"), None)
    refused = next((each for each in own.requests[:1] if each.state == "refused"), None)
    return plain_pages.page(
        _templates, "data.html", text.TITLE, text, _fault(error), own=own, is_citizen=actor.kind == "citizen",
        only_first=text.ONLY_FIRST.format(most=most), done=text.DONE.get(done, ""), exports=[_export(each) for each in own.exports],
        take_lead=text.TAKE_LEAD.format(days=settings().data_export_days), open_request=open_request,
        erase_open=_erase_open(open_request), erase_refused=_erase_refused(refused),
        unfinished=text.ERASE_UNFINISHED.format(count=own.unfinished) if own.unfinished else "",
        nothing=", ".join(section.title for section in own.sections if not section.rows),
        reachable=[row for section in own.sections if section.key == "petitions" for row in section.rows if row["contact"]],
    )


def code_page(challenge: str, sent_to: str, error: DomainError | None = None) -> HTMLResponse:
    """Ask for the code that was sent to a new contact."""
    lead = text.CODE_LEAD.format(to=sent_to)
    return plain_pages.page(
        _templates, "code.html", text.CODE_TITLE, text, error.text if error else "", challenge=challenge, sent_to=sent_to, lead=lead
    )


def requests_page(found: list[OpenRequest], following: str, error: DomainError | None = None, done: str = "") -> HTMLResponse:
    """Show the requests that wait for Central, the nearest deadline first."""
    rows = [
        {
            "id": each.request.id, "unfinished": each.unfinished,
            "about": text.DESK_ROW.format(
                contact=each.contact, asked=day(each.request.asked_at), due=day(each.request.due_at), left=_left(each.days_left)
            ),
            "ready": text.DESK_UNFINISHED.format(count=each.unfinished) if each.unfinished else text.DESK_READY,
            "is_late": each.days_left < 0, "basis": each.request.basis,
        }
        for each in found
    ]
    return plain_pages.page(
        _templates, "requests.html", text.DESK_TITLE, text, _fault(error), rows=rows, following=following,
        done=text.DESK_DONE.get(done, ""),
    )


def foresight_page(request_id: int, foreseen: dict[str, int], error: DomainError | None = None) -> HTMLResponse:
    """Show which names an erasure would take out, and in how many texts of officers, before it is done."""
    lines = [(text.FORESEE_NAME if texts else text.FORESEE_KEPT).format(name=name, texts=texts) for name, texts in foreseen.items()]
    return plain_pages.page(
        _templates, "foresight.html", text.FORESEE_TITLE.format(id=request_id), text, _fault(error), id=request_id,
        lines=lines or [text.FORESEE_NAMELESS],
    )


def day(moment: datetime) -> str:
    """Return a day as people read it."""
    return f"{moment.astimezone(VN):{text.DAY}}"


def _left(days: int) -> str:
    if days == 0:
        return text.DESK_TODAY
    return text.DESK_LEFT.format(days=days) if days > 0 else text.DESK_LATE.format(days=-days)


def _fault(error: DomainError | None) -> str:
    return "" if error is None else next(iter(error.fields.values()), error.text)


def _export(export: Export) -> dict[str, str]:
    size = f"{max(1, round((export.size or 0) / 1000))} KB"
    return {
        "id": str(export.id), "state": export.state, "fetch": text.FETCH.format(size=size, until=day(export.expires_at)),
        "waiting": text.WAITING.format(at=f"{export.asked_at.astimezone(VN):{text.TIME}}"),
    }


def _erase_open(request: Request | None) -> str:
    return text.ERASE_OPEN.format(asked=day(request.asked_at), due=day(request.due_at), basis=request.basis) if request else ""


def _erase_refused(request: Request | None) -> str:
    if request is None or request.decided_at is None:
        return ""
    return text.ERASE_REFUSED.format(asked=day(request.asked_at), decided=day(request.decided_at), reason=request.reason)
