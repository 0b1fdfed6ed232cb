"""Keys, hashes of tokens, receipts and sealed personal data."""

from __future__ import annotations

import re
import stat
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mattranso_app import settings as settings_module
from mattranso_app.core import secrets

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


@pytest.fixture
def fresh_settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """Settings that are read again after each change of the environment."""
    settings_module.settings.cache_clear()
    yield monkeypatch
    monkeypatch.undo()
    settings_module.settings.cache_clear()


def use_key(patch: pytest.MonkeyPatch, current: str, previous: str = "") -> None:
    patch.setenv("MTS_SECRET_KEY", current)
    patch.setenv("MTS_SECRET_KEYS_PREVIOUS", previous)
    settings_module.settings.cache_clear()


@given(st.text(min_size=1, max_size=200))
def test_receipt_is_the_same_for_the_same_key_and_survives_typing(client_key: str) -> None:
    receipt = secrets.derive_receipt(client_key)
    assert re.fullmatch(f"([{ALPHABET}]{{4}}-){{3}}[{ALPHABET}]{{4}}", receipt)
    assert secrets.derive_receipt(client_key) == receipt
    assert secrets.normalise_receipt(receipt) == receipt
    assert secrets.hash_receipt(receipt) in secrets.receipt_hashes(receipt)


@given(st.integers(0, 2**80 - 1), st.randoms(use_true_random=False))
def test_receipt_typed_badly_is_understood(bits: int, random) -> None:  # type: ignore[no-untyped-def]
    signs = "".join(ALPHABET[bits >> shift & 31] for shift in range(75, -5, -5))
    right = "-".join(signs[i : i + 4] for i in (0, 4, 8, 12))
    lookalikes = {"0": "oO０", "1": "iIlL"}
    typed = "".join(
        random.choice([sign, sign.lower(), *lookalikes.get(sign, "")]) + random.choice(["", "", " ", "-", "–", "\u00a0"])
        for sign in signs
    )
    assert secrets.normalise_receipt(typed) == right


@given(st.text(max_size=150))
def test_what_is_no_receipt_is_none(typed: str) -> None:
    found = secrets.normalise_receipt(typed)
    assert found is None or secrets.normalise_receipt(found) == found


@pytest.mark.parametrize(
    "typed", ["", "7K2M-94QX-0B3D", "7K2M-94QX-0B3D-HNRTU", "7K2M-94QX-0B3D-HNRU", "ĐKKK-0000-0000-0000", "0" * 5000]
)
def test_wrong_length_or_letters_are_no_receipt(typed: str) -> None:
    assert secrets.normalise_receipt(typed) is None


def test_receipts_use_all_their_bits() -> None:
    receipts = {secrets.derive_receipt(f"key {number}") for number in range(3000)}
    assert len(receipts) == 3000
    for place in range(16):
        seen = {receipt.replace("-", "")[place] for receipt in receipts}
        assert len(seen) == 32


@given(st.text(max_size=300), st.text(max_size=300))
def test_hashes_differ_by_token_and_purpose(one: str, other: str) -> None:
    same = unicodedata.normalize("NFC", one) == unicodedata.normalize("NFC", other)
    assert len(secrets.hash_token(one)) == 32
    assert (secrets.hash_token(one) == secrets.hash_token(other)) == same
    assert secrets.hash_token(one, "session") != secrets.hash_token(one, "code")


def test_tokens_and_codes() -> None:
    tokens = {secrets.new_token() for _ in range(1000)}
    assert len(tokens) == 1000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)
    assert len(secrets.new_token(128)) == 22
    codes = [secrets.new_code() for _ in range(1000)]
    assert all(re.fullmatch(r"\d{6}", code) for code in codes)
    assert len(set(codes)) > 900


def test_same_compares_text_and_bytes() -> None:
    assert secrets.same("mã đúng", "mã đúng")
    assert not secrets.same("mã đúng", "mã sai")
    assert not secrets.same("a", "a" * 1000)
    assert not secrets.same(b"\x00", "\udc00")


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=300))
def test_sealed_comes_back(plain: str) -> None:
    sealed = secrets.seal(plain, "contact")
    assert secrets.unseal(sealed, "contact") == plain
    assert secrets.seal(plain, "contact") != sealed
    with pytest.raises(secrets.SealBroken):
        secrets.unseal(sealed, "another purpose")


@given(st.integers(0), st.integers(1, 255))
def test_one_changed_byte_breaks_the_seal(place: int, difference: int) -> None:
    sealed = bytearray(secrets.seal("0912 345 678", "contact"))
    sealed[place % len(sealed)] ^= difference
    with pytest.raises(secrets.SealBroken):
        secrets.unseal(bytes(sealed), "contact")


@given(st.binary(max_size=60))
def test_rubbish_is_not_unsealed(rubbish: bytes) -> None:
    with pytest.raises(secrets.SealBroken):
        secrets.unseal(rubbish, "contact")


def test_changing_the_root_key_keeps_what_it_made(fresh_settings: pytest.MonkeyPatch) -> None:
    use_key(fresh_settings, "first-key-0123456789-0123456789-0123")
    sealed = secrets.seal("0912345678", "contact")
    receipt = secrets.derive_receipt("client key")
    stored = secrets.hash_receipt(receipt)

    use_key(fresh_settings, "second-key-0123456789-0123456789-0123", "first-key-0123456789-0123456789-0123")
    assert secrets.unseal(sealed, "contact") == "0912345678"
    assert stored in secrets.receipt_hashes(receipt)
    assert secrets.derive_receipt("client key", stored) == receipt
    assert secrets.derive_receipt("client key") != receipt
    assert len(secrets.key_ids()) == 2

    use_key(fresh_settings, "second-key-0123456789-0123456789-0123")
    with pytest.raises(secrets.SealBroken, match="root key"):
        secrets.unseal(sealed, "contact")


def test_keys_differ_by_purpose_and_have_the_asked_size() -> None:
    assert secrets.key("csrf") != secrets.key("other")
    assert secrets.key("csrf") == secrets.key("csrf")
    assert len(secrets.key("csrf", 64)) == 64


def test_demonstration_keeps_one_key_for_its_owner_only(fresh_settings: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fresh_settings.setenv("MTS_DATA_DIR", str(tmp_path / "var"))
    use_key(fresh_settings, "")
    script = "from mattranso_app.core import secrets; print(secrets.key('x').hex())"
    runs = [subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) for _ in range(4)]
    keys = {run.communicate()[0].strip() for run in runs}
    secrets.ensure_secret_key()
    keys.add(secrets.key("x").hex())
    assert len(keys) == 1
    kept = tmp_path / "var" / secrets.KEY_FILE
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert len(kept.read_text()) == 64
    assert [path.name for path in kept.parent.iterdir()] == [secrets.KEY_FILE]


def test_production_without_a_key_does_not_invent_one(fresh_settings: pytest.MonkeyPatch) -> None:
    fresh_settings.setenv("MTS_ENV", "production")
    use_key(fresh_settings, "")
    with pytest.raises(RuntimeError, match="MTS_SECRET_KEY"):
        secrets.ensure_secret_key()
