"""A small country with its dated history, people who act, petitions at every point of their life."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from PIL import Image
from sqlalchemy import RowMapping, text

from mattranso_app.core import db, files, http, secrets
from mattranso_app.core.access import ANONYMOUS, Actor, Grant, Role
from mattranso_app.identity import web as identity_web
from mattranso_app.petitions import service
from mattranso_app.petitions.submission import Submission, check_submission
from tests.identity.factories import make_units

ORIGIN = "http://localhost:8000"
COMMUNE, NEIGHBOUR, PROVINCE = "19774", "19789", "46"
COMMUNE_PATH, NEIGHBOUR_PATH, PROVINCE_PATH = "vn/46/19774/", "vn/46/19789/", "vn/46/"
BODY = "Đường vào thôn 5 sạt lở từ sáng thứ Hai, xe máy không đi được. Xin cho gia cố trước mùa mưa."
ANSWER = "Ủy ban đã kiểm tra ngày 20/11/2026 và bắt đầu gia cố taluy, dự kiến xong trong tháng 12."
REASON = "Nội dung nêu tên người khác."


async def make_country() -> dict[str, int]:
    """Make Central, two provinces and three communes with their history; return their ids by code."""
    ids = await make_units()
    async with db.transaction() as session:
        await session.execute(
            text(
                "INSERT INTO unit_version (unit_id, valid_from, level, code, kind, name, short_name, parent_id, path, sort_key, "
                "folded) SELECT id, valid_from, level, code, kind, name, short_name, parent_id, path, sort_key, folded FROM unit"
            )
        )
    return ids


def officer(name: str, path: str, *roles: Role, unit_id: int | None = None, organisation: str = "mttq") -> Actor:
    """Return an officer with these roles on the units below `path`."""
    grants = tuple(Grant(role, organisation, path) for role in roles)
    return Actor(
        kind="officer", person_id=uuid4(), name=name, session_id=uuid4(), unit_id=unit_id, unit_path=path, grants=grants,
        address="10.0.0.2",
    )


@dataclass(frozen=True)
class People:
    """Who acts on the commune's petitions."""

    handler: Actor
    approver: Actor
    both: Actor
    reader: Actor
    neighbour: Actor
    province: Actor
    citizen: Actor
    nobody: Actor = ANONYMOUS


def make_people(ids: dict[str, int]) -> People:
    """Return officers of the commune, of its neighbour and of the province, and a citizen."""
    here = ids[COMMUNE]
    return People(
        handler=officer("Chị Hà", COMMUNE_PATH, Role.HANDLER, unit_id=here),
        approver=officer("Anh Phúc", COMMUNE_PATH, Role.APPROVER, unit_id=here),
        both=officer("Chị Lan", COMMUNE_PATH, Role.HANDLER, Role.APPROVER, unit_id=here),
        reader=officer("Anh Đức", COMMUNE_PATH, Role.READER, unit_id=here),
        neighbour=officer("Anh Nam", NEIGHBOUR_PATH, Role.HANDLER, Role.APPROVER, unit_id=ids[NEIGHBOUR]),
        province=officer("Chị Thu", PROVINCE_PATH, Role.HANDLER, Role.APPROVER, unit_id=ids[PROVINCE]),
        citizen=Actor(kind="citizen", person_id=uuid4(), name="Bà Tư", session_id=uuid4(), address="10.0.0.3"),
    )


def fields(**changes: Any) -> dict[str, Any]:
    """Return the fields of a good form."""
    return {"kind": "phan_anh", "body": BODY, "unit": COMMUNE, "place": "Thôn 5", **changes}


def submission(**changes: Any) -> Submission:
    """Return a checked submission."""
    return check_submission(fields(**changes))


def new_key() -> str:
    """Return a client-made key."""
    return secrets.new_token(128)


def picture(colour: str = "red", size: tuple[int, int] = (32, 24), kind: str = "JPEG") -> bytes:
    """Return a small picture."""
    stream = io.BytesIO()
    Image.new("RGB", size, colour).save(stream, kind)
    return stream.getvalue()


async def photo(colour: str = "red") -> files.PreparedFile:
    """Return a prepared photo."""
    return await files.prepare(picture(colour), "IMG_1.jpg", files.Purpose.PHOTO)


async def send(actor: Actor = ANONYMOUS, key: str = "", photos: int = 0, **changes: Any) -> service.Sent:
    """Send a petition."""
    prepared = [await photo(colour) for colour in ("red", "green", "blue", "white", "black")[:photos]]
    return await service.submit_petition(actor, key or new_key(), submission(**changes), prepared)


async def row_of(number: str) -> RowMapping:
    """Return the stored row."""
    async with db.reading() as session:
        return (await session.execute(text("SELECT * FROM petition WHERE number = :number"), {"number": number})).mappings().one()


async def version_of(number: str) -> int:
    """Return the petition's version now."""
    return int((await row_of(number))["version"])


async def rows(statement: str, **values: Any) -> list[RowMapping]:
    """Return what a query finds."""
    async with db.reading() as session:
        return list((await session.execute(text(statement), values)).mappings())


async def count(table: str, where: str = "true", **values: Any) -> int:
    """Return how many rows a table has."""
    return int((await rows(f"SELECT count(*) AS n FROM {table} WHERE {where}", **values))[0]["n"])


async def take_up(people: People, number: str) -> None:
    """Take a new petition up."""
    await service.take_up(people.handler, number, await version_of(number))


async def publish(people: People, number: str, **changes: str) -> None:
    """Publish its question in the masked copy."""
    row = await row_of(number)
    copy = {"title": row["public_title"], "body": row["public_body"], "place": row["public_place"], **changes}
    await service.publish_question(people.handler, number, row["version"], **copy)


async def withhold(people: People, number: str) -> None:
    """Keep its question back."""
    await service.withhold_question(people.handler, number, await version_of(number), REASON)


async def answer(people: People, number: str, body: str = ANSWER, attachments: tuple[Any, ...] = ()) -> None:
    """Hand an answer in."""
    await service.submit_answer(people.handler, number, await version_of(number), "solved", body, attachments)


async def approve(people: People, number: str) -> None:
    """Approve the answer."""
    await service.approve_answer(people.approver, number, await version_of(number))


async def answered(people: People, withheld: bool = False, **changes: Any) -> str:
    """Return the number of a petition that has gone the whole way."""
    number = (await send(**changes)).number
    await take_up(people, number)
    await (withhold if withheld else publish)(people, number)
    await answer(people, number)
    await approve(people, number)
    return number


def fold(events: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Work a petition's state out of nothing but its events."""
    found: dict[str, Any] = {
        "state": "new", "version": 0, "publication": "pending", "published_at": None, "withheld_reason": "", "taken_at": None,
        "taken_by": None, "answered_at": None,
    }
    for event in events:
        assert event["from_state"] == found["state"], "an event goes on from where the one before it ended"
        assert event["seq"] == found["version"] + 1
        found |= {"state": event["to_state"], "version": event["seq"]}
        match event["action"]:
            case "take_up":
                found |= {"taken_at": event["at"], "taken_by": event["person_id"]}
            case "publish_question":
                found |= {"publication": "published", "published_at": event["at"], "withheld_reason": ""}
            case "withhold_question":
                found |= {"publication": "withheld", "published_at": None, "withheld_reason": event["public_note"]}
            case "approve_answer":
                found |= {"answered_at": event["at"]}
    return found


async def _no_page(scope: Any, receive: Any, send_back: Any) -> None:
    raise AssertionError(f"no route for {scope['path']}")


def browser(**headers: str) -> httpx.AsyncClient:
    """Return a client of our own routes, behind the layer that knows who is calling."""
    app = identity_web.identified(http.router(_no_page))
    transport = httpx.ASGITransport(app, client=("10.0.0.9", 40_000))
    return httpx.AsyncClient(transport=transport, base_url=ORIGIN, headers={"origin": ORIGIN, **headers})
