"""The headers of trust on every answer: content security policy, HSTS, no sniffing, no framing.

Scripts run only from our own origin or with the hash of an inline script the build produced; there is neither
`unsafe-inline` nor `unsafe-eval` for scripts. Inline style attributes are allowed: Reflex's style props need them.
"""

from __future__ import annotations

from collections.abc import Sequence

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.settings import settings

EMBEDDABLE_PREFIX = "/nhung/"
"""Addresses that other sites may frame: boards made for that."""


_PARTS = ("/assets/", "/fonts/")
_NO_DOCUMENT = b"default-src 'none'; frame-ancestors 'none'"
"""For scripts, styles and fonts, which are no documents and load nothing by themselves: the strictest policy, and the
shortest. The pages' own is 1.5 kB on each of some twenty answers of a first opening."""
_FONT_CACHE = (b"cache-control", b"public, max-age=2592000")
"""Thirty days; their names carry no hash."""


def content_security_policy(script_hashes: Sequence[str], embeddable: bool = False) -> str:
    """Return the policy as one header value.

    Args:
        script_hashes: CSP sources of the built pages' inline scripts.
        embeddable: whether any site may frame the page.
    """
    origins = " ".join(origin.replace("http", "ws", 1) for origin in settings().origins())
    return "; ".join(
        (
            "default-src 'self'",
            f"script-src 'self' {' '.join(script_hashes)}".strip(),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            f"connect-src 'self' {origins}",
            "font-src 'self'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
            "worker-src 'self'",
            "manifest-src 'self'",
            f"frame-ancestors {'*' if embeddable else chr(39) + 'none' + chr(39)}",
        )
    )


def security_headers(app: ASGIApp, script_hashes: Sequence[str]) -> ASGIApp:
    """Wrap `app` so that every HTTP answer carries the headers, unless it set a stricter one itself."""
    policy = content_security_policy(script_hashes).encode()
    open_policy = content_security_policy(script_hashes, embeddable=True).encode()
    common = [
        (b"x-content-type-options", b"nosniff"),
        (b"referrer-policy", b"same-origin"),
        (b"permissions-policy", b"camera=(self), microphone=(), geolocation=(self), payment=()"),
        (b"cross-origin-opener-policy", b"same-origin"),
    ]
    if settings().secure_cookies:
        common.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))

    async def with_headers(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        embeddable = scope["path"].startswith(EMBEDDABLE_PREFIX)
        is_part = scope["path"].startswith(_PARTS)
        added = [*common, (b"content-security-policy", _NO_DOCUMENT if is_part else open_policy if embeddable else policy)]
        if not embeddable:
            added.append((b"x-frame-options", b"DENY"))

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message.get("headers", [])}
                extra = [header for header in added if header[0] not in present]
                # Only what is there: a file missing in the middle of an update must not be missing for a year.
                if scope["path"].startswith("/assets/") and message["status"] < 400 and b"cache-control" not in present:
                    extra.append((b"cache-control", b"public, max-age=31536000, immutable"))
                elif scope["path"].startswith("/fonts/") and message["status"] < 400 and b"cache-control" not in present:
                    extra.append(_FONT_CACHE)
                message = {**message, "headers": [*message.get("headers", []), *extra]}
            await send(message)

        await app(scope, receive, sending)

    return with_headers
