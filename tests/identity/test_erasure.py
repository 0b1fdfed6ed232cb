"""An account is erased: asked for, against a legal clock, decided by Central; afterwards no table knows the person."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app import rooms
from mattranso_app.core import clock, db, personal_data, secrets
from mattranso_app.core.access import Actor
from mattranso_app.core.calendar import working_calendar
from mattranso_app.core.clock import VN
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, ProofRequired, SignInRequired
from mattranso_app.core.personal_data import GONE, Identifiers
from mattranso_app.core.sql import sql
from mattranso_app.identity import service
from mattranso_app.identity.own_data import archive
from mattranso_app.identity.service.erasure import due
from mattranso_app.petitions import service as petitions
from mattranso_app.petitions import text as petition_text
from mattranso_app.settings import settings
from tests.identity.authenticator import enrol, wait
from tests.identity.factories import make_officer, sign_in
from tests.identity.people import citizen, mentions, person_id_of
from tests.identity.soft_authenticator import Authenticator
from tests.petitions.factories import (
    People,
    answer,
    approve,
    make_country,
    make_people,
    publish,
    row_of,
    rows,
    send,
    take_up,
    version_of,
)

NAME, PHONE, EMAIL, OTHER = "Nguyễn Thị Hồng Nhung", "0912345678", "nhung.hue@vidu.vn", "0987654321"
NEEDLES = (NAME, "912345678", EMAIL, "987654321")
BODY = f"Tôi là {NAME}, số 0912 345 678, thư {EMAIL}. Cống trước nhà tắc đã một tháng, xin cho người thông cống."


@pytest.fixture
async def people(db: str) -> People:
    rooms.register()
    clock.freeze(datetime(2026, 11, 24, 3, 0, tzinfo=UTC))
    ids = await make_country()
    await make_officer("trunguong", ids["vn"], "administrator")
    return make_people(ids)


@pytest.fixture
async def central(people: People) -> Actor:
    return (await sign_in("trunguong"))[1]


async def closed(people: People, actor: Actor, is_public: bool = True, **fields: Any) -> str:
    """Have a petition of hers answered; the officers, too, wrote her name and number down."""
    number = (await send(actor, body=BODY, photos=1, phone=OTHER, email=EMAIL, consent=True, **fields)).number
    await take_up(people, number)
    if is_public:
        await publish(people, number, title=f"Cống tắc, {NAME} báo", body="Cống tắc đã một tháng.")
    else:
        reason = f"Bà {NAME} (0912.345.678) xin không công khai."
        await petitions.withhold_question(people.handler, number, await version_of(number), reason)
    await answer(people, number, body=f"Đã gọi bà {NAME.upper()} theo số +84 912 345 678; cống được thông ngày 20/11/2026.")
    await petitions.return_answer(people.approver, number, await version_of(number), f"Bỏ số 098.765.4321 của bà {NAME}.")
    await answer(people, number, body="Cống được thông ngày 20/11/2026, mời bà con giám sát.")
    await approve(people, number)
    return number


async def asked(actor: Actor) -> int:
    return await service.ask_erasure(actor)


async def test_afterwards_no_table_holds_her_name_telephone_or_mail(people: People, central: Actor) -> None:
    nhung = await citizen(PHONE, NAME)
    nhung = replace(nhung, name=NAME)
    numbers = [await closed(people, nhung), await closed(people, nhung, is_public=False)]
    claimed = await send(body="Đèn đường ngõ 5 hỏng, tối đi lại nguy hiểm.")
    await service.create_token(nhung, name=f"Máy của {NAME}", scopes=["account.read"], days=30)
    await enrol(nhung)
    made = Authenticator()
    await service.add_passkey(nhung, made.make(await service.options_to_add(nhung)), f"Máy của {NAME}")
    await petitions.claim(nhung, claimed.number, claimed.receipt)
    await take_up(people, claimed.number)
    await publish(people, claimed.number)
    await petitions.read_contact(people.handler, numbers[0], "Hỏi thêm địa điểm cống.")
    await answer(people, claimed.number)
    await approve(people, claimed.number)
    export = await service.request_export(nhung)
    await archive.export_data(str(export))
    before = await mentions(*NEEDLES)
    assert {place.partition(":")[0] for place in before} >= {
        "person.display_name", "petition.body", "petition_answer.body", "petition_answer.reason", "petition_event.internal_note",
        "access_token.name",
    }
    person = await person_id_of(nhung)
    async with db.transaction() as session:
        await session.execute(
            sql(
                "INSERT INTO outside_link (id, person_id, provider, issuer, subject_hash, number_hash, number_cipher, level, created_at, "
                "last_used_at) VALUES (:id, :id, 'vneid', 'https://x', 'ab', 'cd', 'ef', 2, now(), now())"
            ),
            {"id": person},
        )
        await session.execute(
            sql(
                "INSERT INTO population_lookup (id, person_id, asked_by, purpose, consent, at, outcome, name_hash) "
                "VALUES (:id, :id, :id, 'x', 'y', now(), 'confirmed', 'ab')"
            ),
            {"id": person},
        )
    request = await asked(nhung)
    assert await service.fulfil_erasure(central, request) > 10
    (link,) = await rows("SELECT subject_hash, number_hash, number_cipher, removed_at FROM outside_link")
    assert link["subject_hash"] != b"ab" and link["number_hash"] is link["number_cipher"] is None and link["removed_at"]
    assert (await rows("SELECT name_hash FROM population_lookup"))[0]["name_hash"] != b"ab"
    kept = await rows("SELECT credential_id, public_key FROM second_factor WHERE person_id = :id AND kind = 'passkey'", id=person)
    assert bytes(kept[0]["credential_id"]) != made.credential_id and bytes(kept[0]["public_key"]) == b""
    assert await mentions(*NEEDLES) == []
    for number in (*numbers, claimed.number):
        row = await row_of(number)
        assert row["sender_id"] is None and row["contact_hint"] == "" and row["state"] == "answered"
    assert await rows("SELECT 1 FROM petition_contact") == []
    assert await rows("SELECT 1 FROM petition_event WHERE person_id = :id", id=person) == []
    assert await rows("SELECT 1 FROM stored_file WHERE uploaded_by = :id OR owner_kind = 'data_export'", id=person) == []
    assert await rows("SELECT 1 FROM one_time_code WHERE contact_cipher IS NOT NULL AND purpose = 'sign_in'") == []
    sealed = await rows("SELECT phone_cipher, email_cipher, disabled_at, erased_at FROM person WHERE id = :id", id=person)
    assert secrets.unseal(sealed[0]["phone_cipher"], "person.contact") == "" and sealed[0]["email_cipher"] is None
    assert sealed[0]["erased_at"] and sealed[0]["disabled_at"]
    left = "ended_at IS NULL OR agent <> '' OR address <> ''"
    assert await rows(f"SELECT 1 FROM sign_in_session WHERE person_id = :id AND ({left})", id=person) == []


async def test_published_copies_stay_without_her_and_are_read_anew(people: People, central: Actor) -> None:
    nhung = await citizen(PHONE, NAME)
    number = await closed(people, nhung)
    await service.fulfil_erasure(central, await asked(nhung))
    public = await petitions.get_public(number)
    assert public.body == "Cống tắc đã một tháng." and NAME not in public.title and public.answer is not None
    assert len(public.photos) == 1, "what is public stays public"
    assert await rows("SELECT 1 FROM live_change WHERE topic = :topic", topic=f"petitions/{number}")
    again = await citizen(PHONE)
    assert again.person_id != nhung.person_id and (await petitions.list_mine(again)).items == [], "a new account is a stranger"


async def test_kept_back_photos_go_and_the_original_is_masked_while_it_is_kept(people: People, central: Actor) -> None:
    nhung = await citizen(PHONE, NAME)
    number = await closed(people, nhung, is_public=False)
    await service.fulfil_erasure(central, await asked(nhung))
    row = await row_of(number)
    assert "Cống trước nhà tắc đã một tháng" in row["body"] and GONE in row["body"]
    assert await rows("SELECT 1 FROM stored_file WHERE owner_ref = :ref", ref=f"{number}/photo") == []


@pytest.mark.parametrize("is_public", [True, False])
async def test_after_the_time_of_keeping_only_the_public_copy_stays(people: People, is_public: bool) -> None:
    nhung = await citizen(PHONE, NAME)
    number = await closed(people, nhung, is_public=is_public)
    clock.freeze(clock.now() + timedelta(days=settings().petition_retention_days))
    nhung, (_, central) = await citizen(PHONE), await sign_in("trunguong")
    await service.fulfil_erasure(central, await asked(nhung))
    row = await row_of(number)
    assert row["body"] == ("Cống tắc đã một tháng." if is_public else petition_text.FORGOTTEN)


async def test_what_is_open_is_finished_first_and_then_it_is_done(people: People, central: Actor) -> None:
    nhung = await citizen(PHONE, NAME)
    number = (await send(nhung, body=BODY)).number
    request = await asked(nhung)
    with pytest.raises(Conflict) as caught:
        await service.fulfil_erasure(central, request)
    assert "1 phản ánh" in caught.value.text
    assert (await service.view_own_data(nhung)).unfinished == 1 and (await row_of(number))["sender_id"] == nhung.person_id
    (shown,), following = await service.list_data_requests(central)
    assert (shown.request.id, shown.unfinished, shown.contact, following) == (request, 1, "091••• •••78", "")
    await take_up(people, number)
    await publish(people, number)
    await answer(people, number)
    await approve(people, number)
    await service.fulfil_erasure(central, request)
    assert await service.list_data_requests(central) == ([], "")
    with pytest.raises(NotFound):
        await service.fulfil_erasure(central, request)


async def test_the_database_itself_refuses_an_open_or_foreign_petition(people: People, db: str) -> None:
    nhung, other = await citizen(PHONE), await citizen(OTHER)
    number = (await send(nhung, body=BODY)).number
    petition = (await row_of(number))["id"]
    done = await closed(people, nhung)
    with psycopg.connect(db) as connection:
        for subject, sender in ((petition, nhung.person_id), ((await row_of(done))["id"], other.person_id)):
            with pytest.raises(psycopg.Error, match="not a closed one"), connection.transaction():
                connection.execute("SELECT petition_forget(%s, %s, '{}')", (subject, sender))
        with pytest.raises(psycopg.Error, match="nobody is being forgotten"), connection.transaction():
            connection.execute("SELECT petition_forget_words(%s, 'event', 1, '{}')", (petition,))
        assert connection.execute("SELECT petition_withdraw_contact(%s, %s)", (done, other.person_id)).fetchone() == (False,)


async def test_the_owner_of_the_tables_cannot_rewrite_events_either(people: People, owner_url: str) -> None:
    await send()
    with psycopg.connect(owner_url) as connection:
        for statement in ("UPDATE petition_event SET internal_note = 'x'", "DELETE FROM petition_event", "TRUNCATE petition_event"):
            with pytest.raises(psycopg.Error, match="append-only"), connection.transaction():
                connection.execute(statement)


async def test_refused_with_a_reason_and_taken_back(people: People, central: Actor) -> None:
    nhung = await citizen(PHONE)
    request = await asked(nhung)
    with pytest.raises(Conflict):
        await asked(nhung)
    for reason in ("", "  ngắn ", "x" * 501):
        with pytest.raises(InvalidInput):
            await service.refuse_erasure(central, request, reason)
    await service.refuse_erasure(central, request, "Đang có tranh chấp phải giải quyết theo luật.")
    (own,) = (await service.view_own_data(nhung)).requests
    assert (own.state, own.reason) == ("refused", "Đang có tranh chấp phải giải quyết theo luật.")
    again = await asked(nhung)
    other = await citizen(OTHER)
    for actor in (other, replace(nhung, person_id=other.person_id)):
        with pytest.raises(NotFound):
            await service.cancel_erasure(actor, again)
    await service.cancel_erasure(nhung, again)
    with pytest.raises(NotFound):
        await service.fulfil_erasure(central, again)
    actions = [row["action"] for row in await rows("SELECT action FROM audit_log WHERE action LIKE 'data.%erasure' ORDER BY id")]
    assert actions == ["data.ask_erasure", "data.refuse_erasure", "data.ask_erasure", "data.cancel_erasure"]


async def test_only_central_acts_only_citizens_ask_and_both_freshly_proved(people: People, central: Actor) -> None:
    nhung = await citizen(PHONE)
    request = await asked(nhung)
    for actor in (nhung, people.province, people.handler):
        for act in (
            service.fulfil_erasure(actor, request), service.refuse_erasure(actor, request, "x" * 20), service.list_data_requests(actor),
        ):
            with pytest.raises(Forbidden):
                await act
    with pytest.raises(SignInRequired):
        await service.ask_erasure(Actor("anonymous"))
    with pytest.raises(Conflict):
        await service.ask_erasure(central)
    wait(11 * 60)
    for act in (
        service.fulfil_erasure(central, request), service.refuse_erasure(central, request, "x" * 20), service.ask_erasure(nhung),
    ):
        with pytest.raises(ProofRequired):
            await act


async def test_a_fault_in_one_room_leaves_everything_as_it_was(
    people: People, central: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    nhung = await citizen(PHONE, NAME)
    number = await closed(people, nhung)
    request = await asked(nhung)

    async def broken(*_: object) -> int:
        raise RuntimeError("a room that cannot forget")

    monkeypatch.setitem(personal_data._holders, "zz", personal_data.Holder("zz", collect=None, erase=broken))  # type: ignore[arg-type]
    with pytest.raises(RuntimeError):
        await service.fulfil_erasure(central, request)
    assert (await row_of(number))["sender_id"] == nhung.person_id and await mentions(NAME)
    assert len(await service.list_sessions(nhung)) == 1


def test_every_table_that_names_a_person_has_been_thought_of(owner_url: str) -> None:
    """Who adds a table with a person in it says here what an erasure does with it."""
    with psycopg.connect(owner_url) as connection:
        found = connection.execute(
            "SELECT DISTINCT conrelid::regclass::text FROM pg_constraint WHERE contype = 'f' AND confrelid = 'person'::regclass"
        ).fetchall()
    assert {row[0] for row in found} == set(THOUGHT_OF)


THOUGHT_OF = {
    "access_token": "revoked, its name emptied",
    "credential": "officers only",
    "data_export": "gone with its file",
    "data_request": "stays: that and when it was done",
    "invitation": "officers only",
    "oauth_client": "officers only",
    "oauth_code": "deleted",
    "oauth_consent": "withdrawn",
    "oauth_token": "revoked",
    "one_time_code": "deleted",
    "outside_link": "removed, its hashes and the sealed number emptied",
    "population_lookup": "stays as the log of who asked; the name's hash is emptied",
    "recovery_code": "used up",
    "reporting_dashboard": "deleted",
    "role_delegation": "officers only",
    "role_grant": "officers only",
    "second_factor": "removed, its name and what a passkey is known by emptied",
    "sign_in_challenge": "deleted",
    "work_contact": "officers only",
    "staff_transfer": "officers only",
    "sign_in_session": "ended, address and browser emptied",
}


@given(asked_at=st.datetimes(datetime(2025, 1, 1), datetime(2030, 12, 31)), days=st.integers(1, 60))
def test_the_clock_ends_on_a_working_day_never_before_the_laws_day(asked_at: datetime, days: int) -> None:
    moment = asked_at.replace(tzinfo=VN)
    ends = due(moment, days).astimezone(VN)
    last = moment.date() + timedelta(days=days)
    assert ends.date() >= last and working_calendar().is_working_day(ends.date())
    between = [last + timedelta(days=n) for n in range((ends.date() - last).days)]
    assert not any(working_calendar().is_working_day(day) for day in between), "the first working day from the law's day on"


LETTERS = "abcdđeêghiklmnoôơpqrstuưvxyáàảãạ"
words = st.text(LETTERS, min_size=2, max_size=6)
names = st.lists(words, min_size=2, max_size=4).map(lambda parts: " ".join(part.capitalize() for part in parts))
phones = st.from_regex(r"[35789][0-9]{8}", fullmatch=True)
grouped = st.sampled_from(["", " ", ".", "-"])


@given(
    name=names, rest=phones, gaps=st.lists(grouped, min_size=8, max_size=8), shout=st.booleans(),
    start=st.sampled_from(["+84", "84", "0084", "0", "+84 ", "0 "]),
)
def test_no_writing_of_name_or_number_survives(name: str, rest: str, gaps: list[str], start: str, shout: bool) -> None:
    hide = Identifiers(frozenset({name}), frozenset({f"+84{rest}"}), frozenset({"lan.a+b@vidu.vn"})).hide
    number = start + "".join(digit + gap for digit, gap in zip(rest, [*gaps, ""], strict=True))
    written = name.upper() if shout else name.replace(" ", "  ")
    text_ = f"Tôi, {written}, gọi {number}, thư Lan.A+B@vidu.vn; hẹn."
    assert hide(text_) == f"Tôi, {GONE}, gọi {GONE}, thư {GONE}; hẹn."
    assert hide("Đường 912 dài 3456 m, gọi 1022.") == "Đường 912 dài 3456 m, gọi 1022."


def test_a_short_name_is_no_sign_of_a_person() -> None:
    assert Identifiers(frozenset({"An"})).hide("An ninh ở xã An Bình") == "An ninh ở xã An Bình"

