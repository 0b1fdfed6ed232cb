"""A small country, officers with passwords, citizens: what the tests of this room stand on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from mattranso_app.core import db, notify
from mattranso_app.core.access import SYSTEM, Actor
from mattranso_app.core.clock import now
from mattranso_app.identity import passwords, service
from mattranso_app.identity.service import Visit

PASSWORD = "mot cau de nho 7 chu"

UNITS = {
    "vn": (None, "central", "trung_uong", "Trung ương", "vn/"),
    "46": ("vn", "province", "thanh_pho", "Thành phố Huế", "vn/46/"),
    "48": ("vn", "province", "thanh_pho", "Thành phố Đà Nẵng", "vn/48/"),
    "19774": ("46", "commune", "phuong", "Phường Phú Xuân", "vn/46/19774/"),
    "19789": ("46", "commune", "phuong", "Phường Thuận Hóa", "vn/46/19789/"),
    "20194": ("48", "commune", "phuong", "Phường Hải Châu", "vn/48/20194/"),
}


async def make_units() -> dict[str, int]:
    """Make Central, two provinces and three communes; return their ids by code."""
    ids: dict[str, int] = {}
    async with db.transaction() as session:
        for code, (parent, level, kind, name, path) in UNITS.items():
            ids[code] = (
                await session.execute(
                    text(
                        "INSERT INTO unit (level, code, kind, name, short_name, parent_id, path, sort_key, folded, valid_from) "
                        "VALUES (:level, :code, :kind, :name, :name, :parent, :path, :code, :code, '2025-07-01') RETURNING id"
                    ),
                    {"level": level, "code": code, "kind": kind, "name": name, "parent": ids.get(parent or ""), "path": path},
                )
            ).scalar_one()
    return ids


async def make_officer(
    user_name: str, unit_id: int, role: str = "handler", organisation: str = "mttq", password: str | None = PASSWORD
) -> UUID:
    """Make an officer with one role and, unless None, a password."""
    made = await service.create_officer(
        SYSTEM, user_name=user_name, name=f"Cán bộ {user_name}", unit_id=unit_id, role=role, organisation=organisation
    )
    if password is not None:
        encoded = await passwords.hash_password(password)
        async with db.transaction() as session:
            await session.execute(
                text("UPDATE credential SET password_hash = :hash, changed_at = :now WHERE person_id = :id"),
                {"hash": encoded, "now": now(), "id": made.person_id},
            )
    return made.person_id


async def sign_in(user_name: str, password: str = PASSWORD, visit: Visit | None = None) -> tuple[str, Actor]:
    """Sign an officer in; return the cookie's token and the actor."""
    signed = await service.sign_in_with_password(user_name, password, visit or Visit(address="10.0.0.1"))
    found = await service.authenticate(signed.token, "10.0.0.1")
    assert found is not None
    return signed.token, found.actor


async def newest_code(to: str = "") -> str:
    """Return the code in the newest message that would have been sent (with `to`: there), as while the clock stands two are as new."""
    ending = to.replace(" ", "")[-8:]
    return next(message.text for message in await notify.demo_messages() if message.to.endswith(ending))[:6]
