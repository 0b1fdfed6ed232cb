"""Demonstration accounts: one officer per role at three levels, and colleagues and a neighbour for the commune.

Only on a machine of one's own. Passwords are drawn when the accounts are made and kept, readable by their owner alone, in
the data directory, so that `run` can print them.
"""

from __future__ import annotations

import os
import secrets as random_source
from dataclasses import dataclass

from sqlalchemy import text as sql

from mattranso_app.core import db
from mattranso_app.core.access import SYSTEM, Role
from mattranso_app.core.clock import now
from mattranso_app.identity import passwords, text
from mattranso_app.identity.demo_accounts import accounts_file
from mattranso_app.identity.service import create_officer
from mattranso_app.settings import settings
from mattranso_app.units import service as units

PLACES = (("trunguong", "vn"), ("hue", "thành phố huế"), ("phuxuan", "phường phú xuân huế"))
NEIGHBOUR = ("thuanhoa", "phường thuận hoá huế")
ROLE_WORDS = {Role.READER: "xem", Role.HANDLER: "xuly", Role.APPROVER: "duyet", Role.ADMINISTRATOR: "quantri"}
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class _Wanted:
    user_name: str
    name: str
    unit: str
    role: Role


def _wanted() -> list[_Wanted]:
    made = [
        _Wanted(f"{short}.{word}", f"{text.ROLES[role]} {short.capitalize()}", unit, role)
        for short, unit in PLACES
        for role, word in ROLE_WORDS.items()
    ]
    made.append(_Wanted("phuxuan.xuly2", "Người xử lý thứ hai Phuxuan", PLACES[2][1], Role.HANDLER))
    made.append(_Wanted("phuxuan.duyet2", "Người duyệt thứ hai Phuxuan", PLACES[2][1], Role.APPROVER))
    made.append(_Wanted(f"{NEIGHBOUR[0]}.xuly", "Người xử lý Thuanhoa", NEIGHBOUR[1], Role.HANDLER))
    return made


async def seed_demo() -> bool:
    """Make the demonstration accounts when there is no officer yet; return whether any was made.

    Raises:
        RuntimeError: this is no demonstration.
    """
    if not settings().is_demo:
        raise RuntimeError("demonstration accounts exist on a machine of one's own only")
    async with db.reading() as session:
        if (await session.execute(sql("SELECT EXISTS (SELECT FROM credential)"))).scalar_one():
            return False
    lines = []
    for wanted in _wanted():
        unit = await units.get_unit_by_code("vn") if wanted.unit == "vn" else (await units.lookup(wanted.unit, limit=1))[0].unit
        officer = await create_officer(SYSTEM, user_name=wanted.user_name, name=wanted.name, unit_id=unit.id, role=wanted.role)
        password = "-".join("".join(random_source.choice(_LETTERS) for _ in range(4)) for _ in range(4))
        encoded = await passwords.hash_password(password)
        async with db.transaction() as session:
            await session.execute(
                sql("UPDATE credential SET password_hash = :hash, changed_at = :now WHERE person_id = :person"),
                {"hash": encoded, "now": now(), "person": officer.person_id},
            )
        lines.append(f"  {wanted.user_name:18} {password:20} {text.ROLES[wanted.role]:15} {unit.name}")
    target = accounts_file()
    target.touch(mode=0o600)
    os.chmod(target, 0o600)
    target.write_text("\n".join(lines) + "\n")
    return True
