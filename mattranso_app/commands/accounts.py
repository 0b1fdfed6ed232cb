"""`./mattranso user …`: the first administrator, locking an account, and taking second factors away, from the terminal."""

from __future__ import annotations

import argparse
import asyncio

from sqlalchemy import text

from mattranso_app.cli import CommandFailed
from mattranso_app.commands.database import database
from mattranso_app.core import db, live
from mattranso_app.core.access import SYSTEM
from mattranso_app.core.errors import DomainError
from mattranso_app.identity import service
from mattranso_app.units import service as units


def user(options: argparse.Namespace) -> int:
    """Add an officer, whose one-time code is printed, disable one, or take his second factors away."""
    with database(print, migrated=True) as found:
        try:
            print(asyncio.run(_act(found.url, options)))
        except DomainError as error:
            raise CommandFailed(" ".join(error.fields.values()) or error.text) from error
    return 0


async def _act(url: str, options: argparse.Namespace) -> str:
    await db.open_pool(url)
    try:
        if options.act == "add":
            unit = await units.get_unit_by_code(options.unit)
            made = await service.create_officer(
                SYSTEM, user_name=options.user_name, name=options.name, unit_id=unit.id, role=options.role
            )
            return f"Đã tạo {made.user_name} ở {unit.name}. Mã dùng một lần để đặt mật khẩu tại /dang-nhap/lan-dau: {made.code}"
        async with db.reading() as session:
            query = text("SELECT person_id FROM credential WHERE user_name = :name")
            person = (await session.execute(query, {"name": options.user_name.strip().lower()})).scalar()
        if person is None:
            raise CommandFailed(f"không có tài khoản {options.user_name}.")
        if options.act == "reset-factors":
            await service.reset_factors(SYSTEM, person)
            return f"Đã gỡ xác minh hai bước của {options.user_name}; mọi phiên đã kết thúc."
        await service.disable_person(SYSTEM, person)
        return f"Đã khoá {options.user_name}."
    finally:
        await live.stop()
        await db.close_pool()
