"""Files of an answer are taken away again only by who may, and only while no handed-in answer has them; whose desk is opened."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from mattranso_app.core import files
from mattranso_app.core.access import ANONYMOUS, Role
from mattranso_app.core.errors import Conflict, Forbidden, NotFound, SignInRequired
from mattranso_app.petitions import service
from tests.petitions.factories import (
    COMMUNE_PATH,
    People,
    answer,
    count,
    officer,
    picture,
    publish,
    rows,
    send,
    take_up,
)


async def attached(people: People) -> tuple[str, UUID]:
    """Return a petition on the desk and a file attached to its answer."""
    number = (await send()).number
    await take_up(people, number)
    await publish(people, number)
    prepared = await files.prepare(picture("navy"), "bien-ban.jpg", files.Purpose.ATTACHMENT)
    return number, await service.attach_evidence(people.handler, number, prepared)


async def test_a_file_is_removed_with_its_audit_row(people: People) -> None:
    number, file_id = await attached(people)
    await service.remove_evidence(people.handler, number, file_id)
    assert await count("stored_file", "owner_ref = :ref", ref=f"{number}/answer") == 0
    found = await rows("SELECT subject FROM audit_log WHERE action = 'petition.detach'")
    assert [row["subject"] for row in found] == [f"petition:{number}"]
    with pytest.raises(NotFound):
        await service.remove_evidence(people.handler, number, file_id)


async def test_a_file_of_a_handed_in_answer_stays(people: People) -> None:
    number, file_id = await attached(people)
    await answer(people, number, attachments=(file_id,))
    with pytest.raises(Conflict):
        await service.remove_evidence(people.handler, number, file_id)
    assert await count("stored_file", "owner_ref = :ref", ref=f"{number}/answer") == 1


async def test_nobody_else_removes_it(people: People) -> None:
    number, file_id = await attached(people)
    stranger = officer("lạ", "vn/48/20194/", Role.HANDLER)
    reader = officer("xem", COMMUNE_PATH, Role.READER)
    for actor, refusal in ((ANONYMOUS, SignInRequired), (stranger, NotFound), (reader, Forbidden)):
        with pytest.raises(refusal):
            await service.remove_evidence(actor, number, file_id)
    for wrong in (uuid4(), (await sent_photo(people))):
        with pytest.raises(NotFound):
            await service.remove_evidence(people.handler, number, wrong)


async def sent_photo(people: People) -> UUID:
    """Return the id of a citizen's photo of another petition: no evidence of ours."""
    number = (await send(photos=1)).number
    found = await rows("SELECT id FROM stored_file WHERE owner_ref = :ref", ref=f"{number}/photo")
    return UUID(str(found[0]["id"]))


async def test_the_desk_of_another_unit_only_inside_ones_own_scope(people: People, country: dict[str, int]) -> None:
    code = COMMUNE_PATH.split("/")[-2]
    above = officer("tỉnh", COMMUNE_PATH.rsplit("/", 2)[0] + "/", Role.READER, unit_id=country[COMMUNE_PATH.split("/")[1]])
    assert (await service.desk_unit(above, code)).path == COMMUNE_PATH
    with pytest.raises(Forbidden):
        await service.desk_unit(people.handler, COMMUNE_PATH.split("/")[1])
    with pytest.raises(SignInRequired):
        await service.desk_unit(ANONYMOUS, code)
