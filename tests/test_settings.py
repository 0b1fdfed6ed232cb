"""Production refuses weak settings; a demonstration stays on its own machine."""

from __future__ import annotations

import pytest

from mattranso_app.settings import Settings

SOUND = {
    "env": "production",
    "secret_key": "k" * 40,
    "public_origins": "https://matrantso.vn",
    "database_url": "postgresql://db/mattranso",
}


def test_sound_production_starts() -> None:
    assert Settings(**SOUND).production_faults() == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"secret_key": "short"}, "MTS_SECRET_KEY"),
        ({"public_origins": ""}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "https://*"}, "MTS_PUBLIC_ORIGINS"),
        ({"database_url": ""}, "MTS_DATABASE_URL"),
        ({"host": "0.0.0.0"}, "TLS"),
        ({"workers": 2}, "MTS_REDIS_URL"),
    ],
)
def test_each_weakness_is_named(change: dict[str, object], word: str) -> None:
    faults = Settings(**{**SOUND, **change}).production_faults()
    assert len(faults) == 1
    assert word in faults[0]


def test_a_demonstration_is_for_this_machine_only() -> None:
    assert Settings(env="demo", host="0.0.0.0").production_faults()
    assert Settings(env="demo").production_faults() == []


def test_origins_are_exact() -> None:
    assert Settings(public_origins="https://a.vn/, https://b.vn").origins() == ("https://a.vn", "https://b.vn")
    assert "http://localhost:8123" in Settings(public_origins="", port=8123).origins()
    assert all("*" not in origin for origin in Settings().origins())
