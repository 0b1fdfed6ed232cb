"""The page's side of the live core in Chromium: assets/live_source.js against a real hub behind granian."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import pytest
from granian.constants import Interfaces
from granian.server.embed import Server
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st
from playwright.async_api import Page, async_playwright
from sqlalchemy.ext.asyncio import AsyncSession
from starlette.types import Receive, Scope, Send

from mattranso_app.bench.running import free_port
from mattranso_app.chromium import find_chromium
from mattranso_app.core import db as database
from mattranso_app.core import http, live
from mattranso_app.core.live import topics
from mattranso_app.core.live.patch import merge
from mattranso_app.settings import ROOT
from tests.core.live_stream import eventually

pytestmark = pytest.mark.browser

# React is not what is tried here: a stand-in for the import, and the module's own subscribe().
PAGE = """<!doctype html><meta charset=utf-8>
<script type=importmap>
{"imports": {"react": "data:text/javascript,export const useEffect = () => {}, useRef = () => ({})",
"react-dom": "data:text/javascript,export const flushSync = (draw) => draw()"}}
</script>
<script type=module>
import * as source from "/live_source.js";
window.source = source;
window.views = [[], []];
window.leave = [0, 1].map((n) => source.subscribe("test/board", (view) => window.views[n].push(view)));
</script>"""

state: dict[str, Any] = {}


async def read(session: AsyncSession, params: live.Params) -> dict[str, Any]:
    return dict(state["value"])


@dataclass
class House:
    """The server under the page; `stream` is "ok", "broken" or "held" (a proxy that buffers)."""

    port: int
    stream: str = "ok"
    opened: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope["path"]
        if path.endswith("/stream"):
            self.opened += 1
            if self.stream == "held":
                await asyncio.wait_for(receive(), 60)
                await receive()
                return
            if self.stream == "broken":
                await self._answer(send, 502, b"text/plain", b"")
                return
        if path == "/":
            await self._answer(send, 200, b"text/html", PAGE.encode())
        elif path == "/live_source.js":
            await self._answer(send, 200, b"text/javascript", state["script"])
        else:
            await http.router(self._nothing)(scope, receive, send)

    async def _nothing(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._answer(send, 404, b"text/plain", b"")

    async def _answer(self, send: Send, status: int, kind: bytes, body: bytes) -> None:
        await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", kind)]})
        await send({"type": "http.response.body", "body": body})

    async def cut(self) -> None:
        """Break every stream off."""
        for channel in live.hub()._channels.values():
            for viewer in tuple(channel.viewers):
                viewer.cut()
        await self.until_viewers(0)

    async def until_viewers(self, count: int, within: float = 5.0) -> None:
        async def there() -> bool:
            return live.hub().figures()["viewers"] == count

        await eventually(there, within)


@pytest.fixture
async def house(db: str) -> AsyncIterator[House]:
    state.update(value={"n": 0, "rows": {"01": {"done": 1}}}, script=(ROOT / "assets" / "live_source.js").read_bytes())
    live.topic("test/board", readers=live.PUBLIC, snapshot=read)
    await live.start(live.Limits(beat=1))
    running = House(free_port())
    server = Server(
        running, address="127.0.0.1", port=running.port, interface=Interfaces.ASGINL, log_enabled=False, backpressure=500
    )
    task = asyncio.create_task(server.serve())
    yield running
    await live.stop()
    server.stop()
    await asyncio.wait({task}, timeout=5)
    topics.forget("test/board")


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    chromium = await asyncio.to_thread(find_chromium)
    sandbox = [] if os.geteuid() else ["--no-sandbox"]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=sandbox)
        yield await browser.new_page()
        await browser.close()


async def change(n: int) -> None:
    async with database.transaction() as session:
        state["value"] = {**state["value"], "n": n}
        await live.publish(session, "test/board", {"n": n})


async def shown(page: Page, n: int, status: str, within: float = 10.0) -> dict[str, Any]:
    """Wait until the page shows change `n` with `status`, and return what it shows."""
    last = f"views[0].at(-1)?.n === {n} && views[0].at(-1)._live.status === '{status}'"
    await page.wait_for_function(last, timeout=within * 1000)
    view: dict[str, Any] = await page.evaluate("views[0].at(-1)")
    return view


async def visit(page: Page, house: House) -> None:
    await page.goto(f"http://127.0.0.1:{house.port}/")


async def test_a_change_is_shown_and_two_components_share_one_line(house: House, page: Page) -> None:
    await visit(page, house)
    await shown(page, 0, "live")
    await change(1)
    view = await shown(page, 1, "live")
    assert view["rows"] == {"01": {"done": 1}}
    assert len(view["_live"]["at"].split(":")) == 3
    assert await page.evaluate("views[1].at(-1).n") == 1
    assert (house.opened, live.hub().figures()["viewers"]) == (1, 1)
    await page.evaluate("leave[0]()")
    await change(2)
    await page.wait_for_function("views[1].at(-1).n === 2")
    await page.evaluate("leave[1]()")
    await house.until_viewers(0)


async def test_a_broken_line_resumes_where_it_was(house: House, page: Page) -> None:
    await visit(page, house)
    await shown(page, 0, "live")
    await change(1)
    await shown(page, 1, "live")
    await house.cut()
    await change(2)
    await change(3)
    assert (await shown(page, 3, "live"))["rows"] == {"01": {"done": 1}}


async def test_goodbye_at_a_restart_brings_the_page_back(house: House, page: Page) -> None:
    await visit(page, house)
    await shown(page, 0, "live")
    await live.start(live.Limits(beat=1))
    await change(1)
    await shown(page, 1, "live")


@pytest.mark.parametrize("fault", ["broken", "held"])
async def test_where_streams_do_not_come_through_the_page_polls(house: House, page: Page, fault: str) -> None:
    house.stream = fault
    await visit(page, house)
    await shown(page, 0, "polling")
    await change(1)
    await shown(page, 1, "polling", within=12)


async def test_a_polling_page_returns_to_the_stream(house: House, page: Page) -> None:
    await page.clock.install()
    house.stream = "broken"
    await visit(page, house)
    await shown(page, 0, "polling")
    house.stream = "ok"
    for _ in range(12):
        await page.clock.run_for(4_000)
        await asyncio.sleep(0.1)
    await change(1)
    await shown(page, 1, "live")


async def test_without_a_line_the_page_says_that_figures_may_be_old(house: House, page: Page) -> None:
    await visit(page, house)
    await shown(page, 0, "live")
    await page.context.set_offline(True)
    await house.cut()
    await shown(page, 0, "stale", within=15)
    await change(1)
    await page.context.set_offline(False)
    await shown(page, 1, "live")


async def test_a_hidden_page_lets_go_and_catches_up(house: House, page: Page) -> None:
    await page.clock.install()
    await visit(page, house)
    await shown(page, 0, "live")
    hide = """hidden => {
      Object.defineProperty(document, "visibilityState", {get: () => hidden ? "hidden" : "visible", configurable: true});
      document.dispatchEvent(new Event("visibilitychange"));
    }"""
    await page.evaluate(hide, True)
    await page.clock.run_for(30_000)
    await house.until_viewers(1)
    await page.clock.run_for(31_000)
    await house.until_viewers(0)
    await change(1)
    await asyncio.sleep(0.3)
    assert await page.evaluate("views[0].at(-1).n") == 0
    await page.evaluate(hide, False)
    await shown(page, 1, "live")


async def test_a_topic_one_may_not_read_is_not_asked_for_over_and_over(house: House, page: Page) -> None:
    topics.forget("test/board")
    await page.clock.install()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/live/" in request.url else None)
    await visit(page, house)
    for _ in range(10):
        await page.clock.run_for(2_000)
        await asyncio.sleep(0.05)
    live.topic("test/board", readers=live.PUBLIC, snapshot=read)
    assert 2 <= len(asked) <= 5


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["", "đ"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=8,
)
patches = st.dictionaries(st.sampled_from("abc"), values, max_size=3)


async def test_the_browser_merges_as_the_server_does(house: House, page: Page) -> None:
    pairs: list[tuple[Any, Any]] = []

    @examples(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None)
    @given(patches, patches)
    def collect(target: Any, patch: Any) -> None:
        pairs.append((target, patch))

    await asyncio.to_thread(collect)
    await visit(page, house)
    await page.wait_for_function("window.source")
    # As text both ways: how undefined or a missing key travels is not to blur the comparison.
    got = await page.evaluate("pairs => JSON.parse(pairs).map(([a, b]) => JSON.stringify(source.merge(a, b)))", json.dumps(pairs))
    assert [json.loads(text) for text in got] == [merge(*pair) for pair in pairs]
    assert await page.evaluate("""source.merge({}, JSON.parse('{"__proto__": {"bad": 1}}')).bad === undefined""")
    assert await page.evaluate("source.clock(Date.parse('2026-11-24T02:41:07.123+00:00'))") == "09:41:07"
