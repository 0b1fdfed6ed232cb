"""Petitions for the tests of trust: sent, taken up, published, answered through the services, as in life."""

from __future__ import annotations

import io
from secrets import token_urlsafe

from PIL import Image
from sqlalchemy import text

from mattranso_app.core import db, files
from mattranso_app.core.access import ANONYMOUS, Actor
from mattranso_app.petitions import service
from mattranso_app.petitions.submission import check_submission
from tests.trust.cast import Cast

ANSWER = "Kính gửi bà con, đơn vị chiếu sáng đã thay bóng đèn mới vào sáng nay và sẽ kiểm tra lại vào tuần sau."


def picture() -> bytes:
    """Return a small photo."""
    buffer = io.BytesIO()
    Image.new("RGB", (64, 48), (90, 120, 60)).save(buffer, "PNG")
    return buffer.getvalue()


async def send(
    body: str, *, photos: int = 0, title: str = "", place: str = "", phone: str = "", file_name: str = "anh.png", unit: str = "19774",
    sender: Actor = ANONYMOUS,
) -> service.Sent:
    """Send a petition to a ward, the own one unless told otherwise, as nobody in particular unless told otherwise."""
    data = {"kind": "phan_anh", "title": title, "body": body, "place": place, "unit": unit, "phone": phone, "consent": bool(phone)}
    prepared = [await files.prepare(picture(), file_name, files.Purpose.PHOTO) for _ in range(photos)]
    return await service.submit_petition(sender, token_urlsafe(32), check_submission(data), prepared)


async def publish(cast: Cast, number: str, answer: str = "") -> None:
    """Take a petition up and publish its question; with `answer` also hand in, approve and publish that."""
    handler, approver = await cast.actor("own handler"), await cast.actor("own approver")
    await service.take_up(handler, number, await version(number))
    seen = await service.get_for_officer(handler, number)
    await service.publish_question(handler, number, seen.version, seen.public_title, seen.public_body, seen.public_place)
    if answer:
        await service.submit_answer(handler, number, await version(number), "solved", answer)
        await service.approve_answer(approver, number, await version(number))


async def version(number: str) -> int:
    """Return the version of a petition."""
    async with db.reading() as session:
        found = await session.execute(text("SELECT version FROM petition WHERE number = :number"), {"number": number})
        return int(found.scalar_one())


async def photo_of(number: str) -> str:
    """Return the id of a petition's first photo."""
    async with db.reading() as session:
        found = await files.list_files(session, "petition", [f"{number}/photo"])
    return str(found[f"{number}/photo"][0].id)
