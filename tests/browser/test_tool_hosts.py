"""Hosts of the tools' own in Chromium, over real TLS without a proxy, on a domain of two labels."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Browser, Page, expect

from mattranso_app.bench import running
from mattranso_app.chromium import find_chromium
from mattranso_app.identity import text as account_text
from mattranso_app.portal import text as portal_text
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


@pytest.fixture
def domain(tmp_path: Path) -> Iterator[running.Platform]:
    """The platform alone, speaking TLS for the domain and the hosts of its tools."""
    public, private = certificate(tmp_path)
    wanted = {"MTS_DOMAIN": DOMAIN, "MTS_TOOL_HOSTS": "on", "MTS_TLS_CERTIFICATE": str(public), "MTS_TLS_KEY": str(private)}
    with running.running(tmp_path / "platform", wanted) as started:
        yield started


def kind(page: Page) -> str:
    """Return who the page's own host says is there."""
    found: str = page.evaluate("fetch('/api/v1/me').then(answer => answer.json()).then(me => me.kind)")
    return found


def test_one_session_opens_all_hosts_and_ends_at_all(domain: running.Platform, browser: Browser) -> None:
    rules = f"--host-resolver-rules=MAP {DOMAIN} 127.0.0.1, MAP *.{DOMAIN} 127.0.0.1"
    chromium = browser.browser_type.launch(executable_path=find_chromium(), args=["--no-sandbox", rules])
    try:
        context = chromium.new_context(viewport={"width": 1280, "height": 860}, locale="vi-VN", ignore_https_errors=True)
        page = context.new_page()
        portal = f"https://{DOMAIN}:{domain.port}"
        page.goto(f"{portal}/dang-nhap")
        page.locator("input[name=user_name]").fill("phuxuan.xuly")
        page.locator("input[name=password]").fill(domain.accounts()["phuxuan.xuly"])
        page.locator("form[action='/dang-nhap/can-bo'] button[type=submit]").click()
        page.wait_for_url(f"{portal}/")
        session = next(cookie for cookie in context.cookies() if cookie["name"].endswith("mts_session"))
        assert (session["name"], session["domain"], session["secure"]) == ("__Secure-mts_session", f".{DOMAIN}", True)

        tabs = {}
        for name in TOOLS:
            tabs[name] = tab = context.new_page()
            own = f"https://{name}.{DOMAIN}:{domain.port}"
            tab.goto(f"{own}/")
            if name == "pakn":
                assert tab.url == f"{own}/phan-anh"
                tab.goto(f"{own}{DESK}")
                expect(tab.locator("h1")).to_be_visible()
            else:
                assert tab.url == f"{own}/"
                expect(tab.get_by_role("heading", name=portal_text.YOUR_DESK)).to_be_visible()  # comes by the socket, signed in
            assert kind(tab) == "officer", name

        tabs["csdl"].goto(f"https://csdl.{DOMAIN}:{domain.port}/tai-khoan")
        tabs["csdl"].locator("form[action='/dang-xuat'] button").first.click()
        tabs["csdl"].wait_for_url(f"https://csdl.{DOMAIN}:{domain.port}/")
        tabs["pakn"].wait_for_url(lambda address: address.startswith(f"https://pakn.{DOMAIN}:{domain.port}/dang-nhap"), timeout=5_000)
        for name, tab in tabs.items():
            assert kind(tab) == "anonymous", name
        assert kind(page) == "anonymous"
        assert not [cookie for cookie in context.cookies() if cookie["name"].endswith("mts_session")]

        page.goto(f"https://www.{DOMAIN}:{domain.port}/")
        expect(page.get_by_text(account_text.FOREIGN_HOST)).to_be_visible()
    finally:
        chromium.close()
