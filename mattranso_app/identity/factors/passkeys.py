"""Passkeys (WebAuthn Level 3): what a browser is asked for and whether its answer is right. Knows no database.

The relying party is the portal's domain, so that one passkey opens all tools' hosts. Attestation is not asked for: who made
an authenticator is none of our business.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import (
    options_to_json_dict,
    parse_attestation_object,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticationCredential,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    RegistrationCredential,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from mattranso_app.identity.factors.totp import ISSUER
from mattranso_app.settings import settings

CHALLENGE_BYTES = 32
ANSWER_LIMIT = 12_000
"""Letters a browser's answer may have; a real one has some 1,500."""

_KEY_LIMIT = 1_100
"""Bytes of a public key: RSA of 8,192 bits; larger ones would take seconds to check."""
_WAIT_MS = 300_000
_FORMATS = (AttestationFormat.NONE, AttestationFormat.PACKED)
"""Browsers send `none` when no attestation is asked for, or `packed` where the passkey vouches for itself only."""


class PasskeyRefused(Exception):
    """A browser's answer that is not what was asked for. The words are for the log, never for the person."""


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that has just been made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """A right signature: the counter it came with, and whether the passkey is kept in its maker's cloud."""

    sign_count: int
    is_synced: bool


@dataclass(frozen=True, slots=True)
class Making:
    """A browser's answer to `creation_options`, not judged yet."""

    credential: RegistrationCredential
    challenge: bytes


@dataclass(frozen=True, slots=True)
class Showing:
    """A browser's answer to `request_options`, not judged yet."""

    credential: AuthenticationCredential
    challenge: bytes

    @property
    def credential_id(self) -> bytes:
        """Which passkey says it has signed."""
        return self.credential.raw_id

    @property
    def user_handle(self) -> bytes | None:
        """Whose it says it is; None when it does not say."""
        return self.credential.response.user_handle


def origins() -> list[str]:
    """Return the origins a passkey of ours may be used at: those of ours on the relying party's domain or below it."""
    domain = settings().passkey_domain
    hosts = ((origin, urlsplit(origin).hostname or "") for origin in settings().origins())
    return list(dict.fromkeys(origin for origin, host in hosts if host == domain or host.endswith(f".{domain}")))


def creation_options(challenge: bytes, person_id: UUID, account: str, name: str, held: Sequence[bytes] = ()) -> dict[str, Any]:
    """Return what a browser is asked to make.

    Args:
        challenge: what it must sign.
        person_id: whose passkey it will be; the random id is all a passkey keeps of the person beside the names.
        account: user name or the like, as the browser lists it.
        name: as shown.
        held: credential ids of passkeys the person has; an authenticator that has one makes no second.
    """
    options = generate_registration_options(
        rp_id=settings().passkey_domain, rp_name=ISSUER, user_id=person_id.bytes, user_name=account, user_display_name=name,
        challenge=challenge, timeout=_WAIT_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=item) for item in held],
    )
    return options_to_json_dict(options)


def request_options(challenge: bytes, allowed: Sequence[bytes] = (), must_verify: bool = True) -> dict[str, Any]:
    """Return which signature a browser is asked for.

    Args:
        challenge: what is to be signed.
        allowed: credential ids that may sign; empty for any passkey the browser holds for us.
        must_verify: whether the authenticator must make sure who holds it (PIN, finger, face).
    """
    verification = UserVerificationRequirement.REQUIRED if must_verify else UserVerificationRequirement.PREFERRED
    options = generate_authentication_options(
        rp_id=settings().passkey_domain, challenge=challenge, timeout=_WAIT_MS, user_verification=verification,
        allow_credentials=[PublicKeyCredentialDescriptor(id=item) for item in allowed],
    )
    return options_to_json_dict(options)


def read_making(answer: str) -> Making:
    """Return what a browser answered to `creation_options`.

    Raises:
        PasskeyRefused: it is no such answer.
    """
    try:
        credential = parse_registration_credential_json(_json(answer))
        return Making(credential, _challenge(credential.response.client_data_json))
    except Exception as error:
        raise _refused(error) from error


def read_showing(answer: str) -> Showing:
    """Return what a browser answered to `request_options`.

    Raises:
        PasskeyRefused: it is no such answer.
    """
    try:
        credential = parse_authentication_credential_json(_json(answer))
        return Showing(credential, _challenge(credential.response.client_data_json))
    except Exception as error:
        raise _refused(error) from error


def check_making(making: Making, challenge: bytes) -> NewPasskey:
    """Return the passkey that was made for us, for this challenge, by an authenticator that knows its holder.

    Raises:
        PasskeyRefused: anything is not as it was asked for.
    """
    try:
        attestation = parse_attestation_object(making.credential.response.attestation_object)
        made = attestation.auth_data.attested_credential_data
        if attestation.fmt not in _FORMATS or made is None or len(made.credential_public_key) > _KEY_LIMIT:
            raise PasskeyRefused("another format of attestation, no key or too large a one")
        found = verify_registration_response(
            credential=making.credential, expected_challenge=challenge, expected_rp_id=settings().passkey_domain,
            expected_origin=origins(), require_user_verification=True,
        )
    except Exception as error:
        raise _refused(error) from error
    is_synced = found.credential_device_type is CredentialDeviceType.MULTI_DEVICE
    return NewPasskey(found.credential_id, found.credential_public_key, found.sign_count, is_synced)


def check_showing(showing: Showing, challenge: bytes, public_key: bytes, must_verify: bool = True) -> Shown:
    """Return what a right signature came with. The counter is the caller's to judge: only now is it known to be genuine.

    Args:
        showing: the browser's answer.
        challenge: what it was to sign.
        public_key: of the passkey it names.
        must_verify: whether the authenticator must have made sure who holds it.

    Raises:
        PasskeyRefused: anything is not as it was asked for.
    """
    try:
        found = verify_authentication_response(
            credential=showing.credential, expected_challenge=challenge, expected_rp_id=settings().passkey_domain,
            expected_origin=origins(), credential_public_key=public_key, credential_current_sign_count=0,
            require_user_verification=must_verify,
        )
    except Exception as error:
        raise _refused(error) from error
    return Shown(found.new_sign_count, found.credential_device_type is CredentialDeviceType.MULTI_DEVICE)


def _json(answer: str) -> dict[str, Any]:
    if len(answer) > ANSWER_LIMIT:
        raise PasskeyRefused("too long")
    read = json.loads(answer)
    if not isinstance(read, dict):
        raise PasskeyRefused("no object")
    return read


def _challenge(client_data_json: bytes) -> bytes:
    client = parse_client_data_json(client_data_json)
    if client.cross_origin:
        raise PasskeyRefused("asked for inside another site's page")
    return client.challenge


def _refused(error: Exception) -> PasskeyRefused:
    """The library meets hostile bytes with many kinds of exceptions, its own and Python's; all mean the same to us."""
    return error if isinstance(error, PasskeyRefused) else PasskeyRefused(type(error).__name__)
