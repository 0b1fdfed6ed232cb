"""The headers of trust on every kind of answer, and what each kind may be kept by."""

from __future__ import annotations

import re
from typing import Any

import pytest

from mattranso_app.core.headers import content_security_policy
from mattranso_app.settings import settings
from mattranso_app.web import CLIENT
from tests.identity.browser import Browser
from tests.trust.conftest import House
from tests.trust.test_sessions import stream

pytestmark = pytest.mark.asyncio(loop_scope="session")

SCRIPT = next((f"/assets/{path.name}" for path in sorted(CLIENT.glob("assets/*.js"))), "/sw.js")
ANSWERS = {
    "page": ("GET", "/", 200),
    "item": ("GET", "/phan-anh/{published}", 200),
    "unknown item": ("GET", "/phan-anh/PA-0000-00", 404),
    "unknown page": ("GET", "/khong-co-trang-nay", 404),
    "script": ("GET", SCRIPT, 200),
    "missing script": ("GET", "/assets/khong-co.js", 404),
    "service worker": ("GET", "/sw.js", 200),
    "API": ("GET", "/api/v1/petitions", 200),
    "unknown API": ("GET", "/api/v1/khong-co", 404),
    "wrong parameter": ("GET", "/api/v1/petitions?x=1", 400),
    "wrong method": ("DELETE", "/api/v1/units", 405),
    "refused": ("POST", "/api/v1/me/tiep-tuc", 401),
    "private topic": ("GET", "/live/desk/19774.json", 401),
    "topic": ("GET", "/live/portal.json", 200),
    "stream": ("HEAD", "/live/portal/stream", 200),
    "file": ("GET", "/tep/{public photo}", 200),
    "unknown file": ("GET", "/tep/00000000-0000-0000-0000-000000000000", 404),
    "probe": ("GET", "/healthz", 200),
    "socket's address": ("GET", "/_event/", 400),
    "Reflex's ping": ("GET", "/ping", 200),
    "foreign host": ("GET", "/?host", 400),
    "foreign origin": ("POST", "/phan-anh/gui?origin", 403),
}


async def fetch(house: House, kind: str, page: bool = False) -> Any:
    method, address, status = ANSWERS[kind]
    for name, value in house.numbers.items():
        address = address.replace(f"{{{name}}}", value)
    headers = {"host": "xau.example"} if "?host" in address else {"origin": "https://xau.example"} if "?origin" in address else {}
    answer = await house.browser().request(method, address, headers=headers, page=page, json_body={} if method == "POST" else None)
    assert answer.status_code == status, answer.text[:200]
    return answer


@pytest.mark.parametrize("kind", ANSWERS)
async def test_every_answer_carries_the_headers_of_trust(house: House, kind: str) -> None:
    for page in (False, True):
        if page and ANSWERS[kind][2] == 401:
            continue  # who navigates is sent to the sign-in page
        headers = (await fetch(house, kind, page)).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cross-origin-opener-policy"] == "same-origin"
        policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
        assert policy["default-src"] in ("'self'", "'none'")
        assert policy["frame-ancestors"] == "'none'"
        script = policy.get("script-src", policy["default-src"])
        assert "unsafe" not in script and "*" not in script and "http" not in script and "data:" not in script
        assert "strict-transport-security" not in headers  # no TLS here
        assert not re.search(r"server|x-powered-by", " ".join(headers))
        assert "access-control-allow-origin" not in headers or headers["access-control-allow-origin"] != "*"


async def test_under_tls_browsers_are_told_to_stay_there(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from starlette.responses import PlainTextResponse

    from mattranso_app.core.headers import security_headers

    monkeypatch.setattr(settings(), "trusted_proxy_hops", 1)
    answer = await Browser(security_headers(PlainTextResponse("x"), ())).get("/")
    assert answer.headers["strict-transport-security"].startswith("max-age=31536000")
    assert "'unsafe" not in content_security_policy(["'sha256-x'"]).split("style-src")[0]


@pytest.mark.parametrize("address", ["/live/desk/19774.json", "/tep/{private file}", "/api/v1/me", "/tai-khoan", "/phan-anh/ban-lam-viec"])
async def test_private_answers_are_kept_nowhere(house: House, address: str) -> None:
    address = address.replace("{private file}", house.numbers["private file"])
    answer = await house.browser("own handler").get(address, page=not address.startswith(("/live", "/api", "/tep")))
    assert answer.status_code == 200
    assert "no-store" in answer.headers["cache-control"]


async def test_a_private_stream_is_kept_nowhere(house: House) -> None:
    async with stream(house.browser("own handler"), "desk/19774") as (chunks, _):
        assert chunks
    answer = await house.browser("own handler").request("HEAD", "/live/desk/19774/stream")
    assert answer.headers["cache-control"] == "no-store"


async def test_a_missing_file_of_an_update_is_not_missing_for_a_year(house: House) -> None:
    assert "immutable" in (await fetch(house, "script")).headers["cache-control"]
    assert "immutable" not in (await fetch(house, "missing script")).headers.get("cache-control", "")


@pytest.mark.parametrize("kind", ["wrong method", "foreign host", "unknown file", "wrong parameter", "unknown API"])
async def test_refusals_are_json_for_programs_and_a_page_for_people(house: House, kind: str) -> None:
    as_json, as_page = await fetch(house, kind), await fetch(house, kind, page=True)
    assert as_json.headers["content-type"] == "application/problem+json"
    assert as_page.headers["content-type"] == "text/html; charset=utf-8"
    assert as_json.json()["detail"].replace("“", "") and "<main>" in as_page.text and "<script" not in as_page.text
    assert int(as_page.headers["content-length"]) == len(as_page.content)


async def test_a_foreign_page_gets_no_leave_to_read(house: House) -> None:
    headers = {"origin": "https://xau.example", "access-control-request-method": "POST"}
    preflight = await house.browser().request("OPTIONS", "/api/v1/me", headers=headers)
    assert "access-control-allow-origin" not in preflight.headers
    read = await house.browser("own handler").get("/api/v1/me", headers={"origin": "https://xau.example"})
    assert "access-control-allow-origin" not in read.headers


@pytest.mark.parametrize("address", ["/trinh-dien/tin-nhan", "/trinh-dien/tin-nhan/", "/trinh-dien/tin-nhan/index.html"])
async def test_the_demonstrations_messages_exist_nowhere_else(house: House, monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(settings(), "env", "production")
    for page in (True, False):
        answer = await house.browser().get(address, page=page)
        assert answer.status_code == 404 and "Tin nhắn" not in answer.text


@pytest.mark.parametrize("address", [
    "/../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/..%2f..%2f..%2f..%2frequirements.txt", "/..%5c..%5cx", "/.env",
    "/reflex.lock",
    "/phan-anh/..%2f..%2f..%2f..%2fpackage.json", "/assets/%00.js", "//etc/passwd", "/_upload", "/_all_routes", "/auth-codespace",
])
async def test_no_address_leads_out_of_the_built_site(house: House, address: str) -> None:
    answer = await house.browser().get(address)
    assert answer.status_code in (400, 404), address
    assert answer.status_code == 400 or "<html" in answer.text or answer.text == "Not Found"


async def test_the_built_site_holds_no_sources(house: House) -> None:
    kinds = {path.suffix for path in CLIENT.rglob("*") if path.is_file()}
    assert not kinds & {".map", ".jsx", ".ts", ".tsx", ".py", ".env", ".lock", ".toml"}
