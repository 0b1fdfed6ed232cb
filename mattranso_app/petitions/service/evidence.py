"""Files that go with an answer: kept while it is written, taken away again before it is handed in."""

from __future__ import annotations

from uuid import UUID

from mattranso_app.core import audit, files
from mattranso_app.core.access import Action, Actor, may, require
from mattranso_app.core.db import transaction
from mattranso_app.core.errors import Conflict, NotFound
from mattranso_app.petitions import store, text


async def remove_evidence(actor: Actor, number: str, file_id: UUID) -> None:
    """Remove a file that was uploaded for an answer and is part of none that was handed in.

    Raises:
        NotFound, Forbidden: no such petition in the officer's scope, or no such file of its answers.
        Conflict: an answer that was handed in has it; it stays in the history and is left out of the next answer instead.
    """
    async with transaction() as session:
        row = await store.lock_petition(session, number)
        if row is None or not may(actor, Action.PETITION_READ, row["unit_path"], row["organisation"]):
            require(actor, Action.PETITION_HANDLE)
            raise NotFound(text.NUMBER_UNKNOWN)
        require(actor, Action.PETITION_HANDLE, row["unit_path"], row["organisation"])
        owner = f"{number}/answer"
        if file_id not in {file.id for file in (await files.list_files(session, "petition", [owner]))[owner]}:
            raise NotFound(text.FILE_GONE)
        if await store.is_in_an_answer(session, row["id"], file_id):
            raise Conflict(text.FILE_HANDED_IN)
        await files.remove_files(session, [file_id])
        await audit.record(session, actor, "petition.detach", f"petition:{number}", {"file": str(file_id)})
