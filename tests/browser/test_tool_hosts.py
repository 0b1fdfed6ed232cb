"""Hosts of the tools' own in Chromium, over real TLS, alone and behind nginx, on a domain of two labels."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Error, Page, expect

from mattranso_app.bench import running
from mattranso_app.chromium import find_chromium
from mattranso_app.identity import text as account_text
from mattranso_app.portal import text as portal_text
from mattranso_app.settings import ROOT
from tests.browser.officers import DESK

DOMAIN = "mattran.test"
TOOLS = ("pakn", "csdl", "thuvien", "sotay", "daihoi")


def certificate(folder: Path) -> tuple[Path, Path]:
    """Make a key and a certificate of its own for the domain and what lies below it; return their PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, DOMAIN)])
    day = timedelta(days=1)
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.DNSName(DOMAIN), x509.DNSName(f"*.{DOMAIN}")])
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now - day, now + 2 * day)
    pem = serialization.Encoding.PEM
    paths = folder / "portal.crt", folder / "portal.key"
    paths[0].write_bytes(made.add_extension(names, critical=False).sign(key, hashes.SHA256()).public_bytes(pem))
    paths[1].write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    return paths


def nginx_configuration(folder: Path, public: Path, private: Path, port: int, behind: int) -> Path:
    """Write what nginx is told in production, on ports and paths of this test; return the file.

    Args:
        port: where it speaks TLS.
        behind: where the platform listens.
    """
    rules = (ROOT / "deploy" / "nginx.conf.template").read_text()
    for there, here in (
        ("${MTS_DOMAIN}", DOMAIN), ("web:8000", f"127.0.0.1:{behind}"), ("listen 443 ssl", f"listen 127.0.0.1:{port} ssl http2"),
        ("listen 80", f"listen 127.0.0.1:{running.free_port()}"), ("/etc/nginx/tls/portal.crt", str(public)),
        ("/etc/nginx/tls/portal.key", str(private)), ("/tmp/live", str(folder / "live")),
        ("    http2 on;\n", ""),  # nginx below 1.25.1 says it at listen only
    ):
        assert there in rules, there
        rules = rules.replace(there, here)
    user = "user root;" if os.geteuid() == 0 else ""
    kinds = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    file = folder / "nginx.conf"
    file.write_text(f"{user} daemon off; pid {folder}/nginx.pid; events {{}}\nhttp {{ access_log off; {kinds}\n{rules}\n}}\n")
    return file


@contextmanager
def nginx(configuration: Path, port: int) -> Iterator[None]:
    """Run nginx until the block ends."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    assert Path(program).is_file(), "install nginx (system-packages.txt)"
    log = configuration.with_suffix(".log")
    process = subprocess.Popen([program, "-e", str(log), "-c", str(configuration)])
    try:
        until = time.monotonic() + 10
        while process.poll() is None and time.monotonic() < until:
            with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        assert process.poll() is None, log.read_text()
        yield
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(params=["alone", "behind nginx"])
def domain(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, dict[str, str]]]:
    """The platform over TLS for the domain and the hosts of its tools: the port people use, and the demonstration's accounts."""
    public, private = certificate(tmp_path)
    wanted = {"MTS_DOMAIN": DOMAIN, "MTS_TOOL_HOSTS": "on"}
    if request.param == "alone":
        wanted |= {"MTS_TLS_CERTIFICATE": str(public), "MTS_TLS_KEY": str(private)}
        with running.running(tmp_path / "platform", wanted) as started:
            yield started.port, started.accounts()
        return
    port = running.free_port()
    wanted |= {"MTS_PUBLIC_ORIGINS": f"https://{DOMAIN}:{port}", "MTS_TRUSTED_PROXY_HOPS": "1"}
    with (
        running.running(tmp_path / "platform", wanted) as started,
        nginx(nginx_configuration(tmp_path, public, private, port, started.port), port),
    ):
        yield port, started.accounts()


def kind(page: Page) -> str:
    """Return who the page's own host says is there."""
    found: str = page.evaluate("fetch('/api/v1/me').then(answer => answer.json()).then(me => me.kind)")
    return found


def test_one_session_opens_all_hosts_and_ends_at_all(domain: tuple[int, dict[str, str]], browser: Browser) -> None:
    port, accounts = domain
    rules = f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1, MAP *.{DOMAIN} 127.0.0.1, MAP evil.test 127.0.0.1"
    chromium = browser.browser_type.launch(executable_path=find_chromium(), args=["--no-sandbox", rules])
    try:
        context = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="vi-VN", ignore_https_errors=True)
        page = context.new_page()
        portal = f"https://{DOMAIN}:{port}"
        page.goto(f"{portal}/dang-nhap")
        page.locator("input[name=user_name]").fill("phuxuan.xuly")
        page.locator("input[name=password]").fill(accounts["phuxuan.xuly"])
        page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click()
        page.wait_for_url(f"{portal}/")
        session = next(cookie for cookie in context.cookies() if cookie["name"].endswith("mts_session"))
        assert (session["name"], session["domain"], session["secure"]) == ("__Secure-mts_session", f".{DOMAIN}", True)

        tabs = {}
        for name in TOOLS:
            tabs[name] = tab = context.new_page()
            own = f"https://{name}.{DOMAIN}:{port}"
            tab.goto(f"{own}/")
            if name == "pakn":
                assert tab.url == f"{own}/phan-anh"
                tab.goto(f"{own}{DESK}")
                expect(tab.locator("h1")).to_be_visible()
            else:
                assert tab.url == f"{own}/"
                expect(tab.get_by_role("heading", name=portal_text.YOUR_DESK)).to_be_visible()  # comes by the socket, signed in
            assert kind(tab) == "officer", name

        tabs["csdl"].goto(f"https://csdl.{DOMAIN}:{port}/tai-khoan")
        tabs["csdl"].locator("form[action='/dang-xuat'] button").first.click()
        tabs["csdl"].wait_for_url(f"https://csdl.{DOMAIN}:{port}/")
        tabs["pakn"].wait_for_url(lambda address: address.startswith(f"https://pakn.{DOMAIN}:{port}/dang-nhap"), timeout=5_000)
        for name, tab in tabs.items():
            assert kind(tab) == "anonymous", name
        assert kind(page) == "anonymous"
        assert not [cookie for cookie in context.cookies() if cookie["name"].endswith("mts_session")]

        page.goto(f"https://www.{DOMAIN}:{port}/")
        expect(page.get_by_text(account_text.FOREIGN_HOST)).to_be_visible()
        refused = None
        with suppress(Error):  # nginx does not even shake hands
            refused = page.goto(f"https://evil.test:{port}/")
        assert refused is None or refused.status == 400
    finally:
        chromium.close()
