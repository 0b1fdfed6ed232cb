"""What a unit asks of the level above: to open again what is approved or locked."""

from __future__ import annotations

from mattranso_app.core import audit
from mattranso_app.core.access import Actor
from mattranso_app.core.clock import now
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound
from mattranso_app.core.reporting import reports, store
from mattranso_app.core.reporting import text as engine_text
from mattranso_app.core.reporting.models import State
from mattranso_app.registry.service import scope
from mattranso_app.registry.service.entering import TOOL, subject
from mattranso_app.registry.service.telling import tell_asked_to_reopen
from mattranso_app.registry.text import upward as text
from mattranso_app.registry.upward_store import insert_comments
from mattranso_app.units.service import glimpse_unit

WHOLE = ""
"""Key of a comment that is about the whole report."""


async def ask_reopen(actor: Actor, form: str, period: str, organisation: str, unit: str, reason: str) -> None:
    """Ask the level above to open a report again; the reason stands beside the report, and its approvers are told.

    Args:
        actor: enters at the unit.
        form: code of the form.
        period: key of the period.
        organisation: whose figures.
        unit: code.
        reason: why.

    Raises:
        Forbidden: not the actor's unit.
        NotFound, Gone: no such form, unit or report.
        InvalidInput: no reason.
        Conflict: the unit can change the report itself.
    """
    whose = await glimpse_unit(unit)
    scope.require_enter(actor, whose.path, organisation)
    words = reports.clean_words("reason", reason)
    if not words:
        raise InvalidInput(fields={"reason": engine_text.REASON_MISSING})
    async with transaction() as session:
        asked = await reports.find_asked(session, TOOL, form, period, organisation)
        found = await store.lock_reports(session, asked.version.form_id, asked.period.key, organisation, [whose.id])
        report = found.get(whose.id)
        if report is None:
            raise NotFound(engine_text.NOT_BEGUN)
        is_locked = report["lock_at"] is not None and report["lock_at"] < now() and report["state"] == State.DRAFT
        if report["state"] != State.APPROVED and not is_locked:
            raise Conflict(text.OPEN_ANYWAY)
        await insert_comments(session, actor, report["id"], {WHOLE: text.ASKED_TO_REOPEN.format(reason=words)}, now())
        await tell_asked_to_reopen(session, asked, whose, report)
        await audit.record(session, actor, "registry.ask_reopen", subject(asked, [unit]), {"reason": words[:200]})
