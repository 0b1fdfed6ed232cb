"""What the journeys of officers share: a petition sent as a citizen's browser sends it, an officer signed in, a desk opened."""

from __future__ import annotations

import io
import json
import secrets

import httpx
from PIL import Image
from playwright.sync_api import BrowserContext, Page, expect

from mattranso_app.bench.running import Platform

expect.set_options(timeout=20_000)  # two cores may be busy with much else

DESK = "/phan-anh/ban-lam-viec"
ANSWER = "Kính gửi bà con, đơn vị chiếu sáng đã thay ba bóng đèn ngày 23/11 và sẽ kiểm tra lại tuần sau."


def picture(colour: str = "#5a7840") -> bytes:
    """Return a photo as JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (640, 420), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def send_petition(platform: Platform, body: str, *, phone: str = "", photos: int = 0) -> str:
    """Send a petition to the demonstration's ward; return its number."""
    found = httpx.get(f"{platform.origin}/api/v1/units", params={"query": "phu xuan hue", "level": "commune"}).json()
    payload = {"kind": "phan_anh", "body": body, "unit": found["items"][0]["code"], "phone": phone, "consent": "1" if phone else ""}
    parts: list[tuple[str, tuple[str | None, str | bytes, str]]] = [("payload", (None, json.dumps(payload), "text/plain"))]
    parts += [("photo", (f"anh{place}.jpg", picture(), "image/jpeg")) for place in range(photos)]
    headers = {"Idempotency-Key": secrets.token_hex(16), "Origin": platform.origin, "Accept": "application/json"}
    answer = httpx.post(f"{platform.origin}/phan-anh/gui", files=parts, headers=headers)
    assert answer.status_code == 201, answer.text
    number: str = answer.json()["number"]
    return number


def sign_in(context: BrowserContext, platform: Platform, accounts: dict[str, str], user: str, path: str = DESK) -> Page:
    """Sign an officer in and go on to `path`."""
    page = context.new_page()
    page.goto(f"{platform.origin}/dang-nhap")
    page.locator("input[name=user_name]").fill(user)
    page.locator("input[name=password]").fill(accounts[user])
    page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click(no_wait_after=True)
    page.wait_for_url(lambda address: "/dang-nhap" not in address)
    page.goto(f"{platform.origin}{path}")
    return page


def open_petition(page: Page, platform: Platform, number: str, tab: str = "moi") -> None:
    """Open a petition at the desk by its address."""
    page.goto(f"{platform.origin}{DESK}?hang={tab}&mo={number}")
    expect(page.locator(".desk-title")).to_be_visible()


def take_up_and_publish(page: Page, platform: Platform, number: str) -> None:
    """Take a petition up and publish its question with two keys."""
    open_petition(page, platform, number)
    expect(page.get_by_role("button", name="Tiếp nhận")).to_be_visible()
    page.keyboard.press("t")
    expect(page.get_by_text("Đã tiếp nhận.", exact=True)).to_be_visible(timeout=10_000)
    # The act is acknowledged first; what can be done next is drawn a moment later.
    expect(page.locator("#ban-cong-khai")).to_be_visible(timeout=10_000)
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Đã công khai nội dung.", exact=True)).to_be_visible(timeout=10_000)
