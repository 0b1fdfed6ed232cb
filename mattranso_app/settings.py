"""Every setting, typed, with its default and its unit. Read from the environment, prefix `MTS_`.

`MTS_ENV=demo` (the default) is a machine of one's own: embedded PostgreSQL, demonstration data and accounts, loopback
only. `MTS_ENV=production` refuses to start with weak settings, see `production_faults`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_DOMAIN = re.compile(rf"(?:{_NAME.pattern}\.)+[a-z](?:[a-z0-9-]{{0,61}}[a-z0-9])")
_ORIGIN = re.compile(r"https://[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::[0-9]{1,5})?")

_SIGN_IN_PAGES = ("ma", "lan-dau", "can-bo", "xac-nhan", "buoc-hai", "khoa", "loi-moi", "passkey")
"""Last parts of our own addresses below /dang-nhap, which no outside provider may take."""

TOOL_HOSTS = {"petitions": "pakn", "registry": "csdl", "library": "thuvien", "assistant": "sotay", "congress": "daihoi"}
"""The tools and what stands before the portal's domain in the names of their hosts, unless `MTS_TOOL_HOSTS` says otherwise."""


class OutsideProvider(BaseModel):
    """An OpenID provider whose accounts open this platform too. How to connect one: docs/operate.md."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(pattern=r"^[a-z][a-z0-9-]{1,29}$", description="last part of its address here: /dang-nhap/{name}")
    label: str = Field(min_length=2, max_length=40, description="as people know it")
    profile: Literal["openid", "vneid"] = "openid"
    issuer: str = Field(description="exactly as the provider writes it in its discovery document and its tokens")
    client_id: str = Field(min_length=1, max_length=200)
    client_secret: SecretStr = Field(default=SecretStr(""), description="empty: a public client, PKCE alone")
    secret_in: Literal["header", "form"] = Field(default="header", description="where the secret is sent at the token endpoint")
    hosts: tuple[str, ...] = Field(default=(), description="host or host:port its endpoints may lie on, besides the issuer's own")
    algorithms: tuple[Literal["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"], ...] = Field(
        default=("RS256",), min_length=1, description="signatures taken, whatever the provider announces"
    )
    scope: str = Field(default="", description="empty: the profile's")
    claims: dict[Literal["name", "number"], str] = Field(default={}, description="our field → the provider's claim, over the profile's map")
    levels: dict[str, Literal[0, 1, 2]] = Field(default={}, description="acr → assurance of the identity (1, 2), over the profile's map")
    required_level: int | None = Field(default=None, ge=0, le=2, description="least assurance taken; empty: the profile's")
    second_factor_acr: tuple[str, ...] = Field(default=(), description="values of acr that count as a second factor here")
    max_age: int = Field(default=600, ge=1, le=43_200, description="seconds since the person last proved himself there")

    @field_validator("name")
    @classmethod
    def _is_free(cls, name: str) -> str:
        if name in _SIGN_IN_PAGES:
            raise ValueError(f"{name} is an address of our own")
        return name

    @field_validator("issuer")
    @classmethod
    def _is_issuer(cls, issuer: str) -> str:
        parts = urlsplit(issuer)
        is_near = parts.scheme == "http" and parts.hostname in ("localhost", "127.0.0.1", "::1")
        if not (parts.scheme == "https" or is_near) or not parts.hostname or parts.query or parts.fragment or parts.username:
            raise ValueError("the issuer is an https address without query and fragment")
        return issuer


class Settings(BaseSettings):
    """All settings of the platform."""

    model_config = SettingsConfigDict(env_prefix="MTS_", extra="ignore", hide_input_in_errors=True)  # errors would quote secrets

    env: Literal["demo", "test", "production"] = "demo"
    data_dir: Path = Field(default=ROOT / "var", description="files, embedded database, indexes, built front end")
    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=1, le=65535)
    workers: int = Field(default=1, ge=1, le=64, description="web processes; more than one needs redis_url")
    runs_jobs: bool = Field(default=True, description="run also starts a worker process; false where ./mattranso worker runs beside it")
    domain: str = Field(default="localhost", description="the portal's host name, without port")
    public_origins: str = Field(
        default="", description="comma-separated origins people type, e.g. https://matrantso.vn; empty on loopback"
    )
    tool_hosts: str = Field(
        default="", description="hosts of the tools' own below the portal's domain; empty: none, on: pakn, csdl, thuvien, sotay, daihoi, "
        "or names of one's own: petitions=pakn,library=sach (a tool that is not named has none then)",
    )
    tls_certificate: Path | None = Field(default=None, description="PEM file; with tls_key the server speaks TLS itself")
    tls_key: Path | None = None
    trusted_proxy_hops: int = Field(default=0, ge=0, le=5, description="reverse proxies in front that set X-Forwarded-For")

    database_url: str = Field(default="", description="postgresql://…; empty starts the embedded PostgreSQL")
    migration_url: str = Field(default="", description="owner's connection for migrations; empty means database_url")
    database_pool: int = Field(default=20, ge=2, le=200, description="connections per web process")
    statement_timeout: int = Field(default=15_000, ge=100, description="milliseconds")
    redis_url: str = ""

    secret_key: SecretStr = Field(
        default=SecretStr(""), description="≥ 32 random characters; empty in demo: made once and kept in data_dir"
    )
    secret_keys_previous: SecretStr = Field(
        default=SecretStr(""), description="comma-separated earlier secret keys, still understood after a change of key"
    )
    session_idle_officer: int = Field(default=15 * 60, description="seconds")
    session_idle_citizen: int = Field(default=60 * 60, description="seconds")
    second_factor: Literal["required", "offered"] | None = Field(
        default=None,
        description="of approvers and administrators: required, or offered to them as to everyone; empty: required in production, "
        "offered elsewhere, so that the demonstration accounts open with their password",
    )
    session_absolute: int = Field(default=12 * 60 * 60, description="seconds")
    signing_key_days: int = Field(default=30, ge=1, le=365, description="days a key of the OpenID provider signs before the next one does")

    outside_providers: tuple[OutsideProvider, ...] = Field(
        default=(), description="JSON list of OpenID providers people may sign in with; empty in demo: a simulated VNeID"
    )
    outside_patience: float = Field(default=6.0, gt=0, le=30, description="seconds an outside provider has for one answer")
    population: Literal["", "simulator"] = Field(
        default="", description="population register people may have their data confirmed by; empty: none (in demo: simulator)"
    )
    population_simulator: Literal["right", "slow", "wrong", "down"] = Field(default="right", description="how the simulator behaves")
    population_patience: float = Field(default=5.0, gt=0, le=30, description="seconds the population register has for one answer")
    data_erase_days: int = Field(
        default=20, ge=1, le=365, description="days in which an account is erased when its owner asks (Decree 356/2025 of 1 January 2026)"
    )
    data_erase_basis: str = Field(
        default="Luật Bảo vệ dữ liệu cá nhân số 91/2025/QH15 và Nghị định số 356/2025/NĐ-CP (hiệu lực từ 01/01/2026): thực hiện yêu cầu "
        "xoá dữ liệu trong 20 ngày kể từ khi nhận yêu cầu", description="legal basis shown beside that deadline; change it with the days",
    )
    data_export_days: int = Field(default=5, ge=1, le=6, description="days an archive of own data can be fetched; gone ≤ 2 days later")
    petition_retention_days: int = Field(
        default=5 * 365, ge=0, description="days after its answer in which a closed petition's own words are kept, masked, when its "
        "sender is erased; after them only the public copy stays"
    )

    live_viewers: int = Field(default=12_000, ge=1, description="open live streams per web process")
    live_viewers_per_address: int = Field(
        default=500, ge=1, description="open live streams per network address; whole towns share one on mobile networks"
    )

    sockets_per_address: int = Field(
        default=1_000, ge=1, description="open sockets per network address and web process; whole towns share one on mobile networks"
    )

    upload_limit: int = Field(default=20 * 1024 * 1024, description="bytes per file")
    photos_per_petition: int = 5
    submissions_per_address: int = Field(
        default=120, ge=0, description="petitions from one network address in 10 minutes (whole towns share one); 0: no limit"
    )
    clamd_socket: str = Field(default="", description="ClamAV's daemon: /path/of/socket or host:port; empty scans nothing")

    smtp_url: SecretStr = Field(
        default=SecretStr(""), description="smtp(s)://user:password@host:port; empty keeps mail in the outbox"
    )
    mail_from: str = "Mặt trận số <khong-tra-loi@localhost>"

    log_level: str = "info"

    @field_validator("outside_providers")
    @classmethod
    def _have_names_of_their_own(cls, listed: tuple[OutsideProvider, ...]) -> tuple[OutsideProvider, ...]:
        if len({provider.name for provider in listed}) != len(listed):
            raise ValueError("two providers have one name")
        return listed

    @field_validator("tool_hosts")
    @classmethod
    def _name_tools_once(cls, given: str) -> str:
        if given in ("", "on"):
            return given
        pairs = [tuple(part.strip() for part in pair.split("=")) for pair in given.split(",")]
        for pair in pairs:
            if len(pair) != 2 or pair[0] not in TOOL_HOSTS or not _NAME.fullmatch(pair[1]):
                raise ValueError(f"each part is TOOL=NAME, with one of {', '.join(TOOL_HOSTS)} and a name without dots")
        if len({pair[0] for pair in pairs}) < len(pairs) or len({pair[1] for pair in pairs}) < len(pairs):
            raise ValueError("a tool or a name stands there twice")
        return ",".join("=".join(pair) for pair in pairs)

    @property
    def is_demo(self) -> bool:
        """Whether demonstration data and accounts may exist here."""
        return self.env in ("demo", "test")

    @property
    def requires_second_factor(self) -> bool:
        """Whether approvers and administrators have their rights only in sessions opened with a second factor."""
        return self.second_factor == "required" or (self.second_factor is None and self.env == "production")

    @property
    def population_register(self) -> str:
        """Name of the population register in use, empty when there is none."""
        return self.population or ("simulator" if self.env == "demo" else "")

    @property
    def serves_tls(self) -> bool:
        """Whether this process itself speaks TLS."""
        return self.tls_certificate is not None and self.tls_key is not None

    @property
    def is_loopback(self) -> bool:
        """Whether the server can be reached from this machine only."""
        return self.host in ("127.0.0.1", "::1", "localhost")

    @property
    def secure_cookies(self) -> bool:
        """Whether people reach us over TLS, so that cookies are Secure and their names say so."""
        return self.serves_tls or self.trusted_proxy_hops > 0

    @property
    def passkey_domain(self) -> str:
        """The domain passkeys belong to, one for the portal and its tools' hosts: `domain`, or where that was left at its
        default the first official origin's host. Changing it makes every passkey useless.
        """
        if self.domain == "localhost" and self.public_origins:
            return urlsplit(self._portal_origins()[0]).hostname or self.domain
        return self.domain

    @property
    def cookie_domain(self) -> str:
        """The domain whose hosts all get our cookies, empty where cookies belong to the one host that set them."""
        return self.passkey_domain if self.tool_hosts else ""

    def origins(self) -> tuple[str, ...]:
        """Return the exact web origins that may open our socket, the portal's first, its tools' last; never `*`."""
        return tuple(dict.fromkeys((*self._portal_origins(), *self.tool_origins().values())))

    def tool_origins(self) -> dict[str, str]:
        """Return tool → the web origin it opens at, empty where tools have no hosts of their own.

        They have the scheme and the port of the first official origin.
        """
        if not self.tool_hosts:
            return {}
        names = TOOL_HOSTS if self.tool_hosts == "on" else dict(pair.split("=") for pair in self.tool_hosts.split(","))
        scheme, _, place = self._portal_origins()[0].partition("://")
        port = place.partition(":")[1:]
        return {tool: f"{scheme}://{name}.{self.cookie_domain}{''.join(port)}" for tool, name in names.items()}

    def _portal_origins(self) -> tuple[str, ...]:
        if self.public_origins:
            return tuple(origin.strip().rstrip("/") for origin in self.public_origins.split(",") if origin.strip())
        scheme = "https" if self.serves_tls else "http"
        # Cookies of a whole domain reach neither localhost nor an address: who signed in there would be nobody again.
        names = (self.domain,) if self.tool_hosts else ("localhost", "127.0.0.1", self.domain)
        return tuple(f"{scheme}://{name}:{self.port}" for name in names)

    def tool_host_faults(self) -> list[str]:
        """Return what forbids hosts of the tools' own, in Vietnamese, one sentence each; empty when all is well.

        Without TLS the cookies of one host and of a whole domain have one name, and after a change of the setting a browser
        that has both sends the dead one first: nobody would get in.
        """
        if not self.tool_hosts:
            return []
        faults = []
        domain = self.cookie_domain
        if not self.secure_cookies:
            faults.append("MTS_TOOL_HOSTS cần TLS (MTS_TLS_CERTIFICATE, MTS_TLS_KEY) hoặc MTS_TRUSTED_PROXY_HOPS.")
        if not _DOMAIN.fullmatch(domain):
            faults.append("MTS_TOOL_HOSTS cần tên miền có dấu chấm ở MTS_DOMAIN, ví dụ matrantso.vn; không dùng localhost, địa chỉ IP.")
        elif strays := [origin for origin in self._portal_origins() if not _lies_on(origin, domain)]:
            faults.append(f"Khi có MTS_TOOL_HOSTS, mọi địa chỉ của cổng phải thuộc {domain}; {', '.join(strays)} thì không.")
        elif set(self.tool_origins().values()) & set(self._portal_origins()):
            faults.append("MTS_TOOL_HOSTS trùng tên với một địa chỉ ở MTS_PUBLIC_ORIGINS.")
        return faults

    def production_faults(self) -> list[str]:
        """Return what forbids running as production, in Vietnamese, one sentence each; empty when all is well."""
        if self.env != "production":
            only_here = "Chế độ trình diễn chỉ chạy trên máy này: bỏ --host, hoặc đặt MTS_ENV=production."
            return [*([] if self.is_loopback else [only_here]), *self.tool_host_faults()]
        faults = self.tool_host_faults()
        key = self.secret_key.get_secret_value()
        if len(key) < 32 or len(set(key)) < 10:
            faults.append("MTS_SECRET_KEY phải có ít nhất 32 ký tự ngẫu nhiên.")
        if (self.tls_certificate is None) != (self.tls_key is None):
            faults.append("MTS_TLS_CERTIFICATE và MTS_TLS_KEY phải đi cùng nhau.")
        elif not self.secure_cookies:
            faults.append(
                "Cần TLS (MTS_TLS_CERTIFICATE, MTS_TLS_KEY), hoặc MTS_TRUSTED_PROXY_HOPS là số proxy đứng trước: "
                "không có thì cookie đi không mã hoá."
            )
        if not self.public_origins:
            faults.append("MTS_PUBLIC_ORIGINS phải nêu địa chỉ chính thức, ví dụ https://matrantso.vn.")
        elif not all(_ORIGIN.fullmatch(origin) for origin in self.origins()):
            faults.append("MTS_PUBLIC_ORIGINS chỉ gồm các địa chỉ https đầy đủ, không có dấu * và đường dẫn, ví dụ https://matrantso.vn.")
        if not self.requires_second_factor:
            faults.append("MTS_SECOND_FACTOR=offered chỉ dùng khi trình diễn: người duyệt và quản trị viên phải xác minh hai bước.")
        if not self.database_url:
            faults.append("MTS_DATABASE_URL phải trỏ tới PostgreSQL của đơn vị vận hành.")
        if any(not provider.issuer.startswith("https://") for provider in self.outside_providers):
            faults.append("MTS_OUTSIDE_PROVIDERS: địa chỉ issuer phải bắt đầu bằng https://.")
        if self.population == "simulator":
            faults.append("MTS_POPULATION=simulator chỉ dùng khi trình diễn: bản mô phỏng không xác nhận được ai.")
        if self.workers > 1 and not self.redis_url:
            faults.append("MTS_WORKERS lớn hơn 1 cần MTS_REDIS_URL để các tiến trình dùng chung trạng thái.")
        return faults


def _lies_on(origin: str, domain: str) -> bool:
    host = urlsplit(origin).hostname or ""
    return host == domain or host.endswith(f".{domain}")


@lru_cache
def settings() -> Settings:
    """Return the settings of this process, read once."""
    return Settings()
