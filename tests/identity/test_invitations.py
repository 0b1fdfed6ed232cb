"""Invitations of officers: sent, opened, accepted in two ways, sent again, withdrawn; and every reason why one does not hold."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text as sql

from mattranso_app.core import clock, db, notify
from mattranso_app.core.access import SYSTEM, Action, Actor, may
from mattranso_app.core.errors import Conflict, Forbidden, Gone, InvalidInput, NotFound, ProofRequired, SignInRequired, TooMany
from mattranso_app.core.http import router
from mattranso_app.identity import service, throttle
from mattranso_app.identity import text as account_text
from mattranso_app.identity.factors import text as factor_text
from mattranso_app.identity.invitations import endpoints, store, text
from mattranso_app.identity.provider import claims
from mattranso_app.identity.service import Visit
from mattranso_app.identity.service.accepting import suggest
from mattranso_app.identity.web import identified
from mattranso_app.settings import settings
from tests.identity.authenticator import actor_of, wait
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer, sign_in
from tests.identity.soft_authenticator import Authenticator
from tests.identity.test_doors import pages
from tests.identity.test_second_factor import actions_of, methods_of
from tests.identity.test_second_factor_doors import password as give_password

HERE = Visit(address="10.0.0.9")
MAI = "mai@vidu.vn"
LONG = "nuoc chay da mon 88"


@pytest.fixture(autouse=True)
def _held_clock() -> None:
    clock.freeze(datetime(2026, 11, 24, 3, 0, 1, tzinfo=UTC))


@pytest.fixture
async def chu(units: dict[str, int]) -> Actor:
    """The administrator of Phú Xuân, signed in."""
    await make_officer("chu", units["19774"], "administrator")
    return (await sign_in("chu"))[1]


async def invite(actor: Actor, unit_id: int, **more: Any) -> int:
    wait(1)
    values = {"name": "Trần Thị Mai", "contact": MAI, "roles": ["handler"], "unit_id": unit_id} | more
    return await service.invite_officer(actor, **values)


async def link() -> str:
    """Return the token in the newest message."""
    found = re.search(r"/loi-moi/([\w-]{43})", (await notify.demo_messages())[0].text)
    assert found is not None
    return found[1]


async def accept(token: str, user_name: str = "mai.tran", actor: Actor | None = None, **more: Any) -> service.Accepted:
    values = {"password": LONG} | more
    return await service.accept_invitation(actor or Actor("anonymous"), token, user_name=user_name, visit=HERE, **values)


async def subject_actions(subject: str) -> list[str]:
    async with db.reading() as session:
        rows = await session.execute(sql("SELECT action FROM audit_log WHERE subject = :subject ORDER BY id"), {"subject": subject})
        return list(rows.scalars())


async def test_from_invitation_to_rights_with_a_password(units, chu: Actor) -> None:
    number = await invite(chu, units["19774"], roles=["handler", "reader"])
    sent = (await notify.demo_messages())[0]
    assert sent.to == MAI and "Phường Phú Xuân" in sent.text and "người xử lý, người xem" in sent.text
    token = await link()
    for _ in range(3):  # mail scanners open links
        offer = await service.look_at_invitation(token)
    assert (offer.invitation.display_name, offer.suggested, offer.needs_factor) == ("Trần Thị Mai", "mai.tran", False)
    done = await accept(token)
    mai = await actor_of(done.signed)
    assert may(mai, Action.PETITION_HANDLE, "vn/46/19774/") and not may(mai, Action.PETITION_HANDLE, "vn/46/19789/")
    assert done.codes == () and await methods_of(mai) == ["pwd"]
    assert await actions_of(mai.person_id) == ["invitation.accept", "session.sign_in"]
    assert await subject_actions(f"invitation:{number}") == ["invitation.send"]
    assert await service.list_invitations(chu) == []
    async with db.reading() as session:
        kept = (await session.execute(sql("SELECT contact_cipher, token_hash FROM invitation"))).one()
        givers = sql("SELECT DISTINCT granted_by FROM role_grant WHERE person_id = :person")
        given = (await session.execute(givers, {"person": mai.person_id})).scalar_one()
    assert kept.contact_cipher is None and token.encode() not in bytes(kept.token_hash) and given == chu.person_id
    assert isinstance(await service.sign_in_with_password("mai.tran", LONG, HERE), service.SignedIn)


async def test_with_a_passkey_in_place_of_a_password(units, chu: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    await invite(chu, units["19774"], roles=["approver"])
    token = await link()
    monkeypatch.setattr(settings(), "second_factor", "required")
    assert (await service.look_at_invitation(token)).needs_factor
    made = Authenticator()
    wait(1)
    done = await accept(token, password="", answer=made.make(await service.options_for_invitation(token, "mai.tran")))
    mai = await actor_of(done.signed)
    assert may(mai, Action.PETITION_APPROVE, "vn/46/19774/") and len(done.codes) == 10
    assert claims.acr(await methods_of(mai)) == claims.ACR_TWO
    told = (await notify.demo_messages())[0]
    assert told.to == MAI and account_text.PASSKEY in told.text
    officer = next(row for row in await service.list_officers(SYSTEM) if row.user_name == "mai.tran")
    assert officer.has_password, "she can sign in, so nothing is waited for"
    held = (await service.list_factors(mai)).factors[0]
    monkeypatch.setattr(settings(), "second_factor", "offered")
    with pytest.raises(Forbidden) as refused:
        await service.remove_factor(mai, held.id)
    assert refused.value.text == account_text.LAST_WAY_IN
    asked = await service.options_to_sign_in("", HERE)
    assert (await service.sign_in_with_passkey(asked.token, made.sign(asked.options), HERE)).person_id == mai.person_id


async def test_a_password_alone_gives_approvers_nothing_yet(units, chu: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    await invite(chu, units["19774"], roles=["approver"])
    monkeypatch.setattr(settings(), "second_factor", "required")
    mai = await actor_of((await accept(await link())).signed)
    assert mai.is_withheld and mai.grants == ()
    confirmed = await service.add_passkey(mai, Authenticator().make(await service.options_to_add(mai)))
    assert may(await actor_of(confirmed.token), Action.PETITION_APPROVE, "vn/46/19774/")


async def refused_with(token: str, words: str) -> None:
    """The page and the act say the same, a row is left, nothing is made."""
    with pytest.raises(Gone) as looked:
        await service.look_at_invitation(token)
    with pytest.raises(Gone) as accepted:
        await accept(token)
    with pytest.raises(Gone):
        await service.options_for_invitation(token, "mai.tran")
    assert looked.value.text == accepted.value.text == words
    async with db.reading() as session:
        newest = (await session.execute(sql("SELECT action FROM audit_log ORDER BY id DESC LIMIT 1"))).scalar_one()
        assert newest == "invitation.refused"
        assert not await store.is_name_taken(session, "mai.tran")


async def test_what_has_run_out(units, chu: Actor) -> None:
    number = await invite(chu, units["19774"], days=2)
    token = await link()
    wait(2 * 24 * 3600)
    await refused_with(token, text.EXPIRED.format(unit="Phường Phú Xuân"))
    chu = (await sign_in("chu"))[1]
    await service.resend_invitation(chu, number)
    await accept(await link())


async def test_what_was_used_withdrawn_or_replaced(units, chu: Actor) -> None:
    number = await invite(chu, units["19774"])
    first = await link()
    wait(1)
    await service.resend_invitation(chu, number)
    second = await link()
    await refused_with(first, text.GONE)
    await service.withdraw_invitation(chu, number)
    await refused_with(second, text.GONE)
    for token in ("", "x" * 43, "x" * 5_000, "\ud800"):
        await refused_with(token, text.GONE)
    assert await subject_actions(f"invitation:{number}") == ["invitation.send", "invitation.resend", "invitation.withdraw"]
    with pytest.raises(NotFound):
        await service.resend_invitation(chu, number)
    await invite(chu, units["19774"])
    token = await link()
    await accept(token)
    with pytest.raises(Gone) as used:
        await accept(token, "mai.khac")
    assert used.value.text == text.GONE


async def test_who_may_not_send_it_again_uses_up_nobodys_allowance(units, chu: Actor) -> None:
    number = await invite(chu, units["19774"])
    await make_officer("nguoi.la", units["48"], "administrator")
    _, stranger = await sign_in("nguoi.la")
    for _ in range(throttle.RESENDS_PER_INVITATION.count):
        with pytest.raises(NotFound):
            await service.resend_invitation(stranger, number)
    await service.resend_invitation(chu, number)


async def test_an_inviter_who_lost_the_right(units, chu: Actor) -> None:
    await invite(chu, units["19774"])
    token = await link()
    await make_officer("hai", units["19774"], "administrator")
    officers = await service.list_officers(SYSTEM)
    grant = next(row for row in officers if row.user_name == "chu").grants[0]
    await service.revoke_role(SYSTEM, grant.id)
    await refused_with(token, text.VOID.format(unit="Phường Phú Xuân"))
    _, hai = await sign_in("hai")
    wait(1)
    await service.resend_invitation(hai, (await service.list_invitations(hai))[0][0].id)
    await accept(await link())


async def test_a_right_taken_away_at_the_very_moment(units, chu: Actor) -> None:
    await invite(chu, units["19774"])
    token = await link()
    waiting = sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with db.transaction() as session:
        await session.execute(sql("UPDATE role_grant SET valid_to = :now WHERE person_id = :id"), {"id": chu.person_id, "now": clock.now()})
        coming = asyncio.create_task(accept(token))
        async with asyncio.timeout(20):
            while not (await session.execute(waiting)).scalar_one():
                await asyncio.wait({coming}, timeout=0.02)
    with pytest.raises(Gone):
        await coming


async def test_a_disabled_inviter(units, chu: Actor) -> None:
    await make_officer("hai", units["46"], "administrator")
    await invite(chu, units["19774"])
    await service.disable_person((await sign_in("hai"))[1], chu.person_id)
    await refused_with(await link(), text.VOID.format(unit="Phường Phú Xuân"))


async def test_a_unit_merged_meanwhile(units, chu: Actor, owner_url: str) -> None:
    number = await invite(chu, units["19774"])
    import psycopg

    with psycopg.connect(owner_url, autocommit=True) as connection:
        connection.execute("UPDATE unit SET valid_to = '2026-11-01' WHERE code = '19774'")
    await refused_with(await link(), text.MERGED.format(unit="Phường Phú Xuân"))
    with pytest.raises(Conflict):
        await service.resend_invitation(SYSTEM, number)


@pytest.mark.parametrize(("code", "organisation"), [("46", "mttq"), ("19789", "mttq"), ("20194", "mttq"), ("19774", "phu_nu")])
async def test_only_inside_ones_own_units_and_organisation(units, chu: Actor, code: str, organisation: str) -> None:
    with pytest.raises(Forbidden):
        await invite(chu, units[code], organisation=organisation)


async def test_who_may_not_invite(units) -> None:
    for role in ("reader", "handler", "approver"):
        await make_officer(role, units["19774"], role)
        with pytest.raises(Forbidden):
            await invite((await sign_in(role))[1], units["19774"])
    with pytest.raises(SignInRequired):
        await invite(Actor("anonymous"), units["19774"])


async def test_a_lent_role_invites_nobody(units, chu: Actor) -> None:
    lent = replace(chu, grants=tuple(replace(grant, on_behalf_of=uuid4()) for grant in chu.grants))
    with pytest.raises(Forbidden):
        await invite(lent, units["19774"])
    number = await invite(chu, units["19774"])
    with pytest.raises(Forbidden):
        await service.resend_invitation(lent, number)
    assert await subject_actions(f"unit:{units['19774']}") == ["staff.refused"]


async def test_a_telephone_gets_a_short_message(units, chu: Actor) -> None:
    await invite(chu, units["19774"], contact="0912 345 678")
    sent = (await notify.demo_messages())[0]
    assert (sent.channel, sent.to) == ("sms", "+84912345678") and sent.text.isascii() and len(sent.text) < 306
    await accept(await link())


async def test_strangers_neither_see_nor_touch(units, chu: Actor) -> None:
    number = await invite(chu, units["19774"])
    await make_officer("lang", units["19789"], "administrator")
    await make_officer("tinh", units["46"], "administrator")
    _, stranger = await sign_in("lang")
    _, above = await sign_in("tinh")
    assert await service.list_invitations(stranger) == []
    for act in (service.resend_invitation, service.withdraw_invitation):
        with pytest.raises(NotFound):
            await act(stranger, number)
    ((row, masked),) = await service.list_invitations(above)
    assert (row.id, masked) == (number, "m•••@vidu.vn")
    await service.withdraw_invitation(above, number)


async def test_nobody_raises_himself_by_an_invitation(units, chu: Actor) -> None:
    await invite(chu, units["19774"])
    token = await link()
    with pytest.raises(Forbidden) as refused:
        await accept(token, actor=chu)
    assert refused.value.text == text.NOT_ONESELF
    mai = (await accept(token)).signed.person_id
    with pytest.raises(Conflict) as again:
        await invite(chu, units["19774"])
    assert again.value.text == text.HAS_ACCOUNT
    async with db.transaction() as session:
        await session.execute(sql("DELETE FROM throttle_hit"))
    grant = await service.grant_role(chu, mai, role="administrator", unit_id=units["19774"])
    assert grant
    with pytest.raises(Conflict) as own:
        await invite(await actor_of(await service.sign_in_with_password("mai.tran", LONG, HERE)), units["19774"], roles=["approver"])
    assert own.value.text == text.NOT_ONESELF


async def test_what_is_entered_is_checked(units, chu: Actor) -> None:
    for field, values in {
        "name": {"name": "x"}, "contact": {"contact": "khong phai"}, "roles": {"roles": []}, "days": {"days": 8},
    }.items():
        with pytest.raises(InvalidInput) as refused:
            await invite(chu, units["19774"], **values)
        assert list(refused.value.fields) == [field]
    for values in ({"days": 0}, {"roles": ["vua"]}, {"unit_id": 10**6}, {"contact": "mai@vidu.vn\r\nBcc: x@y.vn"}, {"name": "\x00" * 9}):
        with pytest.raises(InvalidInput):
            await invite(chu, **({"unit_id": units["19774"]} | values))
    await invite(chu, units["19774"])
    with pytest.raises(Conflict) as twice:
        await invite(chu, units["19774"], contact="MAI@vidu.vn ")
    assert twice.value.text == text.INVITED_ALREADY


async def test_a_fresh_proof_is_needed_to_invite_and_to_send_again(units, chu: Actor) -> None:
    number = await invite(chu, units["19774"])
    wait(601)
    for act in (invite(chu, units["19774"], contact="hai@vidu.vn"), service.resend_invitation(chu, number)):
        with pytest.raises(ProofRequired):
            await act


async def test_sending_again_is_bounded(units, chu: Actor) -> None:
    number = await invite(chu, units["19774"])
    for _ in range(5):
        await service.resend_invitation(chu, number)
    with pytest.raises(TooMany):
        await service.resend_invitation(chu, number)


async def test_names_and_passwords_that_do_not_do_leave_the_link_whole(units, chu: Actor) -> None:
    await invite(chu, units["19774"])
    token = await link()
    for user_name, password in (("Mai Trần", LONG), ("chu", LONG), ("mai.tran", "ngan"), ("mai.tran", "mai.tran mai.tran"), ("", "")):
        with pytest.raises(InvalidInput):
            await accept(token, user_name, password=password)
    with pytest.raises(InvalidInput):
        await service.options_for_invitation(token, "chu")
    with pytest.raises(InvalidInput):
        await accept(token, password="", answer="{}")
    await accept(token)


async def test_of_two_who_accept_at_once_one_gets_in(units, chu: Actor) -> None:
    await invite(chu, units["19774"])
    token = await link()
    came = await asyncio.gather(*(accept(token, f"mai{number}") for number in "abcd"), return_exceptions=True)
    assert sum(isinstance(one, service.Accepted) for one in came) == 1
    assert all(isinstance(one, service.Accepted | Gone) for one in came)


async def test_a_long_list_is_paged(units, chu: Actor) -> None:
    async with db.transaction() as session:
        for number in range(store.PAGE + 3):
            await store.save_invitation(session, {
                "token_hash": bytes([number]) * 32, "person_id": f"00000000-0000-4000-8000-{number:012}", "display_name": "Tên",
                "channel": "email", "contact_cipher": service.invitations.secrets.seal("a@b.vn", "person.contact"),
                "contact_hash": b"x", "unit_id": units["19774"], "organisation": "mttq", "roles": ["reader"], "days": 1,
                "invited_by": None, "now": clock.now(), "expires_at": clock.now() + timedelta(days=1),
            })
    first = await service.list_invitations(chu)
    second = await service.list_invitations(chu, after=first[-1][0].id)
    assert (len(first), len(second)) == (store.PAGE, 3) and first[0][0].id > first[-1][0].id > second[0][0].id


@pytest.mark.parametrize(("name", "made"), [
    ("Trần Thị Mai", "mai.tran"), ("Đỗ Ánh", "anh.do"), ("Mai", "mai"), ("??", ""), ("1 2", ""), ("Y " + "Nguyễn" * 9, ""),
])
def test_a_user_name_is_suggested(name: str, made: str) -> None:
    assert suggest(name) == made or (made == "" and len(suggest(name)) <= 40)


async def test_the_doors(units, chu: Actor) -> None:
    assert endpoints
    desk = Browser(identified(router(pages)))
    await give_password(desk, "chu")
    form = {"ten": "Trần <b>", "lien-he": MAI, "don-vi": "", "to-chuc": "mttq", "vai-tro-handler": "1", "han": "3"}
    wrong = await desk.post(endpoints.INVITATIONS, form=form | {"lien-he": "x", "vai-tro-handler": ""}, page=True)
    assert wrong.status_code == 422 and 'value="Trần &lt;b&gt;"' in wrong.text and text.ROLES_RULE in wrong.text
    outside = await desk.post(endpoints.INVITATIONS, form=form | {"don-vi": "20194"}, page=True)
    assert outside.status_code == 422 and text.UNIT_UNKNOWN in outside.text and 'aria-invalid="true"' in outside.text
    done = await desk.post(endpoints.INVITATIONS, form=form, page=True)
    assert (done.status_code, done.headers["location"]) == (303, f"{endpoints.INVITATIONS}?xong=moi")
    page = (await desk.get(f"{endpoints.INVITATIONS}?xong=moi&sau=x", page=True)).text
    assert text.DONE["moi"] in page and "m•••@vidu.vn" in page and MAI not in page and "Trần &lt;b&gt;" in page
    wait(601)
    asked = await desk.post(endpoints.INVITATIONS, form=form | {"lien-he": "hai@vidu.vn"}, page=True)
    assert factor_text.PROVE["password"] in asked.text and 'name="lien-he" value="hai@vidu.vn"' in asked.text
    proved = await desk.post("/tai-khoan/xac-minh", form=form | {"viec": endpoints.INVITATIONS, "xac-minh": PASSWORD}, page=True)
    assert (proved.status_code, proved.headers["location"]) == (307, endpoints.INVITATIONS)

    zalo = Browser(desk.app)
    address = f"/loi-moi/{await link()}"
    page = await zalo.get(address, page=True)
    assert page.status_code == 200 and "Trần &lt;b&gt;" in page.text and page.headers["referrer-policy"] == "same-origin"
    weak = await zalo.post(address, form={"user_name": "mai.tran", "new_password": "ngan"}, page=True)
    assert weak.status_code == 422 and 'value="mai.tran"' in weak.text and account_text.WEAK_SHORT in weak.text
    options = (await zalo.post(f"{address}/passkey", json_body={"user_name": "mai.tran"})).json()
    shown = await zalo.post(address, form={"user_name": "mai.tran", "passkey": Authenticator().make(options)}, page=True)
    assert shown.status_code == 200 and factor_text.CODES_TITLE in shown.text
    assert (await zalo.get("/api/v1/me")).json()["roles"][0]["role"] == "handler"
    again = await zalo.get(address, page=True)
    assert again.status_code == 422 and text.GONE in again.text and "<form" not in again.text
    assert (await desk.post(f"{endpoints.INVITATIONS}/x/thu-hoi", json_body={})).status_code == 404
