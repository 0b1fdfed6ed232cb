"""Per-item heads in the page shell: escaped, complete, and 404 for what does not exist."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest
from starlette.responses import FileResponse, HTMLResponse
from starlette.types import Receive, Scope, Send

from mattranso_app.core import page_head
from mattranso_app.core.page_head import First, Head, insert

SHELL = '<!DOCTYPE html><html><head><title>Chung</title><meta name="description" content="chung"/></head><body>x</body></html>'


@pytest.fixture(autouse=True)
def _makers() -> Iterator[None]:
    kept = list(page_head._makers)

    @page_head.page_head("/viec/{number}")
    async def head(params: dict[str, str]) -> Head | None:
        return None if params["number"] == "khong" else Head(f"Việc {params['number']}", "mô tả", json_ld={"@type": "Question"})

    yield
    page_head._makers[:] = kept


async def shell(scope: Scope, receive: Receive, send: Send) -> None:
    await HTMLResponse(SHELL)(scope, receive, send)


def client(app: object = None) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(page_head.page_heads(app or shell)), base_url="http://test")  # type: ignore[arg-type]


async def test_the_item_names_the_page() -> None:
    async with client() as browser:
        answer = await browser.get("/viec/12")
    assert answer.text.count("<title>") == 1
    assert "<title>Việc 12</title>" in answer.text
    assert '"@type": "Question"' in answer.text
    assert int(answer.headers["content-length"]) == len(answer.content)


async def test_an_unknown_item_is_not_found_but_shows_the_page() -> None:
    async with client() as browser:
        answer = await browser.get("/viec/khong")
    assert answer.status_code == 404
    assert answer.text == SHELL


async def test_other_pages_pass_untouched() -> None:
    async with client() as browser:
        assert (await browser.get("/")).text == SHELL
        assert (await browser.post("/viec/12")).text == SHELL


async def test_files_sent_by_the_server_itself_are_rewritten_too(tmp_path) -> None:  # type: ignore[no-untyped-def]
    page = tmp_path / "shell.html"
    page.write_text(SHELL)
    asked: list[dict[str, object]] = []

    async def file_app(scope: Scope, receive: Receive, send: Send) -> None:
        asked.append(scope["extensions"])
        await FileResponse(page)(scope, receive, send)

    async with client(file_app) as browser:
        answer = await browser.get("/viec/12", headers={"range": "bytes=0-3", "if-none-match": "x"})
    assert "Việc 12" in answer.text
    assert asked == [{}]


def test_nothing_breaks_out_of_the_head() -> None:
    hostile = '</title><script>alert(1)</script>"'
    page = insert(SHELL, Head(hostile, hostile, canonical=hostile, json_ld={"name": hostile}))
    assert "<script>alert" not in page
    assert "\\u003c/title" in page


def test_the_item_itself_comes_before_the_scripts_and_nothing_breaks_out_of_its_value() -> None:
    hostile = "</script><script>alert(1)</script>"
    page = insert(SHELL, Head("Việc", first=First("viec/12", {"body": hostile}, "<p>Việc mười hai</p>")))
    assert '<body><div id="first-view"><p>Việc mười hai</p><script type="application/json">' in page
    assert "<script>alert" not in page
    value = json.loads(page.split('<script type="application/json">')[1].split("</script>")[0])
    assert value["topic"] == "viec/12"
    assert value["data"] == {"body": hostile}


def test_without_an_item_the_body_stays_as_it_is() -> None:
    assert insert(SHELL, Head("Việc")).endswith("<body>x</body></html>")
