"""The outside providers of this platform, as the settings name them."""

from __future__ import annotations

from urllib.parse import urlsplit

from mattranso_app.identity.outside import text
from mattranso_app.identity.outside.profiles import PROFILES, Profile
from mattranso_app.settings import OutsideProvider, settings

SIMULATED_ISSUER = "https://vneid.mo-phong.invalid"
"""Nobody can own this name (RFC 2606): the simulator is reached inside the process only."""


def providers() -> tuple[OutsideProvider, ...]:
    """Return every outside provider, in the order people see them; a demonstration without any has a simulated one."""
    config = settings()
    if config.outside_providers or config.env != "demo":
        return config.outside_providers
    return (
        OutsideProvider(
            name="vneid", label=text.SIMULATED, profile="vneid", issuer=SIMULATED_ISSUER, client_id="mat-tran-so",
            hosts=(urlsplit(config.origins()[0]).netloc,), algorithms=("ES256",),
        ),
    )


def provider_named(name: str) -> OutsideProvider | None:
    """Return the outside provider at /dang-nhap/{name}, None when there is none."""
    return next((found for found in providers() if found.name == name), None)


def profile_of(provider: OutsideProvider) -> Profile:
    """Return what is known of its kind, with what the settings change."""
    known = PROFILES[provider.profile]
    claims = {**known.claims, **{str(name): claim for name, claim in provider.claims.items()}}
    required = known.required_level if provider.required_level is None else provider.required_level
    return Profile(provider.scope or known.scope, claims, {**known.levels, **provider.levels}, required)


def is_simulated(provider: OutsideProvider) -> bool:
    """Return whether it is the demonstration's own."""
    return provider.issuer == SIMULATED_ISSUER and settings().env == "demo"


def redirect_uri(provider: OutsideProvider) -> str:
    """Return the one address the provider may send people back to."""
    return f"{settings().origins()[0]}/dang-nhap/{provider.name}/callback"


def may_be_asked(provider: OutsideProvider, address: str) -> bool:
    """Return whether an address out of the provider's own documents lies where the settings allow: pinned, not believed."""
    try:
        parts = urlsplit(address)
        own = urlsplit(provider.issuer)
        host = parts.netloc.lower()
        if "@" in host or parts.fragment or not address.isascii() or not address.isprintable() or len(address) > 1_000:
            return False
        is_near = parts.hostname in ("localhost", "127.0.0.1", "::1") and (own.scheme == "http" or is_simulated(provider))
        allowed = {own.netloc.lower(), *(name.lower() for name in provider.hosts)}
        return host in allowed and (parts.scheme == "https" or (parts.scheme == "http" and is_near))
    except ValueError:
        return False
