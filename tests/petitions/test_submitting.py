"""Taking in: once for one key however often it is sent, to a unit that exists, with a receipt nobody else has."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import psycopg
import pytest
from sqlalchemy import text as sql

from mattranso_app.core import clock, db, secrets
from mattranso_app.core.access import ANONYMOUS, Actor
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import Conflict, InvalidInput, NotFound, TooMany, Unavailable
from mattranso_app.identity.throttle import Limit
from mattranso_app.petitions import service, text
from mattranso_app.petitions.models import Kind
from mattranso_app.settings import settings
from mattranso_app.units.views import UnitView
from tests.petitions.factories import (
    COMMUNE,
    NEIGHBOUR,
    PROVINCE,
    People,
    count,
    new_key,
    photo,
    row_of,
    rows,
    send,
    submission,
)
from tests.petitions.merging import merge
from tests.units.factories import freeze_day

TABLES = ("petition", "petition_event", "petition_contact", "stored_file", "live_change", "audit_log", "petition_total")


async def counts() -> dict[str, int]:
    return {table: await count(table) for table in TABLES}


def someone_at(address: str) -> Actor:
    return Actor("anonymous", address=address)


async def test_one_petition_with_all_that_belongs_to_it(people: People) -> None:
    sent = await send(people.citizen, photos=2, phone="0912345678", consent=True)
    row = await row_of(sent.number)
    assert (row["state"], row["version"], row["publication"]) == ("received", 1, "pending")
    assert row["sender_id"] == people.citizen.person_id
    assert await counts() == {
        "petition": 1, "petition_event": 1, "petition_contact": 1, "stored_file": 2, "live_change": 2, "audit_log": 1, "petition_total": 1,
    }
    topics = {each["topic"] for each in await rows("SELECT topic FROM live_change")}
    assert topics == {"portal", f"desk/{COMMUNE}"}
    assert {each["visibility"] for each in await rows("SELECT visibility FROM stored_file")} == {"private"}


async def test_an_anonymous_sender_leaves_nothing_behind(people: People) -> None:
    number = (await send()).number
    row = await row_of(number)
    assert (row["sender_id"], row["contact_hint"]) == (None, "")
    assert await count("petition_contact") == 0


async def test_fifty_replays_at_once_are_one_petition(country: dict[str, int]) -> None:
    key, first = new_key(), await photo()
    taken = await asyncio.gather(
        *(service.submit_petition(someone_at("10.1.1.1"), key, submission(), [first]) for _ in range(50))
    )
    assert len({(sent.number, sent.receipt, sent.due_at, sent.basis, sent.reason) for sent in taken}) == 1
    assert await counts() == {
        "petition": 1, "petition_event": 1, "petition_contact": 0, "stored_file": 1, "live_change": 2, "audit_log": 1, "petition_total": 1,
    }
    assert await count("throttle_hit") == 1, "replays cost the sender's neighbours nothing"
    assert (await service.follow(ANONYMOUS, taken[0].receipt)).public.number == taken[0].number


async def test_a_key_used_for_something_else_is_a_clear_conflict(country: dict[str, int]) -> None:
    key = new_key()
    sent = await send(key=key)
    before = await counts()
    for changes in ({"body": "Một việc khác hẳn, ở chỗ khác."}, {"unit": NEIGHBOUR}, {"photos": 1}):
        with pytest.raises(Conflict) as refused:
            await send(key=key, **changes)
        assert refused.value.text == text.KEY_REUSED.format(number=sent.number)
    assert await counts() == before


async def test_a_replay_is_answered_after_the_secret_key_has_changed(country: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    key = new_key()
    sent = await send(key=key)
    old = settings().secret_key
    monkeypatch.setattr(settings(), "secret_key", type(old)("another-key-of-the-house-0123456789-abcdef"))
    monkeypatch.setattr(settings(), "secret_keys_previous", old)
    assert await send(key=key) == sent
    assert await count("petition") == 1
    assert (await service.follow(ANONYMOUS, sent.receipt)).public.number == sent.number


async def test_a_replay_is_answered_after_its_unit_was_merged(country: dict[str, int]) -> None:
    freeze_day(date(2026, 11, 23))
    key = new_key()
    sent = await send(key=key)
    freeze_day(date(2026, 11, 24))
    await merge(COMMUNE, NEIGHBOUR)
    again = await send(key=key)
    assert (again.number, again.receipt, again.due_at) == (sent.number, sent.receipt, sent.due_at)
    assert "Thuận Hóa" in again.reason, "it says where the petition lies now"


# ---- the unit


@pytest.mark.parametrize("code", ["99999", "00"])
async def test_a_unit_that_never_was(country: dict[str, int], code: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        await send(unit=code)
    assert code in refused.value.fields["unit"]
    assert sum((await counts()).values()) == 0


async def test_a_unit_abolished_while_the_draft_waited_names_its_successor(country: dict[str, int]) -> None:
    freeze_day(date(2026, 11, 24))
    await merge(COMMUNE, NEIGHBOUR)
    before = await counts()
    with pytest.raises(InvalidInput) as refused:
        await send()
    assert refused.value.fields["unit"] == "Phường Phú Xuân không còn từ ngày 24/11/2026. Nay là: Phường Thuận Hóa (19789)."
    assert await counts() == before


async def test_a_unit_merged_between_looking_and_writing(country: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """The narrow moment: nothing is left on a unit that is no more, and its heir is named."""
    freeze_day(date(2026, 11, 24))
    looked = await service.explain_destination(Kind.REPORT, COMMUNE)
    await merge(COMMUNE, NEIGHBOUR)
    monkeypatch.setattr("mattranso_app.units.service.glimpse_unit", _always(looked.unit))
    with pytest.raises(InvalidInput) as refused:
        await send()
    assert NEIGHBOUR in refused.value.fields["unit"]
    assert await count("petition") == 0


async def test_a_unit_moved_between_looking_and_writing(country: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    looked = await service.explain_destination(Kind.REPORT, COMMUNE)
    elsewhere = replace(looked.unit, path="vn/48/19774/")
    monkeypatch.setattr("mattranso_app.units.service.glimpse_unit", _always(elsewhere))
    with pytest.raises(Unavailable) as refused:
        await send()
    assert refused.value.text == text.UNIT_IS_CHANGING and refused.value.retry_after
    assert await count("petition") == 0


def _always(unit: UnitView) -> Callable[[str], Awaitable[UnitView]]:
    async def glimpse(_code: str) -> UnitView:
        return unit

    return glimpse


async def test_a_residential_group_receives_nothing_itself(country: dict[str, int]) -> None:
    async with db.transaction() as session:
        await session.execute(
            sql(
                "INSERT INTO unit (level, code, kind, name, short_name, parent_id, path, sort_key, folded, valid_from) VALUES "
                "('group', '19774001', 'thon', 'Thôn 1', '1', :parent, 'vn/46/19774/19774001/', '1', '1', '2025-07-01')"
            ),
            {"parent": country[COMMUNE]},
        )
        await session.execute(
            sql(
                "INSERT INTO unit_version (unit_id, valid_from, level, code, kind, name, short_name, parent_id, path, sort_key, folded) "
                "SELECT id, valid_from, level, code, kind, name, short_name, parent_id, path, sort_key, folded FROM unit "
                "WHERE level = 'group'"
            )
        )
    with pytest.raises(InvalidInput) as refused:
        await send(unit="19774001")
    assert refused.value.fields == {"unit": text.UNIT_IS_GROUP}


async def test_where_it_goes_and_why(country: dict[str, int]) -> None:
    commune = (await service.explain_destination(Kind.REPORT, COMMUNE)).reason
    province = (await service.explain_destination(Kind.PROPOSAL, PROVINCE)).reason
    central = (await service.explain_destination(Kind.QUESTION, "vn")).reason
    assert "Ủy ban MTTQ Việt Nam Phường Phú Xuân" in commune and "nơi xảy ra" in commune
    assert "cấp tỉnh" in province and text.BODY_CENTRAL in central
    assert central.endswith(text.REASON_QUESTION) and not commune.endswith(text.REASON_QUESTION)
    assert (await send(unit=PROVINCE)).reason == (await service.explain_destination(Kind.REPORT, PROVINCE)).reason


# ---- photos, throttle


async def test_six_photos_are_one_too_many(country: dict[str, int]) -> None:
    one = await photo()
    with pytest.raises(InvalidInput) as refused:
        await service.submit_petition(ANONYMOUS, new_key(), submission(), [one] * 6)
    assert refused.value.fields == {"photo": text.TOO_MANY_PHOTOS.format(limit=5)}
    assert sum((await counts()).values()) == 0


async def test_a_failure_in_the_middle_leaves_nothing(country: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(*_args: object, **_more: object) -> None:
        raise RuntimeError("the last statement failed")

    monkeypatch.setattr("mattranso_app.core.audit.record", broken)
    with pytest.raises(RuntimeError):
        await send(photos=1, phone="0912345678", consent=True)
    assert sum((await counts()).values()) == 0


async def test_one_address_is_throttled_and_others_are_not(country: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "submissions_per_address", 3)
    key = new_key()
    for number in range(3):
        await send(someone_at("10.1.1.1"), key=key if number == 0 else "")
    with pytest.raises(TooMany) as refused:
        await send(someone_at("10.1.1.1"))
    assert refused.value.text == text.TOO_MANY_SENT and (refused.value.retry_after or 0) > 0
    assert await send(someone_at("10.1.1.1"), key=key), "what was acknowledged is acknowledged again all the same"
    assert await send(someone_at("10.1.1.2"))
    assert await count("petition") == 4


# ---- the receipt


async def test_the_receipt_is_long_stored_hashed_and_told_only_to_the_sender(
    country: dict[str, int], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    key = new_key()
    sent = await send(key=key, phone="0912345678", consent=True)
    signs = sent.receipt.replace("-", "")
    assert len(signs) * 5 >= 80, "five bits a sign"
    await service.follow(ANONYMOUS, sent.receipt)
    with pytest.raises(NotFound):
        await service.follow(ANONYMOUS, "0" * 16)
    for secret in (sent.receipt, signs, key, "912345678"):
        assert secret not in caplog.text
        for table in (*TABLES, "throttle_hit", "search_change", "notice"):
            found = await rows(f"SELECT to_jsonb(t)::text AS whole FROM {table} t")
            assert not [each for each in found if secret in each["whole"] or secret.encode().hex() in each["whole"]], table
    assert len({secrets.derive_receipt(new_key()) for _ in range(50)}) == 50


async def test_a_receipt_is_read_as_people_copy_it(country: dict[str, int]) -> None:
    sent = await send()
    for typed in (sent.receipt, sent.receipt.lower(), sent.receipt.replace("-", " "), sent.receipt.replace("0", "O"), f" {sent.receipt}\n"):
        assert (await service.follow(ANONYMOUS, typed)).public.number == sent.number


async def test_wrong_receipts_look_alike_and_run_out(country: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    sent = await send()
    wrong = ["", "x", "0" * 16, sent.receipt[:-1], sent.receipt + "0", "đ" * 99, "0" * 5_000]
    for typed in wrong:
        with pytest.raises(NotFound) as refused:
            await service.follow(someone_at("10.9.9.9"), typed)
        assert refused.value.text == text.RECEIPT_UNKNOWN and not refused.value.fields
    monkeypatch.setattr("mattranso_app.petitions.service.reading.FOLLOW_PER_ADDRESS", _tight(len(wrong)))
    with pytest.raises(TooMany) as stopped:
        await service.follow(someone_at("10.9.9.9"), sent.receipt)
    assert stopped.value.text == text.RECEIPT_TOO_MANY
    for _ in range(3 * len(wrong)):
        await service.follow(someone_at("10.9.9.8"), sent.receipt)  # who has the right one may look as often as he likes


def _tight(most: int) -> Limit:
    return Limit("petition.follow", most, 600)


# ---- the deadline


@pytest.mark.parametrize(
    ("sent_at", "due"),
    [
        (datetime(2026, 11, 24, 3, tzinfo=UTC), date(2026, 12, 8)),  # a Tuesday: ten working days
        (datetime(2026, 11, 24, 18, tzinfo=UTC), date(2026, 12, 9)),  # already Wednesday in Viet Nam
        (datetime(2026, 11, 27, 13, tzinfo=UTC), date(2026, 12, 11)),  # Friday evening counts from Monday
        (datetime(2026, 11, 28, 3, tzinfo=UTC), date(2026, 12, 11)),  # and so does Saturday
    ],
)
async def test_due_by_the_working_calendar(country: dict[str, int], sent_at: datetime, due: date) -> None:
    clock.freeze(sent_at)
    sent = await send()
    local = sent.due_at.astimezone(VN)
    assert (local.date(), local.hour, local.minute) == (due, 17, 0)
    assert sent.working_days == 10 and "42/2013/QH13" in sent.basis
    assert (await row_of(sent.number))["due_at"] == sent.due_at


async def test_tet_is_no_time_of_work(country: dict[str, int]) -> None:
    clock.freeze(datetime(2027, 1, 29, 3, tzinfo=UTC))
    with_tet = (await send()).due_at
    clock.freeze(datetime(2027, 3, 1, 3, tzinfo=UTC))
    without = (await send()).due_at
    assert with_tet - datetime(2027, 1, 29, 3, tzinfo=UTC) > without - datetime(2027, 3, 1, 3, tzinfo=UTC) + timedelta(days=3)


async def test_a_rule_holds_from_its_day_on_and_old_petitions_keep_theirs(country: dict[str, int], owner_url: str) -> None:
    clock.freeze(datetime(2026, 12, 30, 3, tzinfo=UTC))
    key = new_key()
    before = await send(key=key)
    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("UPDATE deadline_rule SET valid_to = '2027-01-01' WHERE kind = 'phan_anh' AND step = 'answer'")
        connection.execute(
            "INSERT INTO deadline_rule (kind, step, working_days, basis, valid_from) "
            "VALUES ('phan_anh', 'answer', 7, 'Luật mới', '2027-01-01')"
        )
    assert (await send()).working_days == 10, "the new rule is not in force yet"
    clock.freeze(datetime(2026, 12, 31, 17, tzinfo=UTC))  # midnight in Viet Nam
    after = await send()
    assert (after.working_days, after.basis) == (7, "Luật mới")
    assert (await send(kind="kien_nghi")).working_days == 10
    assert await send(key=key) == before, "a replay tells the rule it was taken in under"
    shown = await service.get_public(before.number)
    assert (shown.deadline.working_days, shown.deadline.due_at) == (10, before.due_at)


