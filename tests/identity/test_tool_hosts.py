"""Hosts of the tools' own: one session opens all of them, their root leads to the tool, and no name but theirs is served."""

from __future__ import annotations

import re
from itertools import pairwise, product

import pytest
from starlette.responses import HTMLResponse, JSONResponse

from mattranso_app.core.access import current_actor
from mattranso_app.core.headers import content_security_policy
from mattranso_app.core.http import router
from mattranso_app.identity import cookies, text
from mattranso_app.identity.factors import passkeys
from mattranso_app.identity.provider import service as provider
from mattranso_app.identity.web import identified
from mattranso_app.settings import TOOL_HOSTS, settings
from mattranso_app.tool_hosts import tool_hosts
from tests.identity.browser import Browser
from tests.identity.factories import PASSWORD, make_officer

DOMAIN = "mattran.test"
HOSTS = (DOMAIN, *(f"{name}.{DOMAIN}" for name in TOOL_HOSTS.values()))
STRANGERS = [
    f"pakn.{DOMAIN}.evil.test", f"evilpakn.{DOMAIN}", f"pakn.{DOMAIN}.", f"pakn.{DOMAIN}:444", f"pakn.{DOMAIN}:443", f"pakn.{DOMAIN}:",
    f"x@pakn.{DOMAIN}", f"pakn.{DOMAIN}@evil.test", f"*.{DOMAIN}", f".{DOMAIN}", f"www.{DOMAIN}", f"pakn.pakn.{DOMAIN}", "pakn",
    "pakn.localhost", "localhost:8000",
    f"pakn.{DOMAIN}\tevil.test", f"pakn.{DOMAIN}, evil.test", f"pakn。{DOMAIN}".encode().decode("latin-1"),
]


async def site(scope, receive, send):
    """What would be Reflex: pages that say who is seen, and a socket that says it in its subprotocol."""
    actor = current_actor()
    if scope["type"] == "websocket":
        await receive()
        signed = any(name == b"cookie" for name, _ in scope["headers"])
        await send({"type": "websocket.accept", "subprotocol": "officer" if signed else "nobody"})
        return
    page = HTMLResponse(f"<h1>{actor.kind}</h1>") if scope["path"] != "/x.json" else JSONResponse({"kind": actor.kind})
    await page(scope, receive, send)


@pytest.fixture
def setting(monkeypatch):
    """Change settings for one test."""
    return lambda **values: [monkeypatch.setattr(settings(), name, value) for name, value in values.items()]


@pytest.fixture
def app(setting):
    setting(domain=DOMAIN, public_origins=f"https://{DOMAIN}", trusted_proxy_hops=1, tool_hosts="on")
    return identified(tool_hosts(router(site)))


def at(host: str, **more: str) -> dict[str, str]:
    """Return the headers of a request that the page of `host` makes to itself."""
    return {"host": host, "origin": f"https://{host}", **more}


async def signed_in(app, host: str = DOMAIN) -> Browser:
    """Return a browser in which the officer Lan has signed in at `host`."""
    lan = Browser(app)
    answer = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD}, headers=at(host))
    assert answer.status_code == 200, answer.text
    return lan


async def handshake(app, host: str, origin: str, token: str) -> str:
    """Open a socket and return whom it was accepted for, or "refused"."""
    sent: list[dict[str, object]] = []
    headers = {"host": host, "origin": origin, "cookie": f"__Secure-mts_session={token}"}

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    scope = {
        "type": "websocket", "path": "/_event/", "query_string": b"", "client": ("10.0.0.1", 40001),
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers.items()],
    }
    await app(scope, receive, send)
    return str(sent[-1]["subprotocol"]) if sent[-1]["type"] == "websocket.accept" else "refused"


async def test_one_session_opens_every_host_and_its_end_closes_all(units, app):
    await make_officer("lan", units["19774"])
    for entry, leaving in pairwise((*HOSTS, HOSTS[0])):
        lan = await signed_in(app, entry)
        token = lan.cookies["__Secure-mts_session"]
        for host, origin in product(HOSTS, HOSTS):
            assert (await lan.get("/api/v1/me", headers={"host": host})).json()["kind"] == "officer"
            stay = await lan.post("/api/v1/me/tiep-tuc", json_body={}, headers={"host": host, "origin": f"https://{origin}"})
            assert (stay.status_code, await handshake(app, host, f"https://{origin}", token)) == (200, "officer"), (host, origin)
        assert (await lan.post("/dang-xuat", json_body={}, headers=at(leaving))).status_code == 200
        assert "__Secure-mts_session" not in lan.cookies
        again = Browser(app, cookies={"__Secure-mts_session": token})
        for host in HOSTS:
            assert (await again.get("/api/v1/me", headers={"host": host})).json()["kind"] == "anonymous"
            assert await handshake(app, host, f"https://{host}", token) == "nobody"


async def test_the_root_of_a_host_leads_to_its_tool(db, app):
    lan = Browser(app)
    for method, address, host in product(("GET", "HEAD"), ("/", "/?tu=zalo&x=%0d%0a"), (f"pakn.{DOMAIN}", f"PAKN.{DOMAIN}".upper())):
        answer = await lan.request(method, address, page=True, headers={"host": host})
        assert (answer.status_code, answer.headers["location"]) == (307, "/phan-anh" + address[1:])
    for host in (DOMAIN, *(host for host in HOSTS if host[:4] not in ("pakn", "matt"))):  # not built yet: the portal says so
        assert (await lan.get("/", page=True, headers={"host": host})).status_code == 200
    assert (await lan.post("/", headers=at(f"pakn.{DOMAIN}"))).status_code == 405
    assert (await lan.get("/dang-nhap", page=True, headers={"host": f"pakn.{DOMAIN}"})).status_code == 200


async def test_pages_name_their_address_at_the_portal(db, app):
    lan = Browser(app)
    answer = await lan.get("/phan-anh/a%3E%0d%0ab?loc=1", page=True, headers={"host": f"pakn.{DOMAIN}"})
    assert answer.headers["link"] == f'<https://{DOMAIN}/phan-anh/a%3E%0D%0Ab>; rel="canonical"'
    assert "link" not in (await lan.get("/phan-anh", page=True, headers={"host": DOMAIN})).headers
    assert "link" not in (await lan.get("/x.json", headers={"host": f"pakn.{DOMAIN}"})).headers
    assert provider.issuer() == f"https://{DOMAIN}"
    assert passkeys.origins() == [f"https://{host}" for host in HOSTS]
    policy = content_security_policy(())
    assert all(f" wss://{host}" in policy for host in HOSTS) and "*" not in policy


@pytest.mark.parametrize("host", STRANGERS)
async def test_a_host_that_is_not_ours_is_refused(units, app, host):
    await make_officer("lan", units["19774"])
    lan = await signed_in(app)
    token = lan.cookies["__Secure-mts_session"]
    for answer in (
        await lan.get("/", headers={"host": host}),
        await lan.get("/", headers={"host": host, "x-forwarded-host": f"pakn.{DOMAIN}", "forwarded": f"host=pakn.{DOMAIN}"}),
        await lan.post("/dang-xuat", json_body={}, headers={"host": host, "origin": f"https://pakn.{DOMAIN}"}),
    ):
        assert (answer.status_code, answer.json()["detail"]) == (400, text.FOREIGN_HOST)
        assert "location" not in answer.headers and "set-cookie" not in answer.headers
    assert await handshake(app, host, f"https://pakn.{DOMAIN}", token) == "refused"
    seen = await lan.get("/", page=True, headers={"host": DOMAIN, "x-forwarded-host": host.strip()})
    assert seen.status_code == 200 and "evil" not in str(seen.headers)  # a host somebody else forwards counts for nothing


@pytest.mark.parametrize("origin", [
    *(f"https://{host}" for host in STRANGERS), f"http://pakn.{DOMAIN}", f"https://pakn.{DOMAIN}/", f"https://PAKN.{DOMAIN}", "null",
])
async def test_a_page_of_another_host_acts_at_none_of_ours(units, app, origin):
    await make_officer("lan", units["19774"])
    lan = await signed_in(app)
    for host in HOSTS[:2]:
        answer = await lan.post("/dang-xuat", json_body={}, headers={"host": host, "origin": origin})
        assert (answer.status_code, answer.json()["detail"]) == (403, text.FOREIGN_ORIGIN)
        assert await handshake(app, host, origin, lan.cookies["__Secure-mts_session"]) == "refused"
    assert (await lan.get("/api/v1/me", headers={"host": DOMAIN})).json()["kind"] == "officer"


async def test_cookies_reach_the_whole_domain_only_where_tools_have_hosts(units, app, setting):
    await make_officer("lan", units["19774"])
    lan = await signed_in(app)
    made = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD}, headers=at(f"csdl.{DOMAIN}"))
    lines = made.headers.get_list("set-cookie")
    assert len(lines) == 2
    for line in lines:
        assert re.fullmatch(rf"__Secure-mts_\w+=\S+; Path=/; HttpOnly; SameSite=Lax; Domain={DOMAIN}(; Max-Age=\d+)?; Secure", line)
    gone = await lan.post("/dang-xuat", json_body={}, headers=at(f"csdl.{DOMAIN}"))
    assert gone.headers.get_list("set-cookie") == [
        f"__Secure-mts_session=; Path=/; HttpOnly; SameSite=Lax; Domain={DOMAIN}; Max-Age=0; Secure"
    ]
    setting(tool_hosts="")
    line = cookies.set_cookie(cookies.SESSION, "x")
    assert line == "__Host-mts_session=x; Path=/; HttpOnly; SameSite=Lax; Secure"
    assert (await lan.get("/", headers={"host": f"pakn.{DOMAIN}"})).status_code == 400


@pytest.mark.parametrize(("before", "after", "old", "new", "removal"), [
    ("", "on", "__Host-", "__Secure-", "__Host-mts_session=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0; Secure"),
    ("on", "", "__Secure-", "__Host-", f"__Secure-mts_session=; Path=/; HttpOnly; SameSite=Lax; Domain={DOMAIN}; Max-Age=0; Secure"),
])
async def test_a_change_of_the_setting_locks_nobody_out(units, app, setting, before, after, old, new, removal):
    await make_officer("lan", units["19774"])
    setting(tool_hosts=before)
    lan = await signed_in(app)
    token = lan.cookies[f"{old}mts_session"]
    setting(tool_hosts=after)
    assert (await lan.get("/api/v1/me", headers={"host": DOMAIN})).json()["kind"] == "anonymous"
    again = await lan.post("/dang-nhap/can-bo", json_body={"user_name": "lan", "password": PASSWORD}, headers=at(DOMAIN))
    assert removal in again.headers.get_list("set-cookie")
    assert f"{old}mts_session" not in lan.cookies and f"{new}mts_session" in lan.cookies
    assert (await lan.get("/api/v1/me", headers={"host": DOMAIN})).json()["kind"] == "officer"
    both = Browser(app, cookies={f"{old}mts_session": token, **lan.cookies})
    assert (await both.get("/api/v1/me", headers={"host": DOMAIN})).json()["kind"] == "officer"  # the dead one is not in the way
    gone = await both.post("/dang-xuat", json_body={}, headers=at(DOMAIN))
    assert removal in gone.headers.get_list("set-cookie") and not [name for name in both.cookies if name.endswith("mts_session")]
    assert removal not in (await lan.get("/", page=True, headers={"host": DOMAIN})).headers.get_list("set-cookie")


async def test_names_are_settings(db, app, setting):
    setting(tool_hosts="petitions=ykien", public_origins=f"https://www.{DOMAIN}:8443")
    lan = Browser(app)
    found = await lan.get("/", page=True, headers={"host": f"ykien.{DOMAIN}:8443"})
    assert (found.status_code, found.headers["location"]) == (307, "/phan-anh")
    for host in (f"pakn.{DOMAIN}:8443", f"csdl.{DOMAIN}:8443", f"ykien.{DOMAIN}", f"ykien.www.{DOMAIN}:8443"):
        assert (await lan.get("/", headers={"host": host})).status_code == 400


async def test_cookies_of_one_flow_stay_with_their_host(units, app, setting):
    lan = Browser(app)
    asked = await lan.post("/dang-nhap/ma", json_body={"target": "0912345678"}, headers=at(DOMAIN))
    (line,) = [line for line in asked.headers.get_list("set-cookie") if "mts_challenge" in line]
    assert re.fullmatch(r"__Host-mts_challenge=\S+; Path=/; HttpOnly; SameSite=Lax; Max-Age=\d+; Secure", line)
    for name in cookies.ONE_FLOW:
        assert cookies.read_cookies([(b"cookie", f"__Secure-{name}=x".encode())]) == {}
        assert cookies.leftovers([(b"cookie", f"__Secure-{name}=x; __Host-{name}=y".encode())]) == [
            f"__Secure-{name}=; Path=/; HttpOnly; SameSite=Lax; Domain={DOMAIN}; Max-Age=0; Secure"
        ]
