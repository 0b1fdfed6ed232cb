"""Petitions over plain HTTP: the form's one request, lists, one petition, following by receipt. Always words, never a trace."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import struct
import zlib
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mattranso_app.core import files
from mattranso_app.petitions import text
from mattranso_app.petitions.service import reading
from mattranso_app.settings import settings as house
from tests.petitions.factories import (
    ANSWER,
    BODY,
    COMMUNE,
    People,
    answer,
    answered,
    approve,
    browser,
    count,
    fields,
    new_key,
    picture,
    publish,
    send,
    take_up,
    withhold,
)

JPEG = picture()


def bomb() -> bytes:
    """Return a PNG of a few kilobytes that says it has 60,000 × 60,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100_000)) + chunk(b"IEND", b"")


async def submit(
    client: httpx.AsyncClient, payload: Any, photos: list[tuple[str, bytes]] | None = None, key: str | None = None
) -> httpx.Response:
    sent = [("photo", (name, io.BytesIO(data), "image/jpeg")) for name, data in photos or []]
    raw = payload if isinstance(payload, str) else json.dumps(payload, ensure_ascii=True)
    headers = {"idempotency-key": new_key() if key is None else key}
    return await client.post("/phan-anh/gui", data={"payload": raw}, files=sent or {"none": ("", b"")}, headers=headers)


async def nothing_is_left() -> bool:
    return sum([await count(table) for table in ("petition", "stored_file", "petition_contact", "live_change", "audit_log")]) == 0


def is_problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["cache-control"] == "no-store"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status and body["detail"] and "Traceback" not in answer.text
    return body


# ---- sending


async def test_one_request_is_one_petition(country: dict[str, int], caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    key = new_key()
    async with browser() as client:
        done = await submit(client, fields(phone="0912345678", consent=True), [("a.jpg", JPEG)], key)
        again = await submit(client, fields(phone="0912345678", consent=True), [("a.jpg", JPEG)], key)
    assert (done.status_code, again.status_code) == (201, 201)
    assert done.headers["cache-control"] == "no-store"
    assert done.json() == again.json()
    assert set(done.json()) == {"number", "receipt", "due", "basis", "destination"}
    assert "Phường Phú Xuân" in done.json()["destination"]
    assert (await count("petition"), await count("stored_file")) == (1, 1)
    assert done.json()["receipt"] not in caplog.text and key not in caplog.text
    assert done.json()["receipt"] not in str(done.url)


async def test_fifty_replays_over_http(country: dict[str, int]) -> None:
    key = new_key()
    async with browser() as client:
        done = await asyncio.gather(*(submit(client, fields(), [("a.jpg", JPEG)], key) for _ in range(50)))
    assert {answer.status_code for answer in done} == {201}
    assert len({answer.text for answer in done}) == 1
    assert (await count("petition"), await count("stored_file")) == (1, 1)


async def test_a_payload_that_is_none(country: dict[str, int]) -> None:
    async with browser() as client:
        for payload in ("", "x", "[]", "7", "null", "{", "[" * 3_000, '{"body": NaN', "9" * 5_000):
            is_problem(await submit(client, payload), 400)
    assert await nothing_is_left()


async def test_no_key_no_petition(country: dict[str, int]) -> None:
    async with browser() as client:
        for key in ("", "short", "x" * 200):
            assert is_problem(await submit(client, fields(), key=key), 422)["detail"] == text.KEY_WRONG
    assert await nothing_is_left()


async def test_each_field_is_named(country: dict[str, int]) -> None:
    async with browser() as client:
        for changes, field in (
            ({"kind": "to_cao"}, "kind"), ({"body": ""}, "body"), ({"body": "x" * 50_001}, "body"), ({"unit": "99999"}, "unit"),
            ({"phone": "12"}, "phone"), ({"website": "x"}, "body"),
        ):
            body = is_problem(await submit(client, fields(**changes)), 422)
            assert body["fields"][field] and body["detail"] == text.SOMETHING_WRONG
    assert await nothing_is_left()


async def test_a_channel_is_not_the_senders_to_choose(country: dict[str, int]) -> None:
    async with browser() as client:
        assert (await submit(client, fields(channel="demo", is_sample=True))).status_code == 201
    assert await count("petition", "channel = 'web' AND NOT is_sample") == 1


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(("kind", "title", "body", "unit", "place", "phone", "email", "consent")), st.text(max_size=80)))
async def test_whatever_is_sent_gets_an_answer_a_person_can_read(country: dict[str, int], values: dict[str, str]) -> None:
    async with browser() as client:
        done = await submit(client, {**fields(), **values})
    assert done.status_code in (201, 422), done.text
    if done.status_code == 422:
        assert is_problem(done, 422)["fields"]


# ---- photos


async def test_a_photo_that_is_none(country: dict[str, int]) -> None:
    async with browser() as client:
        for name, data, words in (
            ("thu.jpg", b"MZ\x90\x00 this is a program", "không phải ảnh"),
            ("thu.jpg", b"<svg xmlns='http://www.w3.org/2000/svg'></svg>", "không phải ảnh"),
            ("thu.jpg", JPEG[:200], "bị hỏng"),
            ("thu.jpg", b"", "không có nội dung"),
            ("bom.png", bomb(), "quá nhiều điểm ảnh"),
            ("tai-lieu.pdf", b"%PDF-1.7\n", "không phải ảnh"),
        ):
            body = is_problem(await submit(client, fields(), [("tot.jpg", JPEG), (name, data)]), 422)
            assert words in body["fields"]["photo"] and body["fields"]["photo"].startswith("Ảnh thứ 2")
    assert await nothing_is_left()
    await _sweep()


async def test_too_many_photos_name_the_right_number(country: dict[str, int]) -> None:
    async with browser() as client:
        for number in (6, 9):
            body = is_problem(await submit(client, fields(), [(f"{place}.jpg", JPEG) for place in range(number)]), 413)
            assert "tối đa 5 tệp" in body["detail"]
    assert await nothing_is_left()
    await _sweep()


async def test_a_file_too_large(country: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(house(), "upload_limit", 2**20)
    async with browser() as client:
        body = is_problem(await submit(client, fields(), [("to.jpg", JPEG + b"\0" * 2**20)]), 413)
    assert "to.jpg" in body["detail"] and "1 MB" in body["detail"]
    assert await nothing_is_left()


async def _sweep() -> None:
    """What a refused sending left of its bytes goes with the next sweep; none of its temporary files stayed."""
    await files.sweep_orphans(older_than=-1)
    left = [path for path in (house().data_dir / "files").rglob("*") if path.is_file() and not path.name.startswith(".")]
    assert left == []


# ---- following


async def test_following_shows_the_sender_everything(people: People) -> None:
    sent = await send(photos=1, title="Chuyện của tôi")
    async with browser() as client:
        mine = await client.post("/api/v1/petitions-follow", json={"receipt": sent.receipt.lower()})
        assert (mine.status_code, mine.headers["cache-control"]) == (200, "no-store")
        body = mine.json()
        assert (body["number"], body["title"], body["body"], body["answer"]) == (sent.number, "Chuyện của tôi", BODY, None)
        (address,) = [each["address"] for each in body["photos"]]
        assert (await client.get(address)).headers["content-type"] == "image/jpeg"
        assert (await client.get(address.split("?")[0])).status_code == 404, "without the signed link it is not there"
        assert sent.receipt not in address and sent.receipt not in mine.text
        await take_up(people, sent.number)
        await withhold(people, sent.number)
        await answer(people, sent.number)
        await approve(people, sent.number)
        body = (await client.post("/api/v1/petitions-follow", json={"receipt": sent.receipt})).json()
        assert body["answer"] == ANSWER
        assert (await client.get(f"/api/v1/petitions/{sent.number}")).json()["answer"] is None


async def test_wrong_receipts_have_one_shape(country: dict[str, int]) -> None:
    sent = await send()
    async with browser() as client:
        answers = [
            await client.post("/api/v1/petitions-follow", json={"receipt": typed})
            for typed in ("", "x", "0000-0000-0000-0000", sent.receipt[:-1], "đ" * 50, "0" * 9_000)
        ]
        assert len({answer.text for answer in answers}) == 1
        assert is_problem(answers[0], 404)["detail"] == text.RECEIPT_UNKNOWN
        is_problem(await client.post("/api/v1/petitions-follow", json={"receipt": 7}), 422)
        is_problem(await client.post("/api/v1/petitions-follow", content=b"receipt"), 400)
        assert (await client.get(f"/api/v1/petitions-follow?receipt={sent.receipt}")).status_code != 200


async def test_guessing_receipts_runs_out(country: dict[str, int]) -> None:
    async with browser() as client:
        for _ in range(reading.FOLLOW_PER_ADDRESS.count):
            is_problem(await client.post("/api/v1/petitions-follow", json={"receipt": "x"}), 404)
        stopped = await client.post("/api/v1/petitions-follow", json={"receipt": "x"})
    assert is_problem(stopped, 429)["detail"] == text.RECEIPT_TOO_MANY
    assert int(stopped.headers["retry-after"]) > 0


# ---- lists


async def test_the_list_comes_in_the_envelope_and_pages(people: People) -> None:
    numbers = [await answered(people) for _ in range(3)]
    withheld = await answered(people, withheld=True)
    async with browser() as client:
        first = (await client.get("/api/v1/petitions?limit=2")).json()
        assert set(first) == {"items", "total", "total_capped", "next"}
        assert (first["total"], first["total_capped"]) == (3, False)
        second = (await client.get("/api/v1/petitions", params={"limit": 2, "cursor": first["next"]})).json()
        assert second["next"] is None
        seen = [item["number"] for item in (*first["items"], *second["items"])]
        assert seen == list(reversed(numbers)) and withheld not in seen
        assert set(first["items"][0]) == {
            "number", "kind", "title", "unit", "state", "outcome", "created_at", "published_at", "due_at", "answered_at", "is_sample",
        }
        assert (await client.get(f"/api/v1/petitions?unit={COMMUNE}&kind=phan_anh&answered=true&limit=5000")).json()["total"] == 3


async def test_a_wrong_parameter_is_named(country: dict[str, int]) -> None:
    wrong = (
        ("/api/v1/petitions?sort=x", "sort"), ("/api/v1/petitions?limit=0", "limit"), ("/api/v1/petitions?limit=5001", "limit"),
        ("/api/v1/petitions?limit=x", "limit"), ("/api/v1/petitions?limit=2&limit=3", "limit"), ("/api/v1/petitions?kind=to_cao", "kind"),
        ("/api/v1/petitions?answered=maybe", "answered"), ("/api/v1/petitions/PA-7K2M-94?x=1", "x"),
        ("/api/v1/petition-destination?unit=19774&level=1", "level"), ("/api/v1/petition-destination", "unit"),
        ("/api/v1/petition-destination?unit=19774&kind=khieu_nai", "kind"),
    )
    async with browser() as client:
        for address, named in wrong:
            assert f"“{named}”" in is_problem(await client.get(address), 400)["detail"], address


async def test_a_cursor_of_nobody(country: dict[str, int]) -> None:
    async with browser() as client:
        for cursor in ("x", "%00", "!!!!", "đđđđ", "f" * 22, "A" * 100):
            assert "mở lại danh sách" in is_problem(await client.get(f"/api/v1/petitions?cursor={cursor}"), 400)["detail"], cursor


async def test_unknown_things_are_not_found(country: dict[str, int]) -> None:
    async with browser() as client:
        assert is_problem(await client.get("/api/v1/petitions/PA-0000-00"), 404)["detail"] == text.NUMBER_UNKNOWN
        is_problem(await client.get("/api/v1/petitions?unit=99999"), 404)
        is_problem(await client.get("/api/v1/petition-destination?unit=99999"), 422)
        shown = (await client.get(f"/api/v1/petition-destination?unit={COMMUNE}&kind=cau_hoi")).json()
    assert shown["unit"] == COMMUNE and shown["reason"].endswith(text.REASON_QUESTION)


async def test_the_public_part_over_http(people: People) -> None:
    sent = await send(photos=1)
    async with browser() as client:
        before = (await client.get(f"/api/v1/petitions/{sent.number}")).json()
        assert (before["title"], before["body"], before["photos"], before["publication"]) == ("", "", [], "pending")
        await take_up(people, sent.number)
        await publish(people, sent.number)
        after = (await client.get(f"/api/v1/petitions/{sent.number}")).json()
        assert after["body"] == BODY
        assert (await client.get(after["photos"][0]["address"])).status_code == 200
