"""The desk over plain HTTP: drafts and files, for officers of the unit alone."""

from __future__ import annotations

import json
from uuid import uuid4

import pytest

from mattranso_app.core.errors import Conflict, Forbidden, NotFound, SignInRequired
from mattranso_app.identity import cookies
from mattranso_app.petitions import service, text
from tests.identity.factories import make_officer, sign_in
from tests.petitions.factories import (
    COMMUNE,
    NEIGHBOUR,
    People,
    answer,
    browser,
    count,
    picture,
    publish,
    rows,
    send,
    take_up,
    version_of,
)

DESK = "/phan-anh/ban-lam-viec"
JPEG = picture("navy")


async def signed_in(name: str, unit_id: int) -> str:
    """Return the cookie of a handler of the unit."""
    await make_officer(name, unit_id)
    token, _ = await sign_in(name)
    return f"{cookies.SESSION}={token}"


async def test_files_are_taken_for_petitions_that_are_being_answered(people: People, country: dict[str, int]) -> None:
    number, waiting = (await send()).number, (await send()).number
    await take_up(people, number)
    here, elsewhere = await signed_in("canbo", country[COMMUNE]), await signed_in("nguoikhac", country[NEIGHBOUR])

    async def attach(cookie: str, to: str, name: str, data: bytes) -> tuple[int, str]:
        async with browser(cookie=cookie) as client:
            done = await client.post(f"{DESK}/tep", data={"number": to}, files={"file": (name, data)})
        return done.status_code, done.json().get("detail", "")

    assert (await attach(here, number.lower(), "bien-ban.jpg", JPEG))[0] == 201
    assert await count("stored_file", "visibility = 'private' AND owner_ref = :ref", ref=f"{number}/answer") == 1
    refused = {
        (here, number, "x.jpg", b"<svg/>"): 415, (here, number, "x.pdf", b"%PDF-1.7\n/JavaScript"): 415, (here, number, "", b""): 422,
        (here, waiting, "a.jpg", JPEG): 409, (here, "PA-0000-00", "a.jpg", JPEG): 404, (here, "x\r\ny", "a.jpg", JPEG): 404,
        (elsewhere, number, "a.jpg", JPEG): 404, ("", number, "a.jpg", JPEG): 401,
    }
    for sent, status in refused.items():
        found, words = await attach(*sent)
        assert (found, bool(words)) == (status, True), sent[1:3]
    assert await count("stored_file") == 1


async def test_a_draft_is_kept_over_http_and_read_back_as_it_was(people: People, country: dict[str, int]) -> None:
    number = (await send()).number
    await take_up(people, number)
    here, elsewhere = await signed_in("canbo", country[COMMUNE]), await signed_in("nguoikhac", country[NEIGHBOUR])
    body = "Đã gọi 0912345678, đang chờ trả lời."

    async def save(cookie: str, **changes: object) -> int:
        async with browser(cookie=cookie) as client:
            done = await client.post(f"{DESK}/nhap", json={"number": number, "version": 2, "outcome": "partly", "body": body, **changes})
        assert "0912345678" not in json.dumps(done.json().get("parts", "")), "what is shown as the public copy is masked"
        return done.status_code

    assert await save(here) == 200
    (kept,) = await rows("SELECT body, outcome, base_version FROM petition_draft")
    assert tuple(kept.values()) == (body, "partly", 2)
    assert await save(here, version=-1) == await save(here, body=7) == await save(here, body="x" * 20_001) == 422
    assert await save(here, number="PA-0000-00") == await save(elsewhere) == 404
    assert await save("") == 401
    assert await count("petition_draft") == 1


async def test_a_file_can_be_taken_away_until_it_was_handed_in(people: People, country: dict[str, int]) -> None:
    number, other = (await send(photos=1)).number, (await send()).number
    for each in (number, other):
        await take_up(people, each)
        await publish(people, each)
    here = await signed_in("canbo", country[COMMUNE])
    async with browser(cookie=here) as client:
        ids = [
            (await client.post(f"{DESK}/tep", data={"number": number}, files={"file": ("a.jpg", JPEG)})).json()["id"] for _ in range(2)
        ]
    used, unused = (row["id"] for row in await rows("SELECT id FROM stored_file WHERE owner_ref LIKE '%/answer' ORDER BY ordinal"))
    assert [str(used), str(unused)] == ids
    (photo_id,) = [row["id"] for row in await rows("SELECT id FROM stored_file WHERE owner_ref LIKE '%/photo'")]
    await answer(people, number, attachments=(used,))
    await service.return_answer(people.approver, number, await version_of(number), "Ghi rõ thời hạn.")
    for who, fault in ((people.neighbour, NotFound), (people.reader, Forbidden), (people.nobody, SignInRequired)):
        with pytest.raises(fault):
            await service.remove_evidence(who, number, unused)
    for missing in (photo_id, uuid4()):
        with pytest.raises(NotFound):
            await service.remove_evidence(people.handler, number, missing)
    with pytest.raises(NotFound):
        await service.remove_evidence(people.handler, other, unused)
    with pytest.raises(Conflict) as refused:
        await service.remove_evidence(people.handler, number, used)
    assert refused.value.text == text.FILE_HANDED_IN
    assert (await count("stored_file"), await count("audit_log", "action = 'petition.detach'")) == (3, 0)
    await service.remove_evidence(people.handler, number, unused)
    assert (await count("stored_file"), await count("audit_log", "action = 'petition.detach'")) == (2, 1)
