"""How many bytes of script and style each page may load: counted in the built files as they are sent (brotli), not timed.

Counted is what a first opening needs: the chunks that the route's entry in React Router's manifest names, whatever they
import in turn, and the stylesheets and preloaded modules of the built page. What is imported lazily is not.
"""

from __future__ import annotations

import json
import re
from functools import cache

import pytest

from mattranso_app.frontend import CLIENT

BUDGETS = {
    "/": 152, "/phan-anh": 154, "/phan-anh/gui": 162, "/phan-anh/:number": 152, "/phan-anh/theo-doi": 155, "/phan-anh/ban-lam-viec": 162,
    "/dang-nhap": 149, "/dang-nhap/ma": 149, "/dang-nhap/lan-dau": 149, "/tai-khoan": 149, "/trinh-dien/tin-nhan": 149,
    "/tai-khoan/can-bo": 158, "/csdl/bieu/soan": 162, "/csdl/nhap/:bieu/:ky/:to_chuc/:don_vi": 161,
}  # fmt: skip
"""Kilobytes (1,000 bytes) by route. Home and form have a bar of 200 as sent: with headers, and in gzip where there is no TLS."""
ANY_OTHER = 157
"""Kilobytes of a page that has no line of its own above. Each page of the app adds its name to what all others load."""

_STATIC_IMPORT = re.compile(r"""(?:from|import)\s*["'`](\./[^"'`]+\.js)["'`]""")


@cache
def manifest() -> dict[str, dict[str, object]]:
    """React Router's routes by their address."""
    (source,) = (CLIENT / "assets").glob("manifest-*.js")
    document = json.loads(source.read_text().removeprefix("window.__reactRouterManifest=").rstrip().rstrip(";"))
    routes = document["routes"]
    shared = [document["entry"], routes["root"]]
    found: dict[str, dict[str, object]] = {}
    for name, route in routes.items():
        if name == "root" or route.get("path") == "*":
            continue
        modules = [part["module"] for part in (*shared, route)] + [file for part in (*shared, route) for file in part["imports"]]
        sheets = [file for part in (*shared, route) for file in part["css"]]
        found[f"/{route.get('path') or ''}".rstrip("/") or "/"] = {"modules": [*modules, f"/assets/{source.name}"], "sheets": sheets}
    return found


@cache
def static_imports(name: str) -> frozenset[str]:
    """The chunks that a chunk imports as soon as it is loaded."""
    return frozenset(f"/assets/{found[2:]}" for found in _STATIC_IMPORT.findall((CLIENT / name.lstrip("/")).read_text()))


def page_files(route: str) -> set[str]:
    """What the built page itself preloads; a page for any number is served from the shell without content."""
    page = CLIENT / ("index.html" if route == "/" else f"{route.lstrip('/')}.html")
    if not page.is_file():
        page = CLIENT / "__spa-fallback.html"
    return set(re.findall(r'href="(/assets/[^"]+\.(?:js|css))"', page.read_text()))


def files_of(route: str) -> set[str]:
    entry = manifest()[route]
    waiting = {*map(str, entry["modules"]), *map(str, entry["sheets"]), *page_files(route)}  # type: ignore[call-overload]
    files: set[str] = set()
    while waiting:
        name = waiting.pop()
        files.add(name)
        if name.endswith(".js"):
            waiting |= static_imports(name) - files
    return files


def sent_kilobytes(route: str) -> float:
    total = 0
    for name in files_of(route):
        path = CLIENT / name.lstrip("/")
        small = path.with_name(path.name + ".br")
        total += (small if small.is_file() else path).stat().st_size
    return total / 1000


def test_every_budgeted_page_is_built() -> None:
    assert BUDGETS.keys() - manifest().keys() == set()


def test_what_is_counted_is_what_a_page_needs() -> None:
    names = {re.sub(r"-.{8}\.(js|css)$", "", name.rpartition("/")[2]) for name in files_of("/phan-anh/gui")}
    assert {"entry.client", "root", "common", "_phan-anh_._gui_._index", "unit_picker", "manifest"} <= names
    assert "_phan-anh_._ban-lam-viec_._index" not in names
    assert any(name.endswith(".css") for name in files_of("/"))


@pytest.mark.parametrize("route", sorted(manifest() if CLIENT.is_dir() else BUDGETS))
def test_a_page_keeps_its_budget(route: str) -> None:
    budget = BUDGETS.get(route, ANY_OTHER)
    sent = sent_kilobytes(route)
    assert sent <= budget, f"{route} loads {sent:.1f} KB of scripts and styles, its budget is {budget} KB"


def test_every_script_and_style_has_a_compressed_sibling() -> None:
    bare = [
        path.name
        for pattern in ("*.js", "*.css")
        for path in (CLIENT / "assets").glob(pattern)
        if path.stat().st_size > 1_000 and not path.with_name(path.name + ".br").is_file()
    ]
    assert bare == []
