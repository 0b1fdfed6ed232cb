"""Production refuses weak settings; a demonstration stays on its own machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from mattranso_app.settings import Settings

SOUND = {
    "env": "production",
    "secret_key": "q7Jd0vXo2mPz5RtW8yLk3NbC6hFs9GaE1uTi4OxV",
    "public_origins": "https://matrantso.vn",
    "database_url": "postgresql://db/mattranso",
    "trusted_proxy_hops": 1,
}
PEM = Path("/etc/ssl/x.pem")


@pytest.mark.parametrize("change", [
    {}, {"host": "0.0.0.0"}, {"public_origins": "https://matrantso.vn, https://pakn.matrantso.vn:8443"},
    {"trusted_proxy_hops": 0, "tls_certificate": PEM, "tls_key": PEM, "host": "0.0.0.0"},
    {"tool_hosts": "on"}, {"tool_hosts": "petitions=pakn, library=sach", "public_origins": "https://matrantso.vn, https://www.matrantso.vn"},
])
def test_sound_production_starts(change: dict[str, object]) -> None:
    assert Settings(**{**SOUND, **change}).production_faults() == []


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"secret_key": "short"}, "MTS_SECRET_KEY"),
        ({"secret_key": "k" * 64}, "MTS_SECRET_KEY"),
        ({"secret_key": ""}, "MTS_SECRET_KEY"),
        ({"public_origins": ""}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "*"}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "https://*"}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "https://*.matrantso.vn"}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "http://matrantso.vn"}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "matrantso.vn"}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "https://matrantso.vn/x"}, "MTS_PUBLIC_ORIGINS"),
        ({"public_origins": "https://matrantso.vn, null"}, "MTS_PUBLIC_ORIGINS"),
        ({"database_url": ""}, "MTS_DATABASE_URL"),
        ({"host": "0.0.0.0", "trusted_proxy_hops": 0}, "TLS"),
        ({"trusted_proxy_hops": 0}, "cookie"),
        ({"tls_certificate": PEM}, "MTS_TLS_KEY"),
        ({"trusted_proxy_hops": 0, "tls_key": PEM}, "MTS_TLS_CERTIFICATE"),
        ({"workers": 2}, "MTS_REDIS_URL"),
        ({"second_factor": "offered"}, "MTS_SECOND_FACTOR"),
        ({"tool_hosts": "on", "public_origins": "https://localhost"}, "MTS_TOOL_HOSTS"),
        ({"tool_hosts": "on", "public_origins": "https://10.0.0.7"}, "MTS_TOOL_HOSTS"),
        ({"tool_hosts": "on", "public_origins": "https://matrantso.vn, https://xaumatrantso.vn"}, "https://xaumatrantso.vn"),
        ({"tool_hosts": "on", "public_origins": "https://matrantso.vn, https://pakn.matrantso.vn"}, "trùng tên"),
    ],
)
def test_each_weakness_is_named(change: dict[str, object], word: str) -> None:
    faults = Settings(**{**SOUND, **change}).production_faults()
    assert len(faults) == 1
    assert word in faults[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.1.5", "mattranso.lan"])
def test_a_demonstration_is_for_this_machine_only(host: str) -> None:
    assert Settings(env="demo", host=host).production_faults()
    assert Settings(env="demo", host=host, trusted_proxy_hops=1).production_faults()
    assert Settings(env="demo").production_faults() == []


def test_a_demonstration_with_hosts_of_the_tools_needs_a_domain_and_tls() -> None:
    alone = {"tls_certificate": PEM, "tls_key": PEM, "domain": "mattran.test", "tool_hosts": "on", "port": 8443}
    config = Settings(**alone)
    assert config.production_faults() == []
    assert config.origins()[:2] == ("https://mattran.test:8443", "https://pakn.mattran.test:8443") and len(config.origins()) == 6
    assert len(Settings(**{**alone, "domain": "localhost"}).production_faults()) == 1
    assert len(Settings(**{**alone, "tls_key": None}).production_faults()) == 1


@pytest.mark.parametrize("given", [
    "off", "pakn", "petitions", "petitions=", "=pakn", "petitions=pakn.x", "petitions=*", "petitions=PAKN", "petitions=-a", "petitions=a-",
    "petitions=a,petitions=b", "petitions=a,library=a", "petitions=a,", "petitions=a=b", "desk=a", "petitions=é", "petitions=" + "a" * 64,
])
def test_names_of_hosts_are_checked(given: str) -> None:
    with pytest.raises(ValueError, match="tool_hosts"):
        Settings(tool_hosts=given)


def test_origins_are_exact() -> None:
    assert Settings(public_origins="https://a.vn/, https://b.vn").origins() == ("https://a.vn", "https://b.vn")
    assert "http://localhost:8123" in Settings(public_origins="", port=8123).origins()
    assert all("*" not in origin for origin in Settings().origins())
