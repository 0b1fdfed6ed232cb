"""Outside software against the real provider: npm's openid-client and Debian's mod_auth_openidc, as docs/integrate.md shows them.

Central's administrator registers each on the screen; a person signs in, agrees, goes on with rotated tokens, signs out from
either side, and takes the consent back.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from urllib.parse import quote

import httpx
import psycopg
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from mattranso_app.bench.running import Platform
from mattranso_app.settings import ROOT
from tests.browser import outside
from tests.browser.officers import sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture

NAME = "Người xử lý Phuxuan"


def give_password(page: Page, accounts: dict[str, str], user: str) -> None:
    """Sign in on the page that an application led to."""
    page.wait_for_url("**/dang-nhap?**")
    page.locator("input[name=user_name]").fill(user)
    page.locator("input[name=password]").fill(accounts[user])
    page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click(no_wait_after=True)


def test_openid_client_as_the_guide_shows_it(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, tmp_path: Path, shots: Path  # noqa: F811
) -> None:
    app = outside.free_address()
    secret = outside.register(platform, context, accounts, "may-mau", app, **{"bao-het-phien": f"{app}/het-phien"})
    environment = {"ISSUER": platform.origin, "CLIENT_ID": "may-mau", "CLIENT_SECRET": secret, "APP_URL": app}
    with outside.node_application(tmp_path, environment) as log:
        page = context.new_page()
        page.goto(app)
        page.get_by_role("link", name="Đăng nhập bằng Mặt trận số").click()
        give_password(page, accounts, "phuxuan.xuly")
        expect(page.get_by_role("heading", level=1)).to_have_text("Cho phép Ứng dụng may-mau?")
        found = check(page, "consent")
        page.screenshot(path=shots / "consent-1280.png")
        page.keyboard.press("Tab")
        expect(page.get_by_role("button", name="Đồng ý", exact=True)).to_be_focused()
        page.keyboard.press("Enter")
        page.wait_for_url(f"{app}/")
        expect(page.get_by_text(f"Xin chào {NAME}, Phường Phú Xuân")).to_be_visible()
        cookies = {cookie["name"]: cookie["value"] for cookie in context.cookies() if "name" in cookie}

        page.get_by_role("link", name="Làm mới").click()
        page.wait_for_url(f"{app}/")
        expect(page.get_by_text(f"Xin chào {NAME}")).to_be_visible()

        # A forged piece of news is refused; the person stays.
        forged = httpx.post(f"{app}/het-phien", data={"logout_token": "eyJhbGciOiJub25lIn0.e30."})
        assert forged.status_code == 400
        # The way back with a code of somebody else's browser is refused.
        assert httpx.get(f"{app}/nhan?code=x&state=y&iss={quote(platform.origin)}").status_code == 400
        page.goto(app)
        expect(page.get_by_text(f"Xin chào {NAME}")).to_be_visible()

        # Signing out here ends the session there: the news came by its own way, no browser carried it.
        portal = context.new_page()
        portal.goto(f"{platform.origin}/tai-khoan")
        portal.get_by_role("button", name="Đăng xuất").click()
        portal.wait_for_url(f"{platform.origin}/")
        for _ in range(100):
            if "Chưa đăng nhập" in httpx.get(app, cookies={"phien": cookies["phien"]}).text:
                break
            portal.wait_for_timeout(50)
        page.goto(app)
        expect(page.get_by_text("Chưa đăng nhập")).to_be_visible()

        # In again, agreed already; then out at the application's wish, and nobody is signed in here either.
        page.get_by_role("link", name="Đăng nhập bằng Mặt trận số").click()
        give_password(page, accounts, "phuxuan.xuly")
        page.wait_for_url(f"{app}/")
        portal.goto(f"{platform.origin}/tai-khoan")
        expect(portal.get_by_text("phiên này")).to_be_visible()  # its socket is open
        page.get_by_role("link", name="Đăng xuất").click()
        portal.wait_for_url(lambda address: "/dang-nhap" in address, timeout=5_000)
        page.wait_for_url(f"{app}/")
        expect(page.get_by_text("Chưa đăng nhập")).to_be_visible()
        assert page.request.get(f"{platform.origin}/api/v1/me").json()["kind"] == "anonymous"

        # Taken back on the account page: the tokens are void at once, and the next time asks anew.
        page.get_by_role("link", name="Đăng nhập bằng Mặt trận số").click()
        give_password(page, accounts, "phuxuan.xuly")
        page.wait_for_url(f"{app}/")
        portal.goto(f"{platform.origin}/tai-khoan")
        portal.get_by_role("link", name="Ứng dụng đã đồng ý").click()
        expect(portal.get_by_role("heading", level=1)).to_have_text("Ứng dụng đã đồng ý")
        found += check(portal, "consents")
        portal.screenshot(path=shots / "consents-1280.png", full_page=True)
        take_back = portal.get_by_role("button", name="Rút lại Ứng dụng may-mau")
        box = take_back.bounding_box()
        assert box and box["height"] < box["width"], "its words stand in one line"
        take_back.click()
        expect(portal.get_by_role("status")).to_contain_text("Đã rút lại.")
        found += check(portal, "a consent taken back")
        page.goto(f"{app}/lam-moi")
        expect(page.get_by_text("Chưa được: invalid_grant")).to_be_visible()
        page.get_by_role("link", name="Đăng nhập lại").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Cho phép Ứng dụng may-mau?")
        page.get_by_role("button", name="Không đồng ý").click()
        expect(page.get_by_text("Chưa được: access_denied")).to_be_visible()
    written = log.read_text() + (platform.data_dir / "run.log").read_text()
    assert secret not in written and "code=" not in written
    assert not re.search(r"eyJ[\w-]+\.eyJ", written), "a token in a log"
    assert found == []


def test_the_register_of_applications(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, shots: Path  # noqa: F811
) -> None:
    page = sign_in(context, platform, accounts, "trunguong.quantri", "/tai-khoan")
    page.get_by_role("link", name="Ứng dụng đăng nhập qua Mặt trận số").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ứng dụng đăng nhập qua Mặt trận số")
    found = check(page, "applications")
    page.get_by_role("link", name="Đăng ký ứng dụng").click()
    found += check(page, "new application")
    for name, value in {"ma": "may-thu", "ten": "Máy thử", "nhan": "https://*.hue.gov.vn/nhan"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.get_by_role("button", name="Đăng ký ứng dụng").click()
    expect(page.get_by_text("có dấu *. Mỗi địa chỉ phải viết đầy đủ")).to_be_visible()
    found += check(page, "a wrong address")
    page.screenshot(path=shots / "application-form-1280.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    page.screenshot(path=shots / "application-form-360.png", full_page=True)
    page.get_by_role("link", name="Địa chỉ nhận kết quả đăng nhập").press("Enter")
    page.keyboard.press("Tab")  # from the place the summary led to
    page.locator("[name=nhan]").fill("https://hue.gov.vn/nhan")
    page.locator("[name=ten]").press("Enter")
    expect(page.locator("#khoa")).to_be_visible()
    secret = page.locator("#khoa").inner_text()
    found += check(page, "registered")
    page.screenshot(path=shots / "application-1280.png", full_page=True)
    page.get_by_role("button", name="Tạo khoá bí mật mới").press("Enter")
    expect(page.locator("#khoa")).not_to_have_text(secret)
    page.get_by_role("button", name="Ngừng ứng dụng").press("Enter")
    expect(page.get_by_role("button", name="Cho hoạt động lại")).to_be_visible()
    expect(page.locator("#khoa")).to_have_count(0)
    page.get_by_role("link", name="Sửa").click()
    expect(page.locator("[name=ten]")).to_have_value("Máy thử")
    found += check(page, "change")
    assert found == []


def test_apache_as_the_guide_shows_it(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, tmp_path_factory: pytest.TempPathFactory
) -> None:
    app = outside.free_address()
    addresses = {
        "nhan": f"{app}/oidc/nhan", "sau-dang-xuat": f"{app}/tam-biet", "bao-het-phien": f"{app}/oidc/nhan?logout=backchannel",
    }
    secret = outside.register(platform, desk, accounts, "may-apache", app, **addresses)
    environment = {
        "ISSUER": platform.origin, "CLIENT_ID": "may-apache", "CLIENT_SECRET": secret, "APP_URL": app, "COOKIE_SECRET": "cho-kiem-thu-thoi",
    }
    with outside.apache(tmp_path_factory.mktemp("apache"), environment) as log:
        page = desk.new_page()
        page.goto(app)
        give_password(page, accounts, "phuxuan.xuly")
        page.get_by_role("button", name="Đồng ý", exact=True).click()
        page.wait_for_url(f"{app}/")
        expect(page.locator("#ten")).to_have_text(NAME)
        assert json.loads(page.locator("#tat-ca").inner_text())["roles"][0]["role"] == "handler"
        with psycopg.connect(platform.database_url()) as connection:
            row = connection.execute("SELECT person_id FROM credential WHERE user_name = 'phuxuan.xuly'").fetchone()
        assert row and page.locator("#ai").inner_text() == str(row[0])

        before = page.locator("#khoa").inner_text()
        held = page.request.get(f"{app}/oidc/nhan?info=json").json()
        page.goto(f"{app}/oidc/nhan?refresh={quote(app + '/', safe='')}&access_token={quote(before)}")
        page.wait_for_url(lambda address: address.startswith(f"{app}/") and "/oidc/" not in address)
        renewed = page.request.get(f"{app}/oidc/nhan?info=json").json()
        assert page.locator("#khoa").inner_text() not in ("", before), log.read_text()
        assert renewed["refresh_token"] != held["refresh_token"], "each refresh token is good once"

        # Signing out here ends the session in Apache.
        page.request.post(f"{platform.origin}/dang-xuat", data={}, headers={"Origin": platform.origin})
        for _ in range(100):
            if page.request.get(app, max_redirects=0).status == 302:
                break
            page.wait_for_timeout(50)
        page.goto(app)
        give_password(page, accounts, "phuxuan.xuly")
        page.wait_for_url(f"{app}/")

        # Signing out in Apache ends the session here.
        page.goto(f"{app}/oidc/nhan?logout={quote(app + '/tam-biet', safe='')}")
        page.wait_for_url(f"{app}/tam-biet**")
        assert page.request.get(f"{platform.origin}/api/v1/me").json()["kind"] == "anonymous"
        assert page.request.get(app, max_redirects=0).status == 302


def test_the_guide_names_what_is_there(platform: Platform) -> None:
    """Scopes, claims and addresses of the guide are those the provider publishes."""
    guide = (ROOT / "docs" / "integrate.md").read_text()
    published = httpx.get(f"{platform.origin}/.well-known/openid-configuration").json()
    assert all(f"`{scope}`" in guide for scope in published["scopes_supported"])
    told = set(re.findall(r"`(\w+)`", guide))
    assert {"sub", "auth_time", "amr", "acr", "name", "kind", "unit", "organisation", "roles"} <= told & set(published["claims_supported"])
    assert outside.snippet("sh").startswith("ISSUER=")
