"""Personal access tokens: what one opens, and every way in which it opens nothing."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from sqlalchemy import text as sql

from mattranso_app import rooms
from mattranso_app.core import clock, db
from mattranso_app.core.access import SYSTEM, Action, Actor, Grant, Role, may, scopes
from mattranso_app.core.errors import Conflict, Forbidden, InvalidInput, NotFound, OutOfScope, ProofRequired, SignInRequired
from mattranso_app.core.http import router
from mattranso_app.identity import service, throttle
from mattranso_app.identity.tokens import store, text
from mattranso_app.identity.web import identified
from mattranso_app.settings import settings
from tests.identity.authenticator import enrol, wait
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer, sign_in
from tests.identity.test_doors import pages
from tests.petitions.factories import make_country

PAGE = "/tai-khoan/khoa-truy-cap"
DESK = "/api/v1/desk/petitions"


@dataclass
class Owner:
    """Somebody with a token, and the program that holds it."""

    actor: Actor
    token: service.NewToken
    program: Browser

    async def get(self, path: str, authorization: str | None = None, **headers: str) -> httpx.Response:
        return await self.program.get(path, headers={"authorization": authorization or f"Bearer {self.token.token}", **headers})


@pytest.fixture
async def units(db: str) -> dict[str, int]:
    """Units with their history: the desk looks its own up."""
    return await make_country()


@pytest.fixture
def app() -> Any:
    rooms.register()
    clock.freeze(clock.now())
    return identified(router(pages))


@pytest.fixture
async def lan(units: dict[str, int], app: Any) -> Owner:
    await make_officer("lan", units["19774"])
    _, actor = await sign_in("lan")
    made = await service.create_token(actor, name="Bảng tính", scopes=["petition.read", "account.read"], days=30)
    return Owner(actor, made, Browser(app, origin=None))


async def test_a_program_reads_what_the_token_was_made_for(lan: Owner) -> None:
    assert re.fullmatch(r"mts_[A-Za-z0-9_-]{43}", lan.token.token)
    me = (await lan.get("/api/v1/me")).json()
    assert (me["kind"], me["name"], me["scopes"]) == ("officer", "Cán bộ lan", ["account.read", "petition.read"])
    answer = await lan.get(DESK)
    assert answer.status_code == 200 and answer.json()["unit"] == "19774" and answer.headers["cache-control"] == "no-store"
    assert (await lan.get("/api/v1/me/petitions")).json() == {"items": [], "next": None}
    assert (await lan.get(DESK, f"bEARER   {lan.token.token}")).status_code == 200
    assert (await lan.get(DESK + "?unit=20194")).status_code == 403, "no more than its person may"
    assert (await lan.get(DESK + "?page=2")).status_code == 400


async def test_a_public_address_stays_public_but_a_bad_token_is_told(lan: Owner) -> None:
    assert (await lan.program.get("/api/v1/units")).status_code == 200
    refused = await lan.get("/api/v1/units", "Bearer mts_" + "a" * 43)
    assert refused.status_code == 401 and refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'


@pytest.mark.parametrize(
    "sent",
    [
        "Bearer ", "Bearer x", "Bearer mts_", "Bearer mts_" + "a" * 42, "Bearer mts_" + "a" * 44, "Bearer mts_" + "a" * 43,
        "Bearer " + "mts_" * 5000, "Bearer mts_\xff" + "a" * 42, "bearer null", "Bearer mts_" + "a" * 20 + " " + "b" * 22,
    ],
)
async def test_malformed_and_unknown_tokens_open_nothing(lan: Owner, sent: str) -> None:
    refused = await lan.get("/api/v1/me", sent)
    assert refused.status_code == 401 and refused.json()["type"].endswith("invalid_token"), refused.text


async def test_one_letter_off_opens_nothing_and_the_right_one_still_does_when_guesses_are_used_up(lan: Owner) -> None:
    last = "A" if lan.token.token[-3] != "A" else "B"
    off = f"{lan.token.token[:-3]}{last}{lan.token.token[-2:]}"
    seen = [(await lan.get("/api/v1/me", f"Bearer {off}")).status_code for _ in range(throttle.TOKENS_PER_ADDRESS.count + 1)]
    assert seen == [401] * throttle.TOKENS_PER_ADDRESS.count + [429]
    assert (await lan.get("/api/v1/me")).status_code == 200


async def test_expired(lan: Owner) -> None:
    wait(30 * 24 * 3600 - 1)
    assert (await lan.get(DESK)).status_code == 200
    wait(1)
    assert (await lan.get(DESK)).status_code == 401


async def test_revoked_by_its_owner_only(lan: Owner, units: dict[str, int]) -> None:
    await make_officer("minh", units["19774"])
    _, minh = await sign_in("minh")
    with pytest.raises(NotFound):
        await service.revoke_token(minh, lan.token.id)
    assert (await lan.get(DESK)).status_code == 200
    await service.revoke_token(lan.actor, lan.token.id)
    assert (await lan.get(DESK)).status_code == 401
    with pytest.raises(NotFound):
        await service.revoke_token(lan.actor, lan.token.id)


async def test_a_disabled_account_has_none_and_gets_none_back(lan: Owner) -> None:
    assert lan.actor.person_id is not None
    await service.disable_person(SYSTEM, lan.actor.person_id)
    assert (await lan.get(DESK)).status_code == 401
    await service.enable_person(SYSTEM, lan.actor.person_id)
    assert (await lan.get(DESK)).status_code == 401, "what was taken out stays out"


async def test_a_password_set_anew_and_factors_reset_end_the_tokens(lan: Owner, units: dict[str, int]) -> None:
    assert lan.actor.person_id is not None
    code = await service.issue_password_code(SYSTEM, lan.actor.person_id)
    assert (await lan.get(DESK)).status_code == 200
    await service.set_first_password("lan", code, "mot cau khac de nho 9", service.Visit())
    assert (await lan.get(DESK)).status_code == 401
    await make_officer("minh", units["19774"])
    _, minh = await sign_in("minh")
    lan.token = await service.create_token(minh, name="Khác", scopes=["petition.read"], days=1)
    assert minh.person_id is not None and (await lan.get(DESK)).status_code == 200
    await service.reset_factors(SYSTEM, minh.person_id)
    assert (await lan.get(DESK)).status_code == 401


async def test_a_lost_role_is_lost_for_the_token_too(lan: Owner) -> None:
    async with db.transaction() as session:
        grant = (await session.execute(sql("SELECT id FROM role_grant"))).scalar_one()
    await service.revoke_role(SYSTEM, grant)
    assert (await lan.get(DESK)).status_code == 403
    assert (await lan.get("/api/v1/me")).status_code == 200


async def test_wrong_scope(lan: Owner) -> None:
    lan.token = await service.create_token(lan.actor, name="Chỉ đọc của mình", scopes=["account.read"], days=1)
    refused = await lan.get(DESK)
    assert refused.status_code == 403 and refused.json()["type"].endswith("out_of_scope")
    lan.token = await service.create_token(lan.actor, name="Chỉ phản ánh", scopes=["petition.read"], days=1)
    assert (await lan.get("/api/v1/me/petitions")).status_code == 403
    assert "name" not in (await lan.get("/api/v1/me")).json()


@pytest.mark.parametrize(
    "path", ["/api/v1/me/tiep-tuc", "/api/v1/sessions/end-others", f"/api/v1/sessions/{'0' * 8}-0000-0000-0000-{'0' * 12}/end"]
)
async def test_no_token_changes_an_account(lan: Owner, path: str) -> None:
    headers = {"authorization": f"Bearer {lan.token.token}"}
    answer = await lan.program.post(path, json_body={}, headers=headers)
    assert answer.status_code == 403 and answer.json()["type"].endswith("out_of_scope")
    live = await service.authenticate_token(lan.token.token, "10.0.0.1")
    for act in (
        service.create_token(live.actor, name="x", scopes=["account.read"], days=1), service.begin_totp(live.actor),
        service.list_tokens(live.actor), service.revoke_token(live.actor, lan.token.id), service.list_sessions(live.actor),
        service.change_password(live.actor, PASSWORD, "mot cau khac de nho 9"), service.end_all_others(live.actor),
    ):
        with pytest.raises(OutOfScope):
            await act


async def test_not_in_an_address_a_cookie_another_door_or_another_sites_page(lan: Owner) -> None:
    token = lan.token.token
    for address in (f"/api/v1/me?access_token={token}", f"{DESK}?x={token}", f"/api/v1/petitions/{token}", f"/ai?khoa=mts%5F{token[4:]}"):
        answer = await lan.program.get(address)
        assert answer.status_code == 400 and answer.json()["detail"] == text.IN_ADDRESS, address
    browser = Browser(lan.program.app, cookies={"mts_session": token, "authorization": token})
    assert (await browser.get("/ai")).json()["kind"] == "anonymous" and (await browser.get(DESK)).status_code == 401
    assert (await lan.get("/ai")).json()["kind"] == "anonymous", "pages know no tokens"
    assert (await lan.get("/tai-khoan/bao-mat")).status_code == 401
    foreign = {"authorization": f"Bearer {token}", "origin": "https://xau.vn"}
    assert (await lan.program.post("/api/v1/me/tiep-tuc", json_body={}, headers=foreign)).status_code == 403


async def test_beside_a_session_the_token_alone_counts(lan: Owner) -> None:
    token, _ = await sign_in("lan")
    lan.program.cookies = {"mts_session": token}
    assert "idle_until" in (await lan.program.get("/api/v1/me")).json()
    assert "scopes" in (await lan.get("/api/v1/me")).json()
    assert (await lan.get("/api/v1/me", "Bearer mts_" + "b" * 43)).status_code == 401
    assert (await lan.get("/api/v1/me", "Basic bGFuOng=")).json()["kind"] == "officer", "a proxy's own password is not ours"


async def test_two_tokens_at_once_are_refused(lan: Owner) -> None:
    transport = httpx.ASGITransport(lan.program.app, client=("10.0.0.1", 40000))
    value = f"Bearer {lan.token.token}"
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        answer = await client.get("/api/v1/me", headers=[("authorization", value), ("authorization", value)])
    assert answer.status_code == 401


async def test_rights_that_need_a_second_factor_are_not_lent_by_a_token_made_without(
    lan: Owner, units: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_officer("duyet", units["19774"], "approver")
    _, weak = await sign_in("duyet")
    lan.token = await service.create_token(weak, name="Không có bước hai", scopes=["petition.read"], days=1)
    monkeypatch.setattr(settings(), "second_factor", "required")
    assert (await lan.get(DESK)).json()["type"].endswith("second_factor_required")
    _, token, _ = await enrol(weak)
    found = await service.authenticate(token, "10.0.0.1")
    assert found is not None
    lan.token = await service.create_token(found.actor, name="Có bước hai", scopes=["petition.read"], days=1)
    assert (await lan.get(DESK)).status_code == 200


async def test_making_one_asks_for_a_fresh_proof_a_name_a_scope_and_an_end(lan: Owner) -> None:
    for wrong, field in (
        ({"name": " \u200b"}, "ten"), ({"name": "x" * 61}, "ten"), ({"scopes": []}, "pham-vi"), ({"scopes": ["account.own"]}, "pham-vi"),
        ({"scopes": ["staff.manage"]}, "pham-vi"), ({"days": 0}, "ngay"), ({"days": 366}, "ngay"), ({"days": -1}, "ngay"),
    ):
        with pytest.raises(InvalidInput) as caught:
            await service.create_token(lan.actor, **({"name": "Một", "scopes": ["account.read"], "days": 1} | wrong))  # type: ignore[arg-type]
        assert list(caught.value.fields) == [field]
    with pytest.raises(SignInRequired):
        await service.create_token(Actor("anonymous"), name="Một", scopes=["account.read"], days=1)
    wait(11 * 60)
    for act in (service.create_token(lan.actor, name="Một", scopes=["account.read"], days=1), service.list_tokens(lan.actor)):
        with pytest.raises(ProofRequired):
            await act


async def test_at_most_twenty_at_once_and_a_day(lan: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mattranso_app.identity.tokens.store.MOST", 2)
    await service.create_token(lan.actor, name="Hai", scopes=["account.read"], days=1)
    with pytest.raises(Conflict):
        await service.create_token(lan.actor, name="Ba", scopes=["account.read"], days=1)


async def test_two_made_at_once_do_not_pass_the_bound(lan: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "MOST", 2)
    count, waiting = store.fetch_tokens, sql("SELECT count(*) FROM pg_locks WHERE NOT granted")
    second: list[asyncio.Task[service.NewToken]] = []

    async def slow_count(session: Any, *rest: Any) -> Any:
        held = await count(session, *rest)
        if not second:  # another is made between the count and the writing
            second.append(asyncio.create_task(service.create_token(lan.actor, name="Ba", scopes=["account.read"], days=1)))
            async with asyncio.timeout(20):
                while not second[0].done() and not (await session.execute(waiting)).scalar_one():
                    await asyncio.wait(second, timeout=0.02)
        return held

    monkeypatch.setattr(store, "fetch_tokens", slow_count)
    await service.create_token(lan.actor, name="Hai", scopes=["account.read"], days=1)
    with pytest.raises(Conflict):
        await second[0]


async def test_nothing_kept_gives_the_token_away_and_making_and_revoking_are_recorded(lan: Owner) -> None:
    await service.revoke_token(lan.actor, lan.token.id)
    async with db.reading() as session:
        kept = (await session.execute(sql("SELECT CAST(t AS text) FROM access_token t"))).scalar_one()
        log = (await session.execute(sql("SELECT action, detail FROM audit_log WHERE action LIKE 'token.%' ORDER BY id"))).all()
    assert [row.action for row in log] == ["token.create", "token.revoke"]
    secret = lan.token.token.removeprefix("mts_")
    assert secret not in kept and not any(secret in row.detail for row in log)
    assert str(lan.token.id) in log[0].detail and '"petition.read"' in log[0].detail


async def test_last_use_is_noted_at_most_once_a_minute(lan: Owner) -> None:
    first = clock.now()
    await lan.get(DESK)
    wait(59)
    await lan.get(DESK)
    assert (await service.list_tokens(lan.actor))[0].last_used_at == first
    later = wait(1)
    await lan.get(DESK)
    assert (await service.list_tokens(lan.actor))[0].last_used_at == later


async def test_the_page_without_a_script(lan: Owner, app: Any) -> None:
    browser = Browser(app)
    await browser.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD})
    page = await browser.get(PAGE, page=True)
    assert page.status_code == 200 and "Bảng tính" in page.text and "<script" not in page.text and lan.token.token not in page.text
    wrong = await browser.post(PAGE, form={"ten": "<b>", "ngay": "30"}, page=True)
    assert wrong.status_code == 422 and text.SCOPE_RULE in wrong.text and 'value="&lt;b&gt;"' in wrong.text
    made = await browser.post(PAGE, form={"ten": "Máy nhà", "ngay": "30", "pham-vi.account.read": "1"}, page=True)
    token = re.search(r'value="(mts_[^"]+)"', made.text)
    assert token is not None and made.headers["cache-control"] == "no-store"
    me = await lan.get("/api/v1/me", f"Bearer {token[1]}")
    assert me.json()["scopes"] == ["account.read"]
    page = await browser.get(PAGE, page=True)
    assert "Máy nhà" in page.text and token[1] not in page.text
    newest = re.search(rf'Máy nhà</b>.*?action="({PAGE}/[0-9a-f-]+/thu-hoi)"', page.text, re.DOTALL)
    assert newest is not None
    gone = await browser.post(newest[1], headers={"content-type": "application/x-www-form-urlencoded"}, page=True)
    assert (gone.status_code, gone.headers["location"]) == (303, PAGE)
    assert (await lan.get("/api/v1/me", f"Bearer {token[1]}")).status_code == 401
    wait(11 * 60)
    asked = await browser.get(PAGE, page=True)
    assert (asked.status_code, asked.headers["location"]) == (303, "/tai-khoan/xac-minh?tiep=%2Ftai-khoan%2Fkhoa-truy-cap")
    fields = {"ten": "Sau khi xác minh", "ngay": "30", "pham-vi.account.read": "1"}
    asked = await browser.post(PAGE, form=fields, page=True)
    assert 'name="ten" value="Sau khi xác minh"' in asked.text and f'name="viec" value="{PAGE}"' in asked.text
    proved = await browser.post("/tai-khoan/xac-minh", form={**fields, "viec": PAGE, "xac-minh": PASSWORD}, page=True)
    assert (proved.status_code, proved.headers["location"]) == (307, PAGE)


def test_a_limited_actor_may_do_no_more_than_both_allow() -> None:
    grant = Grant(Role.HANDLER, "mttq", "vn/46/")
    whole = Actor("officer", grants=(grant,))
    for lent in (frozenset[Action](), frozenset({Action.PETITION_READ}), frozenset(Action)):
        limited = Actor("officer", grants=(grant,), limited_to=lent)
        for action in Action:
            assert may(limited, action, "vn/46/1/") == (may(whole, action, "vn/46/1/") and action in lent)
            assert scopes(limited, action) == (scopes(whole, action) if action in lent else ())
    with pytest.raises(Forbidden):
        raise OutOfScope()
