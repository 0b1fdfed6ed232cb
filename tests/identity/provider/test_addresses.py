"""Which addresses may be registered, and that each refusal says what is wrong."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app.identity.provider import addresses, text
from mattranso_app.settings import settings

GOOD = [
    "https://motcua.hue.gov.vn/nhan", "https://motcua.hue.gov.vn", "https://hue.example:8443/nhan?kenh=1", "https://10.1.2.3/nhan",
]
BAD = {
    "": text.ADDRESS_SCHEME,
    "hue.example/nhan": text.ADDRESS_SCHEME,
    "htps://hue.example/nhan": text.ADDRESS_SCHEME,
    "https:/hue.example/nhan": text.ADDRESS_SCHEME,
    "https//hue.example/nhan": text.ADDRESS_SCHEME,
    "HTTPS://hue.example/nhan": text.ADDRESS_SCHEME,
    "httpss://hue.example/nhan": text.ADDRESS_SCHEME,
    "https://": text.ADDRESS_SCHEME,
    "ftp://hue.example/nhan": text.ADDRESS_SCHEME,
    "javascript://hue.example/%0aalert(1)": text.ADDRESS_SCHEME,
    "myapp://nhan": text.ADDRESS_SCHEME,
    "http://hue.example/nhan": text.ADDRESS_HTTP,
    "http://192.168.1.2/nhan": text.ADDRESS_HTTP,
    "http://localhost.hue.example/nhan": text.ADDRESS_HTTP,
    "https://hue.example/nhan#x": text.ADDRESS_FRAGMENT,
    "https://hue.example/nhan#": text.ADDRESS_FRAGMENT,
    "https://*.hue.example/nhan": text.ADDRESS_WILDCARD,
    "https://hue.example/*": text.ADDRESS_WILDCARD,
    "https://lan:mat-khau@hue.example/nhan": text.ADDRESS_USER,
    "https://hue.example@ke-gian.example/nhan": text.ADDRESS_USER,
    "https://hue.example:0/nhan": text.ADDRESS_HOST,
    "https://hue.example:/nhan": text.ADDRESS_HOST,
    "https://hue.example:99999/nhan": text.ADDRESS_HOST,
    "https://hue.example:cong/nhan": text.ADDRESS_HOST,
    "https://hue..example/nhan": text.ADDRESS_HOST,
    "https://-hue.example/nhan": text.ADDRESS_HOST,
    "https://Hue.example/nhan": text.ADDRESS_HOST,
    "https://hue/nhan": text.ADDRESS_HOST,
    "https:///nhan": text.ADDRESS_HOST,
    "https://[::1]/nhan": text.ADDRESS_HOST,
    "https://hue.example/a/../nhan": text.ADDRESS_DOTS,
    "https://hue.example/./nhan": text.ADDRESS_DOTS,
    "https://hue.example/nhận": text.ADDRESS_LETTERS,
    "https://hue.example/ nhan": text.ADDRESS_LETTERS,
    "https://hue.example\\nhan": text.ADDRESS_LETTERS,
    'https://hue.example/"nhan': text.ADDRESS_LETTERS,
    "https://hue.example/nhan\0": text.ADDRESS_LETTERS,
    f"https://hue.example/{'a' * 500}": text.ADDRESS_LONG,
}


@pytest.mark.parametrize("address", GOOD)
def test_good(address: str) -> None:
    assert addresses.fault_of(address) == ""


@pytest.mark.parametrize("address", BAD)
def test_each_fault_is_named(address: str) -> None:
    assert addresses.fault_of(address) == BAD[address].format(address=address[:100])


@pytest.mark.parametrize("address", ["http://localhost:4000/nhan", "http://127.0.0.1:4000/nhan"])
def test_an_address_of_this_machine_is_for_demonstrations(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    assert addresses.fault_of(address) == ""
    monkeypatch.setattr(settings(), "env", "production")
    assert addresses.fault_of(address) == text.ADDRESS_HTTP.format(address=address)
    assert addresses.fault_of("http://hue.example/nhan") == text.ADDRESS_HTTP.format(address="http://hue.example/nhan")


@given(st.text(max_size=60))
def test_whatever_is_typed_gets_an_answer(typed: str) -> None:
    """No address a browser could read in two ways gets through: what is good is https, one host, nothing odd."""
    for address in (typed, f"https://{typed}", f"https://hue.example{typed}"):
        if not addresses.fault_of(address):
            assert address.startswith("https://") and address.isascii() and not set(address) & set("#*@\\ ")
