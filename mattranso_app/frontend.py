"""Building the front end once per change of its sources, and making the result independent of host and port.

Reflex compiles the pages to React, bun (from its wheel) bundles them. What we add after the build: the socket's address
becomes the page's own origin, and the list of files that the service worker keeps for offline use is written.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import brotli

from mattranso_app.settings import ROOT

CLIENT = ROOT / ".web" / "build" / "client"
_STAMP = ROOT / ".web" / "build" / "sources.sha256"

_SOURCES = ("mattranso_app/**/*.py", "mattranso_app/**/*.js", "assets/**/*", "rxconfig.py", "requirements.lock", "reflex.lock/*")

OFFLINE_ROUTES = ("/phan-anh/gui",)
"""Pages that open without network once visited; their scripts are listed for the service worker."""

OFFLINE_PATTERNS = ("csdl/nhap/:bieu/:ky/:to_chuc/:don_vi",)
"""The same for pages of many addresses, as React Router's manifest names them; assets/sw.js knows by which beginning."""

_ANY_ADDRESS = "/__spa-fallback.html"
"""The built page without content that is served at every address of a pattern."""


class BuildFailed(Exception):
    """The front end could not be built; the message is the builder's own output."""


def sources_digest() -> str:
    """Return the SHA-256 of everything the built front end depends on."""
    digest = hashlib.sha256()
    for pattern in _SOURCES:
        for path in sorted(ROOT.glob(pattern)):
            if path.is_file() and "assets/external" not in path.as_posix():
                digest.update(f"{path.relative_to(ROOT)}\0".encode())
                digest.update(path.read_bytes())
    return digest.hexdigest()


def is_built() -> bool:
    """Return whether the built front end matches the sources."""
    return _STAMP.is_file() and (CLIENT / "index.html").is_file() and _STAMP.read_text() == sources_digest()


def build() -> None:
    """Build the front end; blocking, about ten seconds.

    Raises:
        BuildFailed: the compiler or the bundler stopped.
    """
    digest = sources_digest()
    _STAMP.unlink(missing_ok=True)
    # Reflex copies an asset only when its date is newer than the copy's; files from an archive may be older and yet new.
    shutil.rmtree(ROOT / ".web" / "public", ignore_errors=True)
    environment = {**os.environ, "REFLEX_TELEMETRY_ENABLED": "false"}
    # Reflex otherwise measures several registries, one of them abroad, before it installs.
    environment.setdefault("NPM_CONFIG_REGISTRY", _npm_registry())
    result = subprocess.run(
        [sys.executable, "-m", "reflex", "export", "--frontend-only", "--no-zip", "--env", "prod"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )
    if result.returncode != 0 or not (CLIENT / "index.html").is_file():
        raise BuildFailed((result.stdout + result.stderr)[-6000:])
    _use_own_origin()
    _write_offline_manifest(digest)
    _STAMP.write_text(digest)


def _npm_registry() -> str:
    npm = shutil.which("npm")
    if npm:
        found = subprocess.run([npm, "config", "get", "registry"], capture_output=True, text=True, check=False).stdout.strip()
        if found.startswith("https://"):
            return found
    return "https://registry.npmjs.org"


def _use_own_origin() -> None:
    """Let the socket use the origin the page came from: any port, any of our host names, no rebuild."""
    chunks = list((CLIENT / "assets").glob("reflex-env-*.js"))
    if len(chunks) != 1:
        raise BuildFailed(f"expected one reflex-env chunk, found {len(chunks)}: Reflex has changed its build")
    chunk = chunks[0]
    source = chunk.read_text()
    rewritten, count = re.subn(
        r"`(ws|http)://[^/`]+(/[^`]*)`",
        lambda match: f"(mts{'.replace(/^http/,`ws`)' if match[1] == 'ws' else ''}+`{match[2]}`)",
        source,
    )
    if count < 2:
        raise BuildFailed("the reflex-env chunk holds no addresses: Reflex has changed its build")
    _write_with_siblings(chunk, "const mts=typeof location>`u`?`http://localhost`:location.origin;" + rewritten)


def _write_offline_manifest(version: str) -> None:
    files: set[str] = set()
    for route in OFFLINE_ROUTES:
        page = CLIENT / f"{route.strip('/')}.html"
        if page.is_file():
            files.add(route)
            files |= _linked(page.read_text())
    files |= {_ANY_ADDRESS, *_linked((CLIENT / _ANY_ADDRESS.lstrip("/")).read_text())}
    for pattern in OFFLINE_PATTERNS:
        files |= _pattern_files(pattern)
    files |= {f"/{path.relative_to(CLIENT).as_posix()}" for path in CLIENT.glob("assets/external/**/*.js")}
    files |= {f"/{path.relative_to(CLIENT).as_posix()}" for path in CLIENT.glob("fonts/*.woff2")}
    _write_with_siblings(CLIENT / "sw-manifest.json", json.dumps({"version": version[:16], "files": sorted(files)}))


def _linked(page: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="(/[^"]+\.(?:js|css|woff2|svg|webmanifest))"', page))


def _pattern_files(pattern: str) -> set[str]:
    """Return the scripts and styles of a route, with all that its scripts import at once."""
    (source,) = (CLIENT / "assets").glob("manifest-*.js")
    routes = json.loads(source.read_text().removeprefix("window.__reactRouterManifest=").rstrip().rstrip(";"))["routes"]
    route = next((route for route in routes.values() if route.get("path") == pattern), None)
    if route is None:
        raise BuildFailed(f"no route {pattern} in React Router's manifest")
    waiting, files = [route["module"], *route["imports"]], set(route["css"])
    while waiting:
        name = waiting.pop()
        files.add(name)
        imported = re.findall(r"""(?:from|import)\s*["'`]\./([^"'`]+\.js)["'`]""", (CLIENT / name.lstrip("/")).read_text())
        waiting += {f"/assets/{each}" for each in imported} - files
    return files


def _write_with_siblings(path: Path, text: str) -> None:
    """Write `text` and its compressed siblings, which the static file server prefers."""
    data = text.encode()
    path.write_bytes(data)
    path.with_name(path.name + ".gz").write_bytes(gzip.compress(data, 9, mtime=0))
    path.with_name(path.name + ".br").write_bytes(brotli.compress(data))


def inline_script_hashes() -> tuple[str, ...]:
    """Return the CSP source expressions (`'sha256-…'`) of every inline script in the built pages."""
    found: set[str] = set()
    for page in CLIENT.glob("**/*.html"):
        for body in re.findall(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", page.read_text(), re.S):
            found.add(f"'sha256-{b64encode(hashlib.sha256(body.encode()).digest()).decode()}'")
    return tuple(sorted(found))
