"""Photos through the form: five at most, only pictures, nothing in them that tells where they were taken."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image
from playwright.sync_api import BrowserContext, FilePayload, expect

from mattranso_app.bench.running import Platform
from tests.browser import citizen

GPS = 0x8825


def photo(name: str, colour: str = "teal") -> FilePayload:
    """Return a telephone's photo that says where it was taken."""
    picture = Image.new("RGB", (640, 480), colour)
    exif = picture.getexif()
    exif[0x010F] = "Telephone"
    exif.get_ifd(GPS).update({1: "N", 2: (16.0, 28.0, 0.0), 3: "E", 4: (107.0, 35.0, 0.0)})
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(buffer.getvalue())).getexif().get_ifd(GPS)
    return {"name": name, "mimeType": "image/jpeg", "buffer": buffer.getvalue()}


def test_five_at_most_and_only_pictures(platform: Platform, phone: BrowserContext) -> None:
    page = phone.new_page()
    citizen.open_form(page, platform)
    way, thumbs = page.locator("input[type=file]"), page.locator(".thumb")
    way.set_input_files([photo(f"{number}.jpg") for number in range(6)])
    expect(page.get_by_text("Chỉ gửi được tối đa 5 ảnh")).to_be_visible(timeout=citizen.ALIVE)
    expect(thumbs).to_have_count(5)
    expect(way).to_be_hidden()
    page.get_by_role("button", name="Bỏ ảnh 2").click()
    expect(thumbs).to_have_count(4)
    way.set_input_files([{"name": "don.txt", "mimeType": "text/plain", "buffer": b"x"}])
    expect(page.get_by_text("“don.txt” không phải ảnh")).to_be_visible(timeout=citizen.ALIVE)
    way.set_input_files([{"name": "gia.jpg", "mimeType": "image/jpeg", "buffer": b"no picture at all"}])
    expect(page.get_by_text("“gia.jpg” không phải ảnh")).to_be_visible(timeout=citizen.ALIVE)
    expect(thumbs).to_have_count(4)
    page.locator("textarea[name=body]").fill(citizen.BODY)
    citizen.draft_saved(page)
    page.reload()
    expect(thumbs).to_have_count(4, timeout=citizen.ALIVE)  # they are part of the draft


def test_published_photos_have_forgotten_where_they_were_taken(
    platform: Platform, phone: BrowserContext, publish: Callable[[str], None]
) -> None:
    mot = photo("mot.jpg", "red")
    phone.add_init_script("delete window.createImageBitmap;")  # an old browser, which sends them as they are
    page = phone.new_page()
    citizen.open_form(page, platform)
    page.locator("input[type=file]").set_input_files([mot, photo("hai.jpg", "blue")])
    expect(page.locator(".thumb")).to_have_count(2, timeout=citizen.ALIVE)
    citizen.fill_form(page)
    citizen.draft_saved(page)
    assert citizen.kept(page, "drafts")[0]["photos"][0].startswith(str(len(mot["buffer"])))  # not made anew on the device
    citizen.press_send(page)
    number, _ = citizen.sent(page)
    publish(number)
    page.goto(f"{platform.origin}/phan-anh/{number}")
    shown = page.locator(".photos a")
    expect(shown).to_have_count(2, timeout=citizen.ALIVE)
    expect(shown.first.locator("img")).to_have_js_property("complete", True)
    for link in shown.all():
        for address in (link.get_attribute("href"), link.locator("img").get_attribute("src")):
            answer = page.request.get(f"{platform.origin}{address}")
            picture = Image.open(io.BytesIO(answer.body()))
            assert answer.ok and not picture.getexif() and b"Telephone" not in answer.body()
