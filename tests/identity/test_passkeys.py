"""Passkeys: made, named, used alone and as a second proof, copied, removed; and every answer that is not what was asked for."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from mattranso_app.core import clock, notify
from mattranso_app.core.access import SYSTEM, Action, Actor, may
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, ProofRequired, SignInRequired, TooMany
from mattranso_app.identity import service, text, throttle
from mattranso_app.identity.factors import passkeys
from mattranso_app.identity.provider import claims
from mattranso_app.identity.service import SecondStep, SignedIn, Visit
from mattranso_app.settings import Settings, settings
from tests.identity.authenticator import actor_of, enrol, first_step, wait
from tests.identity.factories import PASSWORD, make_officer, newest_code, sign_in
from tests.identity.soft_authenticator import BACKED_UP, PRESENT, VERIFIED, Authenticator, to_text
from tests.identity.test_second_factor import actions_of, methods_of

HOME = Visit(address="10.0.0.1", agent="thử")


@pytest.fixture(autouse=True)
def _held_clock() -> None:
    clock.freeze(datetime(2026, 11, 24, 3, 0, 1, tzinfo=UTC))


@pytest.fixture
def required(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in production: approvers and administrators must have a second factor."""
    monkeypatch.setattr(settings(), "second_factor", "required")


async def add(actor: Actor, name: str = "", **more: Any) -> tuple[Authenticator, service.Confirmed]:
    """Make a passkey for who is signed in."""
    made = Authenticator(**more)
    return made, await service.add_passkey(actor, made.make(await service.options_to_add(actor)), name)


async def officer(units: dict[str, int], role: str = "handler", **more: Any) -> tuple[Authenticator, Actor, UUID]:
    """Make the officer `lan` with a passkey; return it, her session's actor and her id."""
    person = await make_officer("lan", units["19774"], role)
    made, confirmed = await add((await sign_in("lan"))[1], **more)
    return made, await actor_of(confirmed.token), person


async def enter(made: Authenticator, visit: Visit = HOME, **odd: Any) -> SignedIn:
    """Sign in with a passkey alone."""
    asked = await service.options_to_sign_in("", visit)
    return await service.sign_in_with_passkey(asked.token, made.sign(asked.options, **odd), visit)


async def citizen(target: str = "0912345678") -> Actor:
    """Sign a citizen in with a code, a moment later than whatever was sent before."""
    wait(1)
    asked = await service.request_code(target, HOME)
    signed = await service.sign_in_with_code(asked.id, await newest_code(), HOME)
    assert isinstance(signed, SignedIn)
    return await actor_of(signed)


async def test_a_passkey_alone_signs_in_at_level_two(units) -> None:
    made, actor, person = await officer(units)
    assert claims.acr(await methods_of(actor)) == claims.ACR_TWO
    signed = await enter(made)
    assert (signed.person_id, signed.kind) == (person, "officer")
    assert await methods_of(await actor_of(signed)) == ["hwk", "user", "mfa"]
    assert (await actions_of(person))[-2:] == ["factor.add", "session.sign_in"]


async def test_a_synced_passkey_says_so(units) -> None:
    made, _, _ = await officer(units, synced=True)
    assert await methods_of(await actor_of(await enter(made))) == ["swk", "user", "mfa"]


async def test_approvers_have_their_rights_with_a_passkey(units, required) -> None:
    await make_officer("lan", units["19774"], "approver")
    _, actor = await sign_in("lan")
    assert actor.is_withheld and not may(actor, Action.PETITION_APPROVE)
    made, confirmed = await add(actor)
    assert may(await actor_of(confirmed.token), Action.PETITION_APPROVE) and len(confirmed.codes) == 10
    entered = await actor_of(await enter(made))
    assert not entered.is_withheld and may(entered, Action.PETITION_APPROVE)
    with pytest.raises(Forbidden) as refused:
        await service.remove_factor(entered, (await service.list_factors(entered)).factors[0].id)
    assert refused.value.text == text.LAST_FACTOR


async def test_after_the_password_a_passkey_is_the_second_step(units) -> None:
    made, _, person = await officer(units)
    token = await first_step("lan")
    assert await service.step_ways(token) == service.second_step.Ways(False, True)
    answer = made.sign(await service.options_for_step(token), flags=PRESENT)  # a touch is enough: the password was right
    signed = await service.finish_with_passkey(token, answer, HOME)
    assert await methods_of(await actor_of(signed)) == ["pwd", "hwk", "user", "mfa"]
    with pytest.raises(InvalidInput):
        await service.finish_with_passkey(token, answer, HOME)
    assert (await actions_of(person))[-1] == "session.sign_in"


async def test_a_recovery_code_does_when_the_passkey_is_lost(units) -> None:
    await make_officer("lan", units["19774"])
    _, confirmed = await add((await sign_in("lan"))[1])
    assert isinstance(await service.finish_sign_in(await first_step("lan"), confirmed.codes[0], HOME), SignedIn)


async def test_the_second_step_takes_the_persons_own_passkey_only(units) -> None:
    _, _, person = await officer(units)
    await make_officer("mai", units["19774"])
    foreign, _ = await add((await sign_in("mai"))[1])
    token = await first_step("lan")
    with pytest.raises(InvalidInput) as refused:
        await service.finish_with_passkey(token, foreign.sign(await service.options_for_step(token)), HOME)
    assert refused.value.text == text.PASSKEY_REFUSED and (await actions_of(person))[-1] == "session.second_refused"


async def test_guesses_at_the_second_step_are_counted(units) -> None:
    made, _, _ = await officer(units)
    token = await first_step("lan")
    for _ in range(5):
        with pytest.raises(InvalidInput):
            await service.finish_with_passkey(token, made.sign(await service.options_for_step(token), origin="http://xau.vn"), HOME)
    with pytest.raises(InvalidInput) as over:
        await service.options_for_step(token)
        await service.finish_with_passkey(token, "{}", HOME)
    assert "step" in over.value.fields


async def test_a_citizens_passkey_is_another_way_in_not_a_second_lock(db: str) -> None:
    actor = await citizen()
    made, confirmed = await add(actor, "Điện thoại")
    assert confirmed.codes == ()
    assert (await enter(made)).kind == "citizen"
    later = await citizen()
    assert (await service.list_factors(later)).factors[0].name == "Điện thoại", "in Zalo's browser the code must do"
    assert await service.way_to_prove(later) == "passkey_or_sign_in"
    signed_again = await service.prove_with_passkey(later, made.sign(await service.options_to_prove(later)))
    assert await service.authenticate(signed_again, "10.0.0.1") is not None


async def test_an_app_of_a_citizen_locks_with_the_passkey_as_another_key(db: str) -> None:
    _, confirmed = await add(await citizen())
    _, _, codes = await enrol(await actor_of(confirmed.token))
    assert len(codes) == 10
    wait(1)
    asked = await service.request_code("0912345678", HOME)
    assert isinstance(await service.sign_in_with_code(asked.id, await newest_code(), HOME), SecondStep)


async def test_the_person_is_told_of_each_passkey_added_and_removed(db: str) -> None:
    actor = await citizen("lan@vidu.vn")
    wait(1)
    made, confirmed = await add(actor, "Khoá <xanh>")
    assert "Khoá <xanh>" in (await notify.demo_messages())[0].text
    owner = await actor_of(confirmed.token)
    wait(1)
    await service.remove_factor(owner, (await service.list_factors(owner)).factors[0].id)
    newest = (await notify.demo_messages())[0]
    assert newest.to == "lan@vidu.vn" and "gỡ" in newest.text
    with pytest.raises(InvalidInput):
        await enter(made)


async def test_a_fresh_proof_is_needed_to_add_and_a_passkey_gives_it(units) -> None:
    made, actor, _ = await officer(units)
    wait(700)
    token, actor = (await enter(made)).token, None  # type: ignore[assignment]
    actor = await actor_of(token)
    wait(601)
    for refusal in (service.options_to_add(actor), service.add_passkey(actor, "{}")):
        with pytest.raises(ProofRequired):
            await refusal
    assert await service.way_to_prove(actor) == "passkey"
    renewed = await service.prove_with_passkey(actor, made.sign(await service.options_to_prove(actor)))
    assert await service.authenticate(token, "10.0.0.1") is None
    await add(await actor_of(renewed), "Máy thứ hai")


async def test_a_fresh_proof_by_passkey_needs_the_holder_made_sure_of(units) -> None:
    made, actor, person = await officer(units)
    with pytest.raises(InvalidInput):
        await service.prove_with_passkey(actor, made.sign(await service.options_to_prove(actor), flags=PRESENT))
    assert (await actions_of(person))[-1] == "session.second_refused"
    for _ in range(4):
        with pytest.raises(InvalidInput):
            await service.prove_with_passkey(actor, "{}")
    with pytest.raises(TooMany):
        await service.prove_with_passkey(actor, made.sign(await service.options_to_prove(actor)))


async def test_a_counter_that_goes_back_blocks_the_passkey_and_tells(units) -> None:
    made, _, person = await officer(units, counter=7)
    await enter(made)
    assert made.counter == 8
    made.counter = 6
    with pytest.raises(InvalidInput) as refused:
        await enter(made, keep_counter=True)
    assert refused.value.text == text.PASSKEY_SUSPECT and (await actions_of(person))[-2:] == ["factor.suspect", "session.refused"]
    made.counter = 50
    with pytest.raises(InvalidInput) as blocked:
        await enter(made)
    assert blocked.value.text == text.PASSKEY_SUSPECT
    token = await first_step("lan")
    assert await service.step_ways(token) == service.second_step.Ways(False, False)
    with pytest.raises(NotFound):
        await service.options_for_step(token)


async def test_a_forged_low_counter_blocks_nothing(units) -> None:
    made, _, _ = await officer(units, counter=7)
    copy = Authenticator(counter=1, credential_id=made.credential_id, user_handle=made.user_handle)
    with pytest.raises(InvalidInput) as refused:
        await enter(copy, keep_counter=True)
    assert refused.value.text == text.PASSKEY_REFUSED
    await enter(made)


async def test_the_last_usable_passkey_of_who_must_have_one_stays(units, required) -> None:
    made, actor, _ = await officer(units, "approver", counter=5)
    other, confirmed = await add(actor, "Khoá dự phòng")
    made.counter = 1
    with pytest.raises(InvalidInput):
        await enter(made, keep_counter=True)
    owner = await actor_of(confirmed.token)
    held = {factor.name: factor for factor in (await service.list_factors(owner)).factors}
    assert held[text.PASSKEY].is_suspect
    with pytest.raises(Forbidden):
        await service.remove_factor(owner, held["Khoá dự phòng"].id)
    await service.remove_factor(owner, held[text.PASSKEY].id)
    await enter(other)


async def test_an_administrator_removes_passkeys_with_the_other_factors(units) -> None:
    made, actor, person = await officer(units)
    await service.reset_factors(SYSTEM, person)
    assert await service.recheck(actor.session_id, "10.0.0.1") is None  # type: ignore[arg-type]
    with pytest.raises(InvalidInput):
        await enter(made)
    assert isinstance(await service.sign_in_with_password("lan", PASSWORD, HOME), SignedIn)


async def test_the_passkey_of_a_disabled_account_opens_nothing(units) -> None:
    made, _, person = await officer(units)
    await service.disable_person(SYSTEM, person)
    with pytest.raises(InvalidInput) as refused:
        await enter(made)
    assert refused.value.text == text.PASSKEY_REFUSED and (await actions_of(person))[-1] == "session.refused"
    await service.enable_person(SYSTEM, person)
    await enter(made)


async def test_of_two_that_answer_one_challenge_at_once_one_gets_in(units) -> None:
    made, _, _ = await officer(units)
    asked = await service.options_to_sign_in("", HOME)
    answer = made.sign(asked.options)
    came = await asyncio.gather(
        *(service.sign_in_with_passkey(asked.token, answer, HOME) for _ in range(8)), return_exceptions=True
    )
    assert sum(isinstance(one, SignedIn) for one in came) == 1
    assert all(isinstance(one, SignedIn) or (isinstance(one, InvalidInput) and one.text == text.PASSKEY_LATE) for one in came)


async def test_no_more_factors_than_one_may_have(units) -> None:
    _, actor, _ = await officer(units)
    for number in range(4):
        made, confirmed = await add(actor, f"Khoá {number}")
        actor = await actor_of(confirmed.token)
    with pytest.raises(Conflict):
        await service.options_to_add(actor)


async def test_a_known_passkey_is_not_taken_again(units) -> None:
    made, actor, _ = await officer(units)
    await make_officer("mai", units["19774"])
    _, other = await sign_in("mai")
    with pytest.raises(Conflict):
        await service.add_passkey(other, made.make(await service.options_to_add(other)))
    assert to_text(made.credential_id) in [item["id"] for item in (await service.options_to_add(actor))["excludeCredentials"]]


async def test_asking_is_throttled_by_address(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PASSKEYS_PER_ADDRESS", throttle.Limit("passkey.address", 3, 900))
    for _ in range(3):
        await service.options_to_sign_in("", HOME)
    with pytest.raises(TooMany):
        await service.options_to_sign_in("", HOME)


async def test_nobody_and_strangers_reach_nothing(units) -> None:
    nobody = Actor("anonymous")
    for verb in (service.options_to_add(nobody), service.add_passkey(nobody, "{}"), service.options_to_prove(nobody)):
        with pytest.raises(SignInRequired):
            await verb
    with pytest.raises(SignInRequired):
        await service.prove_with_passkey(nobody, "{}")
    _, actor, _ = await officer(units)
    held = (await service.list_factors(actor)).factors[0].id
    await make_officer("mai", units["19774"])
    _, stranger = await sign_in("mai")
    with pytest.raises(NotFound):
        await service.remove_factor(stranger, held)


BAD_SIGNATURES: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://mattranso.vn.xau.vn"},
    "another port": {"origin": "http://localhost:8001"},
    "another scheme": {"origin": "https://localhost:8000"},
    "an origin with a slash": {"origin": "http://localhost:8000/"},
    "another relying party": {"rp_id": "xau.vn"},
    "a subdomain as relying party": {"rp_id": "pakn.localhost"},
    "another challenge": {"challenge": to_text(bytes(32))},
    "no challenge": {"challenge": ""},
    "made, not shown": {"type": "webauthn.create"},
    "inside another site's page": {"client": {"crossOrigin": True}},
    "holder not made sure of": {"flags": PRESENT},
    "nobody touched it": {"flags": VERIFIED},
    "backed up but not eligible": {"flags": PRESENT | VERIFIED | BACKED_UP},
    "another key": {"key": ec.generate_private_key(ec.SECP256R1())},
    "another curve": {"key": ec.generate_private_key(ec.SECP384R1())},
    "counter changed after signing": {"alter": True},
    "unknown credential": {"credential_id": b"\x01" * 32},
    "two ids": {"id": "AAAA"},
    "no public-key": {"kind": "password"},
    "nobody named": {"user_handle": None},
    "somebody else named": {"user_handle": uuid4().bytes},
    "named at length": {"user_handle": b"x" * 64},
}


@pytest.mark.parametrize("odd", BAD_SIGNATURES.values(), ids=BAD_SIGNATURES)
async def test_signing_in_refuses(units, odd: dict[str, Any]) -> None:
    made, actor, _ = await officer(units)
    with pytest.raises(InvalidInput) as refused:
        await enter(made, **odd)
    assert refused.value.text in (text.PASSKEY_REFUSED, text.PASSKEY_LATE)
    assert [row.id for row in await service.list_sessions(actor)] == [actor.session_id]
    await enter(made)  # and the honest way is not barred


@pytest.mark.parametrize("answer", [
    "", "x", "[]", "null", "{}", '{"id": 5}', "[" * 5_000, "{" + " " * 20_000 + "}", '{"id":"AA","rawId":"AA","type":"public-key"}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"e30","authenticatorData":"AA","signature":"AA"}}',
    '{"id":"AA","rawId":"AA","type":"public-key","response":{"clientDataJSON":"bnVsbA","authenticatorData":"AA","signature":"AA"}}',
    '{"id":"\\ud800","rawId":"é","type":"public-key","response":{"clientDataJSON":"é","authenticatorData":"AA","signature":"AA"}}',
], ids=lambda answer: answer[:12] or "empty")
async def test_what_is_no_answer_is_refused(units, answer: str) -> None:
    await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    with pytest.raises(InvalidInput):
        await service.sign_in_with_passkey("x" * 43, answer, HOME)
    with pytest.raises(InvalidInput):
        await service.add_passkey(actor, answer)


def _rsa(bits: int) -> bytes:
    numbers = rsa.generate_private_key(65537, 2048).public_key().public_numbers()
    return cbor2.dumps({1: 3, 3: -257, -1: numbers.n.to_bytes(256, "big").rjust(bits // 8, b"\1"), -2: b"\1\0\1"})


BAD_PASSKEYS: dict[str, dict[str, Any]] = {
    "another site": {"origin": "https://xau.vn"},
    "another relying party": {"rp_id": "xau.vn"},
    "another challenge": {"challenge": to_text(bytes(32))},
    "shown, not made": {"type": "webauthn.get"},
    "inside another site's page": {"client": {"crossOrigin": True}},
    "holder not made sure of": {"flags": PRESENT},
    "nobody touched it": {"flags": VERIFIED},
    "no key": {"no_key": True},
    "a key too large": {"cose": _rsa(16_384)},
    "a key that is none": {"cose": cbor2.dumps({1: 2})},
    "an unknown algorithm": {"cose": cbor2.dumps({1: 2, 3: -65_535, -1: 1, -2: bytes(32), -3: bytes(32)})},
    "an attestation that was not asked for": {"fmt": "android-safetynet", "statement": {"ver": "1", "response": b"x"}},
    "none with a statement": {"statement": {"sig": b"x"}},
    "packed with a wrong signature": {"fmt": "packed", "statement": {"alg": -7, "sig": b"x"}},
}


@pytest.mark.parametrize("odd", BAD_PASSKEYS.values(), ids=BAD_PASSKEYS)
async def test_adding_refuses(units, odd: dict[str, Any]) -> None:
    await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    with pytest.raises(InvalidInput):
        await service.add_passkey(actor, Authenticator().make(await service.options_to_add(actor), **odd))
    assert (await service.list_factors(actor)).factors == []


async def test_a_challenge_serves_its_purpose_session_and_browser_only(units) -> None:
    made, actor, _ = await officer(units)
    await make_officer("mai", units["19774"])
    _, other = await sign_in("mai")
    for_adding = await service.options_to_add(actor)
    with pytest.raises(InvalidInput):
        await service.add_passkey(other, Authenticator().make(for_adding))
    asked = await service.options_to_sign_in("", HOME)
    answer = made.sign(asked.options)
    with pytest.raises(InvalidInput):
        await service.prove_with_passkey(actor, answer)
    for foreign in ("", "y" * 43, asked.token[:-1]):
        with pytest.raises(InvalidInput):
            await service.sign_in_with_passkey(foreign, answer, HOME)
    await service.sign_in_with_passkey(asked.token, answer, HOME)


async def test_a_late_answer_is_refused(units) -> None:
    made, _, _ = await officer(units)
    asked = await service.options_to_sign_in("", HOME)
    clock.freeze(clock.now() + timedelta(minutes=5))
    with pytest.raises(InvalidInput) as late:
        await service.sign_in_with_passkey(asked.token, made.sign(asked.options), HOME)
    assert late.value.text == text.PASSKEY_LATE


def test_one_domain_serves_every_host_of_the_tools() -> None:
    config = Settings(env="production", domain="mattranso.vn", public_origins="https://mattranso.vn,https://pakn.mattranso.vn,https://xau.vn")
    assert config.passkey_domain == "mattranso.vn"
    assert Settings(public_origins="https://mattranso.vn").passkey_domain == "mattranso.vn"
    assert Settings().passkey_domain == "localhost"


def test_origins_lie_on_the_domain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "domain", "mattranso.vn")
    monkeypatch.setattr(settings(), "public_origins", "https://mattranso.vn,https://pakn.mattranso.vn,https://xaumattranso.vn")
    assert passkeys.origins() == ["https://mattranso.vn", "https://pakn.mattranso.vn"]
