"""One-time codes of authenticator apps (RFC 6238): six digits, a new one every 30 seconds, each taken once."""

from __future__ import annotations

from datetime import datetime

import pyotp
import segno

from mattranso_app.core import secrets

STEP_SECONDS = 30
DRIFT = 1
"""Steps a clock may be off in either direction."""

ISSUER = "Mặt trận số"


def new_secret() -> str:
    """Return a fresh secret of 160 bits in base32, as apps take it."""
    return pyotp.random_base32()


def address(secret: str, account: str) -> str:
    """Return the otpauth address that carries a secret into an app."""
    return pyotp.TOTP(secret).provisioning_uri(name=account, issuer_name=ISSUER)


def drawing(otpauth: str) -> str:
    """Return the QR code of an address as an SVG element; dark on white in every colour scheme, since cameras need it so."""
    return segno.make(otpauth, error="m").svg_inline(
        scale=5, border=4, dark="#000", light="#fff", omitsize=True, svgclass="qr", lineclass=None
    )


def grouped(secret: str) -> str:
    """Return a secret in groups of four, for typing."""
    return " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))


def matching_step(secret: str, code: str, moment: datetime, last_step: int) -> int | None:
    """Return the step whose code was typed, or None: wrong, too old, too new, or at or before `last_step`.

    Args:
        secret: base32.
        code: six digits.
        moment: now.
        last_step: the step taken last; it never counts again.
    """
    if len(code) != 6:
        return None
    made = pyotp.TOTP(secret)
    current = int(moment.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - DRIFT, current + DRIFT + 1):
        if secrets.same(made.generate_otp(step), code) and step > last_step:
            found = step
    return found
