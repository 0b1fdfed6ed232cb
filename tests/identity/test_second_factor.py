"""Second factors: set up, asked for, used once, guessed at, lost; and what somebody may do without one."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text as sql

from mattranso_app.core import audit, clock, db
from mattranso_app.core.access import SYSTEM, Action, Actor, Role, may, require
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, ProofRequired, SecondFactorRequired, TooMany
from mattranso_app.identity import service, text, throttle
from mattranso_app.identity.factors import recovery, totp
from mattranso_app.identity.provider import claims
from mattranso_app.identity.service import SecondStep, SignedIn, Visit
from mattranso_app.settings import settings
from tests.identity.authenticator import App, actor_of, enrol, first_step, wait
from tests.identity.factories import PASSWORD, make_officer, newest_code, sign_in

HOME = Visit(address="10.0.0.1", agent="thử")


@pytest.fixture(autouse=True)
def _held_clock() -> None:
    clock.freeze(datetime(2026, 11, 24, 3, 0, 1, tzinfo=UTC))


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production: approvers and administrators must have a second factor."""
    monkeypatch.setattr(settings(), "second_factor", "required")


async def actions_of(person_id: object) -> list[str]:
    async with db.reading() as session:
        rows = await session.execute(
            sql("SELECT action FROM audit_log WHERE subject = :subject ORDER BY id"), {"subject": f"person:{person_id}"}
        )
        return list(rows.scalars())


async def methods_of(actor: Actor) -> list[str]:
    async with db.reading() as session:
        rows = await session.execute(sql("SELECT methods FROM sign_in_session WHERE id = :id"), {"id": actor.session_id})
        return list(rows.scalar_one())


async def test_password_then_code_opens_a_session_of_level_two(units) -> None:
    person = await make_officer("lan", units["19774"])
    token, actor = await sign_in("lan")
    app, renewed, codes = await enrol(actor)
    assert len(codes) == len(set(codes)) == recovery.COUNT
    assert await service.authenticate(token, "10.0.0.1") is None, "the token known before the proof is worth nothing"
    assert (await actor_of(renewed)).session_id == actor.session_id
    assert claims.acr(await methods_of(actor)) == claims.ACR_TWO

    signed = await service.finish_sign_in(await first_step("lan"), f" {app.code()[:3]} {app.code()[3:]} ", HOME)
    assert claims.acr(await methods_of(await actor_of(signed))) == claims.ACR_TWO
    assert (await methods_of(await actor_of(signed))) == ["pwd", "otp", "mfa"]
    assert (await actions_of(person))[-2:] == ["session.first_step", "session.sign_in"]


async def test_a_password_alone_opens_no_session_and_ends_none(units) -> None:
    await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    _, renewed, _ = await enrol(actor)
    async with db.reading() as session:
        before = (await session.execute(sql("SELECT count(*) FROM sign_in_session"))).scalar_one()
    assert isinstance(await service.sign_in_with_password("lan", PASSWORD, Visit(session_id=actor.session_id)), SecondStep)
    async with db.reading() as session:
        assert (await session.execute(sql("SELECT count(*) FROM sign_in_session"))).scalar_one() == before
    assert await service.authenticate(renewed, "10.0.0.1") is not None


async def test_the_first_factor_ends_the_sessions_that_had_a_password_only(units) -> None:
    await make_officer("lan", units["19774"])
    other, _ = await sign_in("lan")
    _, actor = await sign_in("lan")
    await enrol(actor)
    assert await service.authenticate(other, "10.0.0.1") is None


async def test_a_new_password_from_an_administrator_does_not_pass_the_second_step(units) -> None:
    person = await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    app, _, _ = await enrol(actor)
    waiting = await first_step("lan")
    code = await service.issue_password_code(SYSTEM, person)
    asked = await service.set_first_password("lan", code, "mot cau khac han 8", HOME)
    assert isinstance(asked, SecondStep)
    with pytest.raises(InvalidInput) as refused:
        await service.finish_sign_in(waiting, app.code(), HOME)
    assert "step" in refused.value.fields, "what rested on the old password has ended"
    assert isinstance(await service.finish_sign_in(asked.token, app.code(), HOME), SignedIn)


@pytest.mark.parametrize("off", [-30, -1, 0, 1, 29])
async def test_a_clock_half_a_minute_off_is_fine(units, off: int) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    assert isinstance(await service.finish_sign_in(await first_step("lan"), app.code(off), HOME), SignedIn)


@pytest.mark.parametrize("off", [-600, -90, 90, 600])
async def test_a_clock_minutes_off_is_not(units, off: int) -> None:
    person = await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    with pytest.raises(InvalidInput) as refused:
        await service.finish_sign_in(await first_step("lan"), app.code(off), HOME)
    assert refused.value.text == text.PROOF_REFUSED
    assert (await actions_of(person))[-1] == "session.second_refused"


async def test_a_code_counts_once(units) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    code = app.code()
    await service.finish_sign_in(await first_step("lan"), code, HOME)
    for _ in range(2):
        with pytest.raises(InvalidInput):
            await service.finish_sign_in(await first_step("lan"), code, HOME)
        wait(20)
    with pytest.raises(InvalidInput):  # nor one older than the one taken last
        await service.finish_sign_in(await first_step("lan"), app.code(-60), HOME)
    assert isinstance(await service.finish_sign_in(await first_step("lan"), app.code(), HOME), SignedIn)


async def test_a_code_used_twice_at_once_opens_one_session(units) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    waiting = [await first_step("lan") for _ in range(4)]
    results = await asyncio.gather(
        *(service.finish_sign_in(token, app.code(), HOME) for token in waiting), return_exceptions=True
    )
    assert sum(isinstance(result, SignedIn) for result in results) == 1
    assert all(isinstance(result, SignedIn | InvalidInput) for result in results)


async def test_the_code_of_another_person_is_refused(units) -> None:
    await make_officer("lan", units["19774"])
    await make_officer("hoa", units["19774"])
    await enrol((await sign_in("lan"))[1])
    hers, _, her_codes = await enrol((await sign_in("hoa"))[1])
    for typed in (hers.code(), her_codes[0]):
        with pytest.raises(InvalidInput):
            await service.finish_sign_in(await first_step("lan"), typed, HOME)
    assert isinstance(await service.finish_sign_in(await first_step("hoa"), her_codes[0], HOME), SignedIn)


async def test_a_half_open_sign_in_serves_once_in_its_browser_for_five_minutes(units) -> None:
    await make_officer("lan", units["19774"])
    app, _, codes = await enrol((await sign_in("lan"))[1])
    used = await first_step("lan")
    await service.finish_sign_in(used, app.code(), HOME)
    late = await first_step("lan")
    wait(5 * 60 + 1)
    for token in (used, late, "", "x" * 43, "x" * 5000):
        assert not await service.step_ways(token)
        with pytest.raises(InvalidInput) as refused:
            await service.finish_sign_in(token, codes[0], HOME)
        assert refused.value.text == text.STEP_GONE
    assert isinstance(await service.finish_sign_in(await first_step("lan"), codes[0], HOME), SignedIn)


async def test_five_guesses_end_a_half_open_sign_in(units) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    token = await first_step("lan")
    for _ in range(5):
        with pytest.raises(InvalidInput):
            await service.finish_sign_in(token, "000000" if app.code() != "000000" else "000001", HOME)
    with pytest.raises(InvalidInput) as refused:
        await service.finish_sign_in(token, app.code(), HOME)
    assert refused.value.text == text.STEP_GONE


async def test_guessing_is_stopped_and_the_owner_still_gets_in(units) -> None:
    await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    own = await service.finish_sign_in(await first_step("lan"), app.code(), HOME)
    wait(60)
    guesses = 0
    with pytest.raises(TooMany) as stopped:
        while guesses < 100:
            stranger = Visit(address=f"10.9.0.{guesses}")
            with pytest.raises(InvalidInput):
                await service.finish_sign_in(await first_step("lan", stranger), "12", stranger)
            guesses += 1
    assert guesses == throttle.PROOF_PER_PERSON.count and stopped.value.retry_after
    at_home = Visit(address="10.0.0.1", device=own.device)
    assert isinstance(await service.finish_sign_in(await first_step("lan", at_home), app.code(), at_home), SignedIn)


async def test_a_day_of_guessing_has_an_end(units, monkeypatch: pytest.MonkeyPatch) -> None:
    await make_officer("lan", units["19774"])
    await enrol((await sign_in("lan"))[1])
    guesses = 0
    with pytest.raises(TooMany):
        for round_ in range(10):
            for _ in range(throttle.PROOF_PER_PERSON.count):
                stranger = Visit(address=f"10.9.{round_}.1")
                with pytest.raises(InvalidInput):
                    await service.finish_sign_in(await first_step("lan", stranger), "12", stranger)
                guesses += 1
            wait(16 * 60)
    assert guesses == throttle.PROOF_PER_PERSON_AND_DAY.count


async def test_a_recovery_code_serves_once_however_it_is_typed(units) -> None:
    await make_officer("lan", units["19774"])
    _, _, codes = await enrol((await sign_in("lan"))[1])
    signed = await service.finish_sign_in(await first_step("lan"), f" {codes[0].lower().replace('-', ' ')} ", HOME)
    actor = await actor_of(signed)
    assert (await service.list_factors(actor)).recovery_left == 9
    results = await asyncio.gather(
        *(service.finish_sign_in(token, codes[1], HOME) for token in [await first_step("lan") for _ in range(3)]), return_exceptions=True
    )
    assert sum(isinstance(result, SignedIn) for result in results) == 1
    with pytest.raises(InvalidInput):
        await service.finish_sign_in(await first_step("lan"), codes[0], HOME)


async def test_new_recovery_codes_void_the_old_ones(units) -> None:
    person = await make_officer("lan", units["19774"])
    _, token, old = await enrol((await sign_in("lan"))[1])
    new = await service.renew_recovery_codes(await actor_of(token))
    assert not set(new) & set(old) and len(new) == 10
    with pytest.raises(InvalidInput):
        await service.finish_sign_in(await first_step("lan"), old[3], HOME)
    assert isinstance(await service.finish_sign_in(await first_step("lan"), new[3], HOME), SignedIn)
    assert "factor.recovery_codes" in await actions_of(person)


async def test_nothing_secret_is_readable_in_the_database(units) -> None:
    await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    secret = (await service.begin_totp(actor)).secret
    app = App(secret)
    code = app.code()
    codes = (await service.confirm_totp(actor, code)).codes
    wait(60)
    token = await first_step("lan")
    async with db.reading() as session:
        for table in ("second_factor", "recovery_code", "sign_in_challenge", "sign_in_session", "audit_log"):
            rows = (await session.execute(sql(f"SELECT CAST(row_to_json(t) AS text) FROM {table} t"))).scalars().all()
            assert rows
            for row in rows:
                assert secret not in row and token not in row and f'"{code}"' not in row
                assert not any(found in row or found.replace("-", "") in row for found in codes)
        assert (await audit.verify(session))[1] == []


async def test_setting_up_is_the_same_after_a_reload_and_ends_after_half_an_hour(units) -> None:
    await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    first = await service.begin_totp(actor)
    assert await service.begin_totp(actor) == first
    assert "issuer=" in first.otpauth and "lan" in first.otpauth
    with pytest.raises(InvalidInput) as refused:
        await service.confirm_totp(actor, App(first.secret).code(600))
    assert refused.value.text == text.FIRST_CODE_REFUSED
    wait(31 * 60)
    with pytest.raises(ProofRequired):
        await service.begin_totp(actor)
    _, later = await sign_in("lan")
    with pytest.raises(NotFound):
        await service.confirm_totp(later, App(first.secret).code())
    assert (await service.begin_totp(later)).secret != first.secret


async def test_an_app_that_is_not_confirmed_asks_for_nothing(units) -> None:
    await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    await service.begin_totp(actor)
    assert isinstance(await service.sign_in_with_password("lan", PASSWORD, HOME), SignedIn)
    await service.cancel_totp(actor)
    with pytest.raises(NotFound):
        await service.confirm_totp(actor, "123456")


async def test_five_factors_at_most(units) -> None:
    await make_officer("lan", units["19774"])
    _, token, _ = await enrol((await sign_in("lan"))[1])
    for _ in range(4):
        _, token, codes = await enrol(await actor_of(token))
        assert codes == (), "codes come with the first factor only"
    with pytest.raises(Conflict):
        await service.begin_totp(await actor_of(token))
    assert len((await service.list_factors(await actor_of(token))).factors) == 5


async def test_removing_needs_a_fresh_proof_and_takes_the_recovery_codes_with_the_last(units) -> None:
    person = await make_officer("lan", units["19774"])
    _, token, codes = await enrol((await sign_in("lan"))[1])
    factor = (await service.list_factors(await actor_of(token))).factors[0]
    wait(11 * 60)
    with pytest.raises(ProofRequired):
        await service.remove_factor(await actor_of(token), factor.id)
    token = await service.prove(await actor_of(token), codes[0])
    with pytest.raises(NotFound):
        await service.remove_factor(await actor_of(token), uuid4())
    await service.remove_factor(await actor_of(token), factor.id)
    own = await service.list_factors(await actor_of(token))
    assert own.factors == [] and own.recovery_left == 0
    assert isinstance(await service.sign_in_with_password("lan", PASSWORD, HOME), SignedIn)
    assert "factor.remove" in await actions_of(person)


async def test_nobody_removes_the_factor_of_another(units) -> None:
    await make_officer("lan", units["19774"])
    await make_officer("hoa", units["19774"])
    _, token, _ = await enrol((await sign_in("lan"))[1])
    _, hers, _ = await enrol((await sign_in("hoa"))[1])
    factor = (await service.list_factors(await actor_of(token))).factors[0]
    with pytest.raises(NotFound):
        await service.remove_factor(await actor_of(hers), factor.id)
    assert len((await service.list_factors(await actor_of(token))).factors) == 1


@pytest.mark.parametrize("role", ["approver", "administrator"])
async def test_who_approves_or_administers_has_no_right_before_the_second_factor(units, required, role: str) -> None:
    await make_officer("lan", units["19774"], role)
    _, actor = await sign_in("lan")
    assert actor.is_withheld and actor.grants == ()
    for action in set(Action) - {Action.ACCOUNT_OWN, Action.ACCOUNT_READ}:
        assert not may(actor, action)
        with pytest.raises(SecondFactorRequired):
            require(actor, action)
    _, token, _ = await enrol(actor)
    found = await actor_of(token)
    assert not found.is_withheld and found.grants[0].role is Role(role)
    with pytest.raises(Forbidden) as refused:
        await service.remove_factor(found, (await service.list_factors(found)).factors[0].id)
    assert refused.value.text == text.LAST_FACTOR


async def test_a_second_factor_frees_the_first_to_be_removed_but_not_both_at_once(units, required) -> None:
    await make_officer("lan", units["19774"], "approver")
    _, token, _ = await enrol((await sign_in("lan"))[1])
    _, token, _ = await enrol(await actor_of(token))
    actor = await actor_of(token)
    factors = (await service.list_factors(actor)).factors
    results = await asyncio.gather(*(service.remove_factor(actor, factor.id) for factor in factors), return_exceptions=True)
    assert sorted(type(result).__name__ for result in results) == ["Forbidden", "NoneType"]


async def test_a_reader_with_a_further_role_of_approver_has_neither_before_it(units, required) -> None:
    person = await make_officer("lan", units["19774"], "reader")
    token, actor = await sign_in("lan")
    assert not actor.is_withheld and may(actor, Action.PETITION_READ)
    await service.grant_role(SYSTEM, person, role="approver", unit_id=units["19774"])
    assert (await actor_of(token)).is_withheld, "the role counts at once, and so does what it asks for"
    assert not may(await actor_of(token), Action.PETITION_READ)


async def test_where_it_is_offered_the_demonstration_accounts_open_with_their_password(units) -> None:
    assert not settings().requires_second_factor
    await make_officer("lan", units["19774"], "approver")
    _, actor = await sign_in("lan")
    assert not actor.is_withheld and may(actor, Action.PETITION_APPROVE)


async def test_an_administrator_resets_an_officers_factors_in_person(units, required) -> None:
    person = await make_officer("lan", units["19774"], "approver")
    await make_officer("chu", units["46"], "administrator")
    await make_officer("ban", units["48"], "administrator")
    _, hers, codes = await enrol((await sign_in("lan"))[1])
    _, chu, _ = await enrol((await sign_in("chu"))[1])
    _, ban, _ = await enrol((await sign_in("ban"))[1])
    with pytest.raises(NotFound):
        await service.reset_factors(await actor_of(ban), person)
    with pytest.raises(Forbidden):
        await service.reset_factors(await actor_of(hers), person)
    half_open = await first_step("lan")
    await service.reset_factors(await actor_of(chu), person)
    assert await service.authenticate(hers, "10.0.0.1") is None
    assert not await service.step_ways(half_open)
    _, actor = await sign_in("lan")
    assert actor.is_withheld, "without a factor again, so without rights again"
    assert (await service.list_factors(actor)).recovery_left == 0 and codes
    assert "staff.reset_factors" in await actions_of(person)


async def test_nobody_resets_his_own_factors_nor_raises_himself(units, required) -> None:
    person = await make_officer("chu", units["vn"], "administrator")
    _, token, _ = await enrol((await sign_in("chu"))[1])
    actor = await actor_of(token)
    with pytest.raises(Forbidden):
        await service.reset_factors(actor, person)
    with pytest.raises(Forbidden):
        await service.grant_role(actor, person, role="approver", unit_id=units["vn"])
    assert len((await service.list_factors(actor)).factors) == 1


async def test_role_changes_need_a_fresh_proof_and_change_nothing_without(units) -> None:
    person = await make_officer("lan", units["19774"])
    await make_officer("chu", units["46"], "administrator")
    token, _ = await sign_in("chu")
    wait(10 * 60 + 1)
    actor = await actor_of(token)
    acts = (
        lambda who: service.grant_role(who, person, role="reader", unit_id=units["19774"]),
        lambda who: service.create_officer(who, user_name="moi", name="Người Mới", unit_id=units["19774"], role="reader"),
        lambda who: service.issue_password_code(who, person),
        lambda who: service.reset_factors(who, person),
        lambda who: service.enable_person(who, person),
    )
    before = await actions_of(person)
    for act in acts:
        with pytest.raises(ProofRequired):
            await act(actor)
    assert await actions_of(person) == before
    with pytest.raises(InvalidInput):
        await service.prove(actor, "khong phai mat khau")
    fresh = await actor_of(await service.prove(actor, PASSWORD))
    for act in acts:
        await act(fresh)
    assert fresh.session_id == actor.session_id, "the session goes on, with its sockets"
    assert await service.authenticate(token, "10.0.0.1") is None


async def test_a_stranger_is_told_he_has_no_right_before_he_is_asked_for_a_proof(units) -> None:
    person = await make_officer("lan", units["19774"])
    await make_officer("hoa", units["19774"])
    token, _ = await sign_in("hoa")
    wait(11 * 60)
    with pytest.raises(Forbidden):
        await service.grant_role(await actor_of(token), person, role="reader", unit_id=units["19774"])


async def test_a_password_is_no_proof_where_a_factor_is_set_up(units) -> None:
    await make_officer("lan", units["19774"])
    app, token, _ = await enrol((await sign_in("lan"))[1])
    actor = await actor_of(token)
    assert await service.way_to_prove(actor) == "code"
    for _ in range(throttle.PROOF_PER_SESSION.count):
        with pytest.raises(InvalidInput):
            await service.prove(actor, PASSWORD)
    with pytest.raises(TooMany):
        await service.prove(actor, app.code())


async def test_a_citizen_may_have_one_too(units) -> None:
    challenge = await service.request_code("0912345678", HOME)
    signed = await service.sign_in_with_code(challenge.id, await newest_code(), HOME)
    assert isinstance(signed, SignedIn)
    actor = await actor_of(signed)
    assert await service.way_to_prove(actor) == "sign_in"
    app, _, _ = await enrol(actor)
    challenge = await service.request_code("0912345678", HOME)
    waiting = await service.sign_in_with_code(challenge.id, await newest_code(), HOME)
    assert isinstance(waiting, SecondStep)
    done = await service.finish_sign_in(waiting.token, app.code(), HOME)
    assert done.kind == "citizen" and await methods_of(await actor_of(done)) == ["sms", "otp", "mfa"]


async def test_somebody_disabled_between_the_steps_stays_out(units) -> None:
    person = await make_officer("lan", units["19774"])
    app, _, _ = await enrol((await sign_in("lan"))[1])
    token = await first_step("lan")
    await service.disable_person(SYSTEM, person)
    with pytest.raises(InvalidInput):
        await service.finish_sign_in(token, app.code(), HOME)


@given(
    seconds=st.integers(min_value=0, max_value=2**35), off=st.integers(min_value=-120, max_value=120),
    last=st.integers(min_value=-3, max_value=3),
)
def test_a_code_counts_exactly_within_a_step_and_never_backwards(seconds: int, off: int, last: int) -> None:
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    moment = datetime.fromtimestamp(0, UTC) + timedelta(seconds=seconds + 3600)
    step = int(moment.timestamp()) // 30
    shown = int(moment.timestamp() + off) // 30
    found = totp.matching_step(secret, App(secret).made.generate_otp(shown), moment, step + last)
    fits = abs(shown - step) <= 1 and shown > step + last
    assert found == shown if fits else found != shown


def test_codes_are_those_of_the_standard() -> None:
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # RFC 6238, appendix B: "12345678901234567890"
    for at, code in ((59, "287082"), (1111111109, "081804"), (1234567890, "005924"), (20000000000, "353130")):
        assert totp.matching_step(secret, code, datetime.fromtimestamp(at, UTC), 0) == at // 30
