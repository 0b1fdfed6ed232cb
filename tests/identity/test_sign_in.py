"""Signing in with codes and passwords: what is refused, in which words, and who is never locked out."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import clock, db, notify
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.errors import DomainError, Forbidden, InvalidInput, NotFound, TooMany
from mattranso_app.identity import service, text, throttle
from mattranso_app.identity.service import Visit
from tests.identity.factories import PASSWORD, make_officer, newest_code, sign_in

HOME = Visit(address="10.0.0.1", agent="thử")
PHONE = "0912 345 678"


async def refusal(coroutine) -> DomainError:
    with pytest.raises(DomainError) as caught:
        await coroutine
    return caught.value


async def test_a_code_signs_a_citizen_in_and_makes_the_account_once(units):
    people = set()
    for target in (PHONE, "+84 912-345-678"):
        challenge = await service.request_code(target, HOME)
        code = await newest_code()
        signed = await service.sign_in_with_code(challenge.id, f" {code[:3]} {code[3:]} ", HOME)
        people.add(signed.person_id)
        found = await service.authenticate(signed.token, "10.0.0.9")
        assert found and found.actor.kind == "citizen" and found.actor.address == "10.0.0.9"
    assert len(people) == 1
    assert {message.to for message in await notify.demo_messages()} == {"+84912345678"}


async def test_contacts_and_codes_are_not_readable_in_the_database(units):
    challenge = await service.request_code(PHONE, HOME)
    code = await newest_code()
    await service.sign_in_with_code(challenge.id, code, HOME)
    async with db.reading() as session:
        for table in ("person", "one_time_code", "sign_in_session", "audit_log", "notice"):
            rows = (await session.execute(sql(f"SELECT CAST(row_to_json(t) AS text) FROM {table} t"))).scalars().all()
            assert rows
            for row in rows:
                assert "912345678" not in row and f'"{code}"' not in row


async def test_a_code_works_once(units):
    challenge = await service.request_code(PHONE, HOME)
    await service.sign_in_with_code(challenge.id, await newest_code(), HOME)
    assert (await refusal(service.sign_in_with_code(challenge.id, await newest_code(), HOME))).text == text.CODE_REFUSED


async def test_a_code_used_twice_at_the_same_moment_opens_one_session(units):
    challenge = await service.request_code(PHONE, HOME)
    code = await newest_code()
    results = await asyncio.gather(
        *(service.sign_in_with_code(challenge.id, code, HOME) for _ in range(4)), return_exceptions=True
    )
    assert sum(not isinstance(result, Exception) for result in results) == 1
    assert all(isinstance(result, InvalidInput) for result in results if isinstance(result, Exception))


async def test_a_code_expires_after_five_minutes(units):
    clock.freeze(clock.now())
    challenge = await service.request_code(PHONE, HOME)
    clock.freeze(clock.now() + timedelta(minutes=5, seconds=1))
    assert (await refusal(service.sign_in_with_code(challenge.id, await newest_code(), HOME))).text == text.CODE_REFUSED


async def test_after_five_wrong_guesses_the_right_code_is_refused_too(units):
    challenge = await service.request_code(PHONE, HOME)
    wrong = f"{(int(await newest_code()) + 1) % 10**6:06d}"
    refused = await asyncio.gather(*(refusal(service.sign_in_with_code(challenge.id, wrong, HOME)) for _ in range(5)))
    assert {error.text for error in refused} == {text.CODE_REFUSED}
    assert (await refusal(service.sign_in_with_code(challenge.id, await newest_code(), HOME))).text == text.CODE_REFUSED


async def test_somebody_elses_guesses_do_not_use_up_my_code(units):
    mine = await service.request_code(PHONE, HOME)
    my_code = await newest_code()
    stranger = Visit(address="10.9.9.9")
    theirs = await service.request_code(PHONE, stranger)
    for _ in range(6):
        await refusal(service.sign_in_with_code(theirs.id, "999999" if my_code != "999999" else "888888", stranger))
    assert await service.sign_in_with_code(mine.id, my_code, HOME)


async def test_a_code_belongs_to_the_browser_that_asked(units):
    await service.request_code(PHONE, HOME)
    for challenge in (None, uuid4()):
        assert (await refusal(service.sign_in_with_code(challenge, await newest_code(), HOME))).text == text.CODE_REFUSED


NO_CONTACTS = [
    "", "abc", "0812", "024 3825 1234", "+1 202 555 0100", "09123456789", "a@b", "a@@b.vn", "a..b@c.vn", "٠٩١٢٣٤٥٦٧٨x",
    "\x00", "x" * 5000,
]


@pytest.mark.parametrize("typed", NO_CONTACTS)
async def test_what_is_no_contact_is_refused_with_what_to_do(units, typed):
    error = await refusal(service.request_code(typed, HOME))
    assert isinstance(error, InvalidInput) and error.fields["target"] in (text.BAD_PHONE, text.BAD_EMAIL)
    assert not await notify.demo_messages()


async def test_codes_to_one_contact_are_bounded_but_a_known_browser_keeps_its_own_allowance(units):
    challenge = await service.request_code(PHONE, HOME)
    signed = await service.sign_in_with_code(challenge.id, await newest_code(), HOME)
    for number in range(throttle.CODE_PER_CONTACT.count - 1):
        await service.request_code(PHONE, Visit(address=f"10.7.0.{number}"))
    refused = await refusal(service.request_code(PHONE, Visit(address="10.7.0.99")))
    assert isinstance(refused, TooMany) and 0 < (refused.retry_after or 0) <= 3601
    assert await service.request_code(PHONE, Visit(address="10.7.0.99", device=signed.device))


async def test_an_officer_signs_in_with_user_name_and_password(units):
    person = await make_officer("lan.phuxuan", units["19774"], "handler")
    _, actor = await sign_in(" Lan.PhuXuan ")
    assert (actor.kind, actor.person_id, actor.unit_path) == ("officer", person, "vn/46/19774/")
    assert [(grant.role.value, grant.unit_path) for grant in actor.grants] == [("handler", "vn/46/19774/")]


async def test_every_failure_says_the_same(units):
    await make_officer("lan", units["19774"])
    await make_officer("moi", units["19774"], password=None)
    disabled = await make_officer("nghi", units["19774"])
    await service.disable_person(SYSTEM, disabled)
    tries = [("lan", "sai"), ("khong.co.ai", PASSWORD), ("moi", PASSWORD), ("nghi", PASSWORD), ("\x00\ud800", "x"), ("", "")]
    errors = [await refusal(service.sign_in_with_password(name, word, HOME)) for name, word in tries]
    assert {(type(error), error.text, tuple(error.fields)) for error in errors} == {(InvalidInput, text.SIGN_IN_REFUSED, ())}


async def test_an_unknown_account_takes_as_long_as_a_known_one(units, monkeypatch):
    await make_officer("lan", units["19774"])
    verified = []
    from mattranso_app.identity import passwords

    real = passwords.verify_password

    async def counting(encoded, password):
        verified.append(encoded is not None)
        return await real(encoded, password)

    monkeypatch.setattr(passwords, "verify_password", counting)
    for name in ("lan", "khong.co"):
        await refusal(service.sign_in_with_password(name, "sai", HOME))
    assert verified == [True, False]  # one whole Argon2id computation each


async def test_guessing_at_an_account_does_not_lock_its_owner_out(units):
    await make_officer("lan", units["19774"])
    signed = await service.sign_in_with_password("lan", PASSWORD, HOME)
    for number in range(throttle.PASSWORD_PER_ACCOUNT.count):
        guesser = Visit(address=f"10.8.{number}.1")
        assert isinstance(await refusal(service.sign_in_with_password("lan", "sai", guesser)), InvalidInput)
    # From browsers new to the account nothing goes any more, not even the right password: it tells a guesser nothing.
    refused = await refusal(service.sign_in_with_password("lan", PASSWORD, Visit(address="10.8.99.1")))
    assert isinstance(refused, TooMany) and refused.retry_after
    # The owner's browser is known, whatever its address.
    assert await service.sign_in_with_password("lan", PASSWORD, Visit(address="10.8.99.1", device=signed.device))
    # A device cookie of another account helps nobody.
    await make_officer("minh", units["19774"])
    other = await service.sign_in_with_password("minh", PASSWORD, HOME)
    assert isinstance(await refusal(service.sign_in_with_password("lan", PASSWORD, Visit(device=other.device))), TooMany)


async def test_attempts_at_the_same_moment_all_count(units):
    limit = throttle.Limit("thử", 5, 60)
    results = await asyncio.gather(*(throttle.reserve((limit, "x")) for _ in range(12)), return_exceptions=True)
    assert sum(isinstance(result, TooMany) for result in results) == 7


async def test_the_window_slides(units):
    limit = throttle.Limit("thử", 2, 60)
    start = clock.now()
    for second in (0, 30):
        clock.freeze(start + timedelta(seconds=second))
        await throttle.reserve((limit, "x"))
    clock.freeze(start + timedelta(seconds=59))
    refused = await refusal(throttle.reserve((limit, "x")))
    assert refused.retry_after == 2
    clock.freeze(start + timedelta(seconds=61))
    await throttle.reserve((limit, "x"))


async def test_one_address_cannot_try_many_accounts(units):
    for number in range(throttle.PASSWORD_PER_ADDRESS.count):
        await throttle.reserve((throttle.PASSWORD_PER_ADDRESS, throttle.address_key("2001:db8::1")))
        assert number >= 0
    refused = await refusal(service.sign_in_with_password("ai.do", "sai", Visit(address="2001:db8::ffff")))
    assert isinstance(refused, TooMany)


async def test_the_first_password_needs_the_code_handed_over(units):
    made = await service.create_officer(SYSTEM, user_name="moi.ve", name="Người Mới", unit_id=units["19774"], role="reader")
    wrong = await refusal(service.set_first_password("moi.ve", "AAAAA-AAAAA", PASSWORD, HOME))
    unknown = await refusal(service.set_first_password("khong.co", made.code, PASSWORD, HOME))
    assert wrong.text == unknown.text == text.FIRST_REFUSED
    weak = await refusal(service.set_first_password("moi.ve", made.code, "ngan", HOME))
    assert weak.fields["new_password"] == text.WEAK_SHORT
    signed = await service.set_first_password("moi.ve", made.code.lower().replace("-", " "), PASSWORD, HOME)
    assert await service.authenticate(signed.token, "")
    assert (await refusal(service.set_first_password("moi.ve", made.code, PASSWORD, HOME))).text == text.FIRST_REFUSED
    assert await service.sign_in_with_password("moi.ve", PASSWORD, HOME)


async def test_a_new_code_voids_the_earlier_one_and_each_expires(units):
    made = await service.create_officer(SYSTEM, user_name="moi.ve", name="Người Mới", unit_id=units["19774"], role="reader")
    newer = await service.issue_password_code(SYSTEM, made.person_id)
    assert (await refusal(service.set_first_password("moi.ve", made.code, PASSWORD, HOME))).text == text.FIRST_REFUSED
    clock.freeze(clock.now() + timedelta(hours=73))
    assert (await refusal(service.set_first_password("moi.ve", newer, PASSWORD, HOME))).text == text.FIRST_REFUSED


@pytest.mark.parametrize("password", ["ngan qua", "x" * 129, "matkhau123456", "aaaaaaaaaaaaaaaa", "toi la lan.phuxuan day"])
async def test_weak_passwords_are_refused(password):
    from mattranso_app.identity.passwords import check_new_password

    with pytest.raises(InvalidInput):
        check_new_password(password, "lan.phuxuan")


async def test_changing_the_password_ends_the_other_sessions(units):
    await make_officer("lan", units["19774"])
    old_token, _ = await sign_in("lan")
    token, actor = await sign_in("lan")
    assert (await refusal(service.change_password(actor, "sai", "mot cau khac han 8"))).fields["old_password"]
    assert (await refusal(service.change_password(actor, PASSWORD, PASSWORD))).fields["new_password"] == text.SAME_AS_OLD
    await service.change_password(actor, PASSWORD, "mot cau khac han 8")
    assert await service.authenticate(token, "") and not await service.authenticate(old_token, "")
    assert await sign_in("lan", "mot cau khac han 8")


async def test_a_disabled_citizen_cannot_come_back(units):
    challenge = await service.request_code(PHONE, HOME)
    signed = await service.sign_in_with_code(challenge.id, await newest_code(), HOME)
    async with db.transaction() as session:
        await session.execute(sql("UPDATE person SET disabled_at = now() WHERE id = :id"), {"id": signed.person_id})
    assert await service.authenticate(signed.token, "") is None
    challenge = await service.request_code(PHONE, HOME)
    assert isinstance(await refusal(service.sign_in_with_code(challenge.id, await newest_code(), HOME)), Forbidden)


async def test_everything_leaves_an_audit_row(units):
    await make_officer("lan", units["19774"])
    challenge = await service.request_code(PHONE, HOME)
    await service.sign_in_with_code(challenge.id, await newest_code(), HOME)
    await refusal(service.sign_in_with_password("lan", "sai", HOME))
    _, actor = await sign_in("lan")
    await refusal(service.end_session(actor, uuid4()))
    await service.sign_out(actor)
    async with db.reading() as session:
        actions = (await session.execute(sql("SELECT action FROM audit_log ORDER BY id"))).scalars().all()
    assert actions == [
        "staff.create", "code.request", "session.sign_in", "session.refused", "session.sign_in", "session.sign_out"
    ]


async def test_nobody_ends_somebody_elses_session(units):
    await make_officer("lan", units["19774"])
    await make_officer("minh", units["19774"])
    token, lan = await sign_in("lan")
    _, minh = await sign_in("minh")
    assert isinstance(await refusal(service.end_session(minh, lan.session_id)), NotFound)
    assert await service.authenticate(token, "")
