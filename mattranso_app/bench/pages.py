"""`bench pages`: the first opening of each page, cold cache, slow 4G and a slow phone, in Chromium.

The network is throttled by the browser (1.6 Mbit/s, 150 ms round trip) and the processor slowed four times. "Can be
typed into" means that a key pressed lands in a text field and is still there when the page has come alive.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Browser, sync_playwright

from mattranso_app.bench.report import Report, percentile
from mattranso_app.bench.running import running
from mattranso_app.chromium import find_chromium

RUNS = 3
NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
ROUTES = {
    "/": ("trang chủ", 200, 1500),
    "/phan-anh/gui": ("biểu mẫu gửi", 200, 1500),
    "/phan-anh": ("danh sách", None, None),
    "/phan-anh/theo-doi": ("theo dõi", None, None),
    "/dang-nhap": ("đăng nhập", None, None),
}

_OBSERVE = """
window.__lcp = 0; window.__cls = 0;
const observe = (type, note) =>
  new PerformanceObserver(list => list.getEntries().forEach(note)).observe({type, buffered: true});
observe('largest-contentful-paint', entry => { window.__lcp = entry.startTime });
observe('layout-shift', entry => { if (!entry.hadRecentInput) window.__cls += entry.value });
"""


def measure(browser: Browser, origin: str, route: str, type_into: str | None) -> dict[str, float]:
    """Open `route` once with nothing cached and return its figures (milliseconds, kilobytes as sent, shift score)."""
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2, service_workers="block")
    page = context.new_page()
    page.add_init_script(_OBSERVE)
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", NETWORK)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    kinds: dict[str, str] = {}
    sizes: dict[str, float] = {}
    session.on("Network.responseReceived", lambda event: kinds.__setitem__(event["requestId"], event["type"]))
    session.on("Network.loadingFinished", lambda event: sizes.__setitem__(event["requestId"], event["encodedDataLength"]))
    started = time.monotonic()
    page.goto(origin + route, wait_until="commit")
    typed_after = 0.0
    if type_into:
        field = page.locator(type_into)
        field.wait_for(state="visible")
        field.press_sequentially("Nước", delay=0)
        typed_after = (time.monotonic() - started) * 1000
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    figures: dict[str, Any] = {
        "lcp": page.evaluate("window.__lcp"),
        "cls": page.evaluate("window.__cls"),
        "kb": sum(size for request, size in sizes.items() if kinds.get(request) in ("Script", "Stylesheet")) / 1000,
        "typed": typed_after,
        "lost": 0.0 if not type_into else float(page.locator(type_into).input_value() != "Nước"),
    }
    context.close()
    return figures


def main(_words: Sequence[str]) -> int:
    """Measure every route and judge home and form."""
    report = Report("pages")
    with running() as platform, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for route, (name, kb_bar, lcp_bar) in ROUTES.items():
            type_into = "textarea[name=body]" if route == "/phan-anh/gui" else None
            runs = [measure(browser, platform.origin, route, type_into) for _ in range(RUNS)]
            report.add(f"{name}: JS+CSS gửi đi", max(run["kb"] for run in runs), "KB", kb_bar)
            report.add(f"{name}: LCP", percentile([run["lcp"] for run in runs], 0.5), "ms", lcp_bar)
            report.add(f"{name}: CLS", max(run["cls"] for run in runs), "", 0.05)
            if type_into:
                report.add(f"{name}: gõ được sau", percentile([run["typed"] for run in runs], 0.5), "ms", 4000)
                report.add(f"{name}: chữ gõ sớm bị mất", sum(run["lost"] for run in runs), "lần", 0)
        browser.close()
    return report.finish()
