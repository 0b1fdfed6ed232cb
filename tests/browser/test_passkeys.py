"""Passkeys in Chromium, with an authenticator of software: invitation → passkey → desk, the second step, and how the pages look."""

from __future__ import annotations

import re
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, expect

from mattranso_app.bench.running import Platform
from mattranso_app.identity import text as account_text
from mattranso_app.identity.factors import text
from mattranso_app.identity.invitations import text as invitation_text
from tests.browser.officers import DESK, sign_in
from tests.browser.test_axe import check, context  # noqa: F401 - the fixture
from tests.identity.authenticator import App

PASSWORD = "nuoc chay da mon 88"


def authenticator(page: Page) -> CDPSession:
    """Give a page an authenticator that knows its holder and presses its own button."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    options = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True}
    session.send("WebAuthn.addVirtualAuthenticator", {"options": {**options, "automaticPresenceSimulation": True}})
    return session


def invite(page: Page, platform: Platform, contact: str, *roles: str) -> str:
    """Invite somebody from the staff screen of whoever is signed in; return the link that was sent."""
    page.goto(f"{platform.origin}/tai-khoan/can-bo")
    page.get_by_role("link", name="Mời cán bộ").click()
    page.get_by_label(invitation_text.ASK_NAME).fill("Trần Thị Mai")
    page.get_by_label(invitation_text.ASK_CONTACT).fill(contact)
    page.get_by_label(invitation_text.ASK_UNIT).fill("phuong phu xuan")
    for role in roles:
        page.locator(f"input[name=vai-tro-{role}]").check()
    page.get_by_role("button", name=invitation_text.SEND).click()
    expect(page.get_by_text(invitation_text.DONE["moi"])).to_be_visible()
    messages = page.context.new_page()
    messages.goto(f"{platform.origin}/trinh-dien/tin-nhan")
    line = messages.locator(".list > li", has_text=contact).filter(has_text="/loi-moi/").first
    expect(line).to_be_visible()
    found = re.search(r"https?://\S+/loi-moi/[\w-]{43}", line.inner_text())
    messages.close()
    assert found is not None
    return found[0]


def test_from_an_invitation_by_passkey_to_the_desk(
    platform: Platform, accounts: dict[str, str], desk: BrowserContext, browser: Browser
) -> None:
    administrator = sign_in(desk, platform, accounts, "phuxuan.quantri", "/tai-khoan/can-bo")
    link = invite(administrator, platform, "mai@vidu.vn")
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")  # noqa: F811 - with the policy in force
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on("console", lambda line: broken.append(line.text) if "Content Security Policy" in line.text else None)
    authenticator(page)
    page.goto(link)
    expect(page.get_by_text(text.NO_PASSKEYS_HERE)).to_be_hidden()
    page.locator("#ten-1").fill("phuxuan.xuly")
    page.locator("#ten-1").press("Enter")  # what is wrong with the name is said before anything is made
    expect(page.get_by_text(account_text.USER_NAME_TAKEN)).to_be_visible()
    page.locator("#ten-1").fill("mai.passkey")
    page.get_by_role("button", name=invitation_text.MAKE).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text.CODES_TITLE)
    page.goto(f"{platform.origin}{DESK}")
    expect(page.locator("[data-pick]").first).to_be_visible()
    page.goto(link)
    expect(page.get_by_role("alert")).to_have_text(invitation_text.GONE)

    page.goto(f"{platform.origin}/tai-khoan/bao-mat")
    expect(page.get_by_text(account_text.PASSKEY, exact=True)).to_be_visible()
    page.get_by_role("button", name=text.REMOVE).click()
    expect(page.get_by_role("alert")).to_have_text(account_text.LAST_WAY_IN)

    page.context.clear_cookies()
    page.goto(f"{platform.origin}/dang-nhap?tiep={DESK}")
    page.get_by_role("link", name="Đăng nhập bằng passkey").click()
    page.wait_for_url(f"**{DESK}*")  # the page asks the authenticator by itself
    expect(page.locator("[data-pick]").first).to_be_visible()

    administrator.goto(f"{platform.origin}/tai-khoan/can-bo?tim=mai.passkey")
    expect(administrator.locator(".list > li", has_text="mai.passkey").get_by_text(account_text.STATUS_ACTIVE)).to_be_visible()
    administrator.locator(".list > li", has_text="mai.passkey").get_by_text("Quản lý").click()
    administrator.get_by_role("button", name="Gỡ xác minh hai bước").click()
    page.wait_for_url(lambda address: "/dang-nhap" in address)  # cut off at once
    page.goto(f"{platform.origin}/dang-nhap/passkey")
    expect(page.get_by_role("alert")).to_have_text(account_text.PASSKEY_REFUSED)
    assert broken == []
    context.close()


def test_pages_of_factors_and_invitations(
    platform: Platform, accounts: dict[str, str], context: BrowserContext, shots: Path  # noqa: F811
) -> None:
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        page.set_viewport_size({"width": 360, "height": 740})
        page.emulate_media(color_scheme="light")
        page.screenshot(path=shots / f"passkey-{name}.png", full_page=True)
        found.extend(check(page, name, is_plain=True))
        page.set_viewport_size({"width": 1280, "height": 860})

    administrator = sign_in(context, platform, accounts, "phuxuan.quantri", "/tai-khoan/can-bo")
    link = invite(administrator, platform, "hoa@vidu.vn", "approver")
    look(administrator, "invitations")
    administrator.get_by_label(invitation_text.ASK_NAME).fill("Lê Thị Hoa")
    administrator.get_by_label(invitation_text.ASK_CONTACT).fill("hoa")
    administrator.get_by_label(invitation_text.ASK_UNIT).fill("thuận hoá")
    administrator.get_by_role("button", name=invitation_text.SEND).click()
    expect(administrator.get_by_role("alert")).to_be_visible()
    look(administrator, "invitation-refused")
    administrator.close()
    context.clear_cookies()

    page = context.new_page()
    authenticator(page)
    page.goto(link)
    look(page, "offer")
    page.locator("#ten-2").fill("hoa.passkey")
    page.locator("#mat-khau").fill(PASSWORD)
    page.get_by_role("button", name=invitation_text.ACCEPT).click()
    page.wait_for_url("**/tai-khoan")
    page.goto(f"{platform.origin}/tai-khoan/bao-mat")
    look(page, "security-empty")
    page.get_by_role("button", name=text.ADD_PASSKEY).click()
    look(page, "add-passkey")
    page.get_by_label(text.ASK_NAME).fill("Điện thoại của Hoa")
    page.get_by_role("button", name=text.MAKE_PASSKEY).click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text.CODES_TITLE)
    look(page, "codes")
    page.get_by_role("link", name=text.CODES_KEPT).click()
    page.get_by_role("button", name=text.ADD, exact=True).click()
    look(page, "add-app")
    secret = page.locator(".secret").inner_text().replace(" ", "")
    page.locator("#code").fill(App(secret).code())
    page.get_by_role("button", name=text.CONFIRM).click()
    expect(page.get_by_text("Điện thoại của Hoa")).to_be_visible()
    look(page, "security")
    page.goto(f"{platform.origin}/tai-khoan/xac-minh?tiep=/tai-khoan/bao-mat")
    look(page, "prove")
    page.get_by_role("button", name=text.USE_PASSKEY).click()
    page.wait_for_url(f"{platform.origin}/tai-khoan/bao-mat")

    context.clear_cookies()
    page.goto(f"{platform.origin}/dang-nhap")
    expect(page.get_by_role("link", name="Đăng nhập bằng passkey")).to_be_visible()
    page.screenshot(path=shots / "passkey-sign-in.png")
    page.locator("input[name=user_name]").fill("hoa.passkey")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(text.STEP_TITLE)
    look(page, "second-step")
    page.locator("#code").fill("000000")
    page.get_by_role("button", name=text.GO_ON).click()
    look(page, "second-step-refused")
    page.get_by_role("button", name=text.USE_PASSKEY).click()
    page.wait_for_url(lambda address: "/dang-nhap" not in address)
    assert [role["role"] for role in page.request.get(f"{platform.origin}/api/v1/me").json()["roles"]] == ["handler", "approver"]

    context.clear_cookies()
    other = context.new_page()
    other.add_init_script("delete window.PublicKeyCredential")  # as inside Zalo
    other.goto(f"{platform.origin}/dang-nhap/passkey?tiep={DESK}")
    expect(other.get_by_text(text.NO_PASSKEYS_HERE)).to_be_visible()
    expect(other.get_by_role("button")).to_have_count(0)
    look(other, "no-passkeys")
    other.goto(f"{platform.origin}/dang-nhap/buoc-hai")
    look(other, "second-step-gone")
    assert not found, "\n".join(found)
