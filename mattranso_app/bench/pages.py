"""`bench pages`: the first opening of each page, cold cache, slow 4G and a slow phone, in Chromium.

The network is throttled by the browser (1.6 Mbit/s, 150 ms round trip) and the processor slowed four times. Bytes are
those of the wire, headers too; without TLS Chromium asks for gzip, over TLS the same files go as brotli and are smaller.
A page is opened untouched for LCP and CLS (a key pressed would end the measuring), and the form once more by somebody who
types from the first moment on: what was typed before the page had come alive must stand there afterwards, and in the draft.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, CDPSession, Page, sync_playwright

from mattranso_app.bench.report import Report, percentile
from mattranso_app.bench.running import Platform, running
from mattranso_app.chromium import find_chromium

RUNS = 3
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
SLOWER = 4
FIELD = "textarea[name=body]"
SENTENCE = "Nước máy ở khu phố tôi yếu từ tuần trước, xin cho người xem."
OFFICER = "phuxuan.xuly"
KB_BAR, LCP_BAR, TYPED_BAR, CLS_BAR = 200, 1500, 4000, 0.05


@dataclass(frozen=True, slots=True)
class Route:
    """A page to open: its address, what the table calls it, and whether home's and form's bars hold for it."""

    address: str
    words: str
    is_judged: bool = False
    needs_sign_in: bool = False


def routes(platform: Platform) -> list[Route]:
    """Return all pages people open, a published petition's among them."""
    with urllib.request.urlopen(f"{platform.origin}/api/v1/petitions?limit=1") as answer:  # noqa: S310 - our own address
        number = json.load(answer)["items"][0]["number"]
    return [
        Route("/", "trang chủ", is_judged=True),
        Route("/phan-anh/gui", "biểu mẫu gửi", is_judged=True),
        Route("/phan-anh", "danh sách"),
        Route(f"/phan-anh/{number}", "một phản ánh"),
        Route("/phan-anh/theo-doi", "theo dõi"),
        Route("/dang-nhap", "đăng nhập"),
        Route("/phan-anh/ban-lam-viec", "bàn làm việc", needs_sign_in=True),
        Route("/tai-khoan", "tài khoản", needs_sign_in=True),
        Route("/toi-gian", "bản tối giản"),
        Route("/toi-gian/gui", "bản tối giản: gửi"),
    ]


OBSERVE = """
window.__lcp = 0; window.__cls = 0; window.__moved = [];
const observe = (type, note) =>
  new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true});
observe('largest-contentful-paint', entry => { window.__lcp = entry.startTime });
observe('layout-shift', entry => {
  if (entry.hadRecentInput) return;
  window.__cls += entry.value;
  window.__moved.push(...entry.sources.map(source => (source.node?.className || source.node?.nodeName) + ''));
});
"""

_IS_ALIVE = "selector => Object.keys(document.querySelector(selector) ?? {}).some(key => key.startsWith('__reactProps'))"

_DRAFT = """() => new Promise((resolve, reject) => {
  const opened = indexedDB.open('mattranso');
  opened.onerror = () => reject(opened.error);
  opened.onsuccess = () => {
    const asked = opened.result.transaction('drafts').objectStore('drafts').getAll();
    asked.onsuccess = () => { opened.result.close(); resolve(asked.result.map(draft => [draft.fields?.body ?? ''].flat().join('')))
    };
    asked.onerror = () => reject(asked.error);
  };
})"""


@dataclass(slots=True)
class Wire:
    """What came over the network: bytes as sent, by request."""

    kinds: dict[str, str]
    sizes: dict[str, float]

    def kilobytes(self, *kinds: str) -> float:
        """Return the kilobytes of these kinds of answers; of all when none is named."""
        return sum(size for request, size in self.sizes.items() if not kinds or self.kinds.get(request) in kinds) / 1000


def _open(context: BrowserContext, address: str) -> tuple[Page, Wire, int]:
    """Open `address` over the slow network on the slow phone; return the page, its bytes and the status."""
    page = context.new_page()
    page.add_init_script(OBSERVE)
    session: CDPSession = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    wire = Wire({}, {})
    session.on("Network.responseReceived", lambda event: wire.kinds.__setitem__(event["requestId"], event["type"]))
    session.on("Network.loadingFinished", lambda event: wire.sizes.__setitem__(event["requestId"], event["encodedDataLength"]))
    answer = page.goto(address, wait_until="commit")
    return page, wire, answer.status if answer else 0


def _phone(browser: Browser) -> BrowserContext:
    return browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2, locale="vi-VN", service_workers="block")


def look(browser: Browser, platform: Platform, route: Route) -> dict[str, Any]:
    """Open a page once with nothing cached and touch nothing; return its figures."""
    context = _phone(browser)
    if route.needs_sign_in:
        form = {"user_name": OFFICER, "password": platform.accounts()[OFFICER]}
        context.request.post(f"{platform.origin}/dang-nhap/can-bo", data=form, headers={"Origin": platform.origin})
    page, wire, status = _open(context, platform.origin + route.address)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    figures = {
        "lcp": page.evaluate("window.__lcp"), "cls": page.evaluate("window.__cls"), "moved": page.evaluate("window.__moved"),
        "kb": wire.kilobytes("Script", "Stylesheet"), "all": wire.kilobytes(),
        "failed": float(status != 200 or not page.url.split("?")[0].endswith(route.address)),
    }
    context.close()
    return figures


def type_at_once(browser: Browser, platform: Platform) -> dict[str, float]:
    """Open the form and type from the moment its field can be seen, on and on until a while after the page has come alive.

    Returns:
        typed: milliseconds until the first letter stood in the field; alive: until the page had come alive; lost: 1 when a
        letter is missing in the field or in the draft on the device.
    """
    context = _phone(browser)
    started = time.monotonic()
    page, _, _ = _open(context, f"{platform.origin}/phan-anh/gui")
    field = page.locator(FIELD)
    field.wait_for(state="visible")
    field.focus()
    typed, alive, first = "", 0.0, 0.0
    letters = iter(SENTENCE * 20)
    after = 0
    while after < 12 or len(typed) % len(SENTENCE):
        letter = next(letters)
        page.keyboard.insert_text(letter)
        typed += letter
        if not first and field.input_value():
            first = (time.monotonic() - started) * 1000
        if not alive and page.evaluate(_IS_ALIVE, FIELD):
            alive = (time.monotonic() - started) * 1000
        after += bool(alive)
        page.wait_for_timeout(40)
    lost = field.input_value() != typed
    deadline = time.monotonic() + 10
    while not (kept := typed.strip() in [body.strip() for body in page.evaluate(_DRAFT)]) and time.monotonic() < deadline:
        page.wait_for_timeout(100)
    context.close()
    return {"typed": first, "alive": alive, "lost": float(lost or not kept)}


def main(_words: Sequence[str]) -> int:
    """Measure every route; home and form are judged, the others told; each must open."""
    report = Report("pages", {"runs": RUNS, "network": "1.6 Mbit/s, 150 ms", "cpu": f"/{SLOWER}"})
    with running() as platform, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for route in routes(platform):
            runs = [look(browser, platform, route) for _ in range(RUNS)]
            judged = route.is_judged
            report.add(f"{route.words}: mở không được", sum(run["failed"] for run in runs), "lần", 0)
            report.add(f"{route.words}: JS+CSS gửi đi", max(run["kb"] for run in runs), "KB", KB_BAR if judged else None)
            report.add(f"{route.words}: tất cả gửi đi", max(run["all"] for run in runs), "KB")
            report.add(f"{route.words}: LCP", percentile([run["lcp"] for run in runs], 0.5), "ms", LCP_BAR if judged else None)
            worst = max(runs, key=lambda run: float(run["cls"]))
            report.add(f"{route.words}: CLS", worst["cls"], "", CLS_BAR if judged else None)
            if worst["cls"] > CLS_BAR:
                print(f"{route.words}: dịch chuyển: {worst['moved']}")
        typing = [type_at_once(browser, platform) for _ in range(RUNS)]
        report.add("biểu mẫu gửi: gõ được sau", percentile([run["typed"] for run in typing], 0.5), "ms", TYPED_BAR)
        report.add("biểu mẫu gửi: trang sống sau", percentile([run["alive"] for run in typing], 0.5), "ms")
        report.add("biểu mẫu gửi: lần có chữ gõ sớm bị mất (ô chữ hoặc bản nháp)", sum(run["lost"] for run in typing), "lần", 0)
        browser.close()
    return report.finish()
