"""A stand-in for VNeID on a demonstration machine, so that a newcomer can try signing in from outside. Three people live in it.

What the platform asks it goes through the process, never over a network; only the page for choosing a person has an address,
which does not exist outside a demonstration. It keeps nothing: requests and codes are sealed and carried by the browser.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from authlib.oauth2.rfc7636 import create_s256_code_challenge
from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jwt
from joserfc.jwk import ECKey
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route, Router

from mattranso_app.core import secrets
from mattranso_app.core.access import public
from mattranso_app.core.clock import now
from mattranso_app.core.errors import BadRequest, NotFound
from mattranso_app.core.http import route
from mattranso_app.identity.endpoints import read_body
from mattranso_app.identity.outside import pages, text
from mattranso_app.identity.outside.providers import SIMULATED_ISSUER, is_simulated, provider_named, redirect_uri
from mattranso_app.settings import settings

_SEAL = "vneid simulator"
_LIFE = 600
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
"""Order of P-256."""
_ASKED = ("state", "nonce", "code_challenge")


@dataclass(frozen=True, slots=True)
class Citizen:
    """Somebody in the simulator; the numbers are of no province's form, so that they are nobody's."""

    name: str
    number: str
    level: int


PEOPLE = (
    Citizen("Nguyễn Thị Minh", "999190000001", 2),
    Citizen("Trần Văn Bình", "999085000002", 2),
    Citizen("Lê Thu Hà", "999201000003", 1),
)


@route("/trinh-dien/vneid/cho-phep")
@public
async def authorize(request: Request) -> Response:
    """Ask which of the people the visitor wants to be."""
    values = dict(request.query_params)
    provider = _provider()
    is_right = (
        values.get("client_id") == provider.client_id and values.get("redirect_uri") == redirect_uri(provider)
        and values.get("response_type") == "code" and values.get("code_challenge_method") == "S256"
        and all(0 < len(values.get(name, "")) <= 200 for name in _ASKED)
    )
    if not is_right:
        raise BadRequest(text.SIMULATOR_BAD)
    asked = _closed({name: values[name] for name in _ASKED})
    return pages.page("simulator.html", text.SIMULATOR_TITLE, people=PEOPLE, asked=asked)


@route("/trinh-dien/vneid/dong-y", methods=("POST",))
@public
async def choose(request: Request) -> Response:
    """Go back to the platform as the chosen person, or with a no."""
    provider = _provider()
    data, _ = await read_body(request)
    asked = _opened(str(data.get("yeu_cau", "")))
    chosen = str(data.get("nguoi", ""))
    if asked is None or chosen not in ("", *(str(place) for place in range(len(PEOPLE)))):
        raise BadRequest(text.SIMULATOR_BAD)
    answer = {"state": asked["state"], "iss": SIMULATED_ISSUER}
    answer |= {"code": _closed({**asked, "person": int(chosen)})} if chosen else {"error": "access_denied"}
    return RedirectResponse(f"{redirect_uri(provider)}?{urlencode(answer)}", 303, {"Cache-Control": "no-store"})


async def _discovery(_request: Request) -> Response:
    return JSONResponse({
        "issuer": SIMULATED_ISSUER, "authorization_endpoint": f"{settings().origins()[0]}/trinh-dien/vneid/cho-phep",
        "token_endpoint": f"{SIMULATED_ISSUER}/token", "jwks_uri": f"{SIMULATED_ISSUER}/jwks",
        "authorization_response_iss_parameter_supported": True,
    })


async def _jwks(_request: Request) -> Response:
    return JSONResponse({"keys": [_key().as_dict(private=False)]})


async def _token(request: Request) -> Response:
    form = {name: str(value) for name, value in (await request.form()).items()}
    code = _opened(form.get("code", ""))
    if code is None or "person" not in code or create_s256_code_challenge(form.get("code_verifier", "")) != code["code_challenge"]:
        return JSONResponse({"error": "invalid_grant"}, 400)
    person = PEOPLE[code["person"]]
    moment = int(now().timestamp())
    claims = {
        "iss": SIMULATED_ISSUER, "aud": form.get("client_id", ""), "sub": f"mo-phong-{code['person']}", "nonce": code["nonce"],
        "iat": moment, "exp": moment + _LIFE, "auth_time": moment, "acr": f"level{person.level}", "amr": ["face"],
        "name": person.name, "citizen_id": person.number,
    }
    key = _key()
    signed = jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, ["ES256"])
    return JSONResponse({"access_token": secrets.new_token(), "token_type": "Bearer", "id_token": signed})


machine_doors = Router(
    [
        Route("/.well-known/openid-configuration", _discovery), Route("/jwks", _jwks), Route("/token", _token, methods=["POST"]),
    ]
)
"""What the platform asks, as an application of its own; `remote` reaches it without a network."""


def _key() -> ECKey:
    """Return the simulator's signing key: the same in every process, because it follows from the root key."""
    number = int.from_bytes(secrets.key("vneid simulator"), "big") % (_ORDER - 1) + 1
    return ECKey.import_key(
        ECKey.import_key(ec.derive_private_key(number, ec.SECP256R1())).as_dict(private=True) | {"kid": "mo-phong", "use": "sig"}
    )


def _provider() -> Any:
    found = provider_named("vneid")
    if found is None or not is_simulated(found):
        raise NotFound()
    return found


def _closed(values: dict[str, Any]) -> str:
    content = json.dumps({**values, "until": int(now().timestamp()) + _LIFE})
    return urlsafe_b64encode(secrets.seal(content, _SEAL)).decode()


def _opened(sealed: str) -> dict[str, Any] | None:
    try:
        values: dict[str, Any] = json.loads(secrets.unseal(urlsafe_b64decode(sealed[:2_000].encode()), _SEAL))
    except (ValueError, secrets.SealBroken):
        return None
    return values if values["until"] > now().timestamp() else None
