"""The matrix of rights: every route, handler, topic and file, asked by everybody there is. Generated from the registries."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from mattranso_app.core import http
from mattranso_app.core.access import ANY_SIGNED_IN, CENTRAL_ONLY, ROLE_ACTIONS, Action
from mattranso_app.core.errors import Forbidden
from mattranso_app.core.files import reading
from mattranso_app.core.live import topics
from mattranso_app.core.search.sources import sources
from mattranso_app.identity import guard
from tests.identity.browser import Browser
from tests.trust import expected
from tests.trust.cast import EVERYONE, OFFICERS
from tests.trust.conftest import House
from tests.trust.talk import ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

COMMUNE = "19774"
ABOVE = {"19774": ("19774", "46", "vn")}


def may(name: str, action: str, unit: str | None = None) -> bool:
    """Return what `expected.RIGHTS` says of somebody: on `unit` and its parents, or anywhere at all."""
    if action in (expected.PUBLIC, expected.BY_TOKEN):
        return action == expected.PUBLIC
    if name == "nobody":
        return False
    if action in (expected.SIGNED_IN, expected.READS_OWN):
        return True
    if name == "citizen":
        return False
    where, role, organisation = OFFICERS[name]
    held = role if where != "vn" or f"central {role}" not in expected.RIGHTS[action] else f"central {role}"
    if action in expected.PROVINCE_AND_ABOVE and where not in ("vn", "46", "48"):
        return False
    ours = organisation == "mttq" or action in expected.EVERY_ORGANISATION
    return held in expected.RIGHTS[action] and ours and (unit is None or where in ABOVE[unit])


def stops_inside(name: str, action: str) -> bool:
    """Return whether the door lets somebody in whom only the service behind it refuses: he acts for another organisation."""
    if name not in OFFICERS or may(name, action):
        return False
    _, role, organisation = OFFICERS[name]
    return organisation != "mttq" and action not in expected.EVERY_ORGANISATION and role in expected.RIGHTS.get(action, ())


def short(handler: str) -> str:
    """Return `state.handler` of a handler's full event name."""
    return handler.rpartition("____")[2]


async def test_every_door_has_its_line_and_every_line_its_door(house: House) -> None:
    """Whoever adds a door writes down in `expected.py` who may come in; what other tests have registered is left out."""
    routes = {f"{method} {path}": str(action or expected.PUBLIC) for (method, path), action in http.declared_routes().items()}
    wanted = {name: expected.PUBLIC if action == expected.BY_TOKEN else action for name, action in expected.ROUTES.items()}
    assert {name: action for name, action in routes.items() if " /t/" not in name} == wanted
    handlers = {short(name): str(guard.declared_handlers()[name] or expected.PUBLIC) for name in our_handlers()}
    assert handlers == expected.HANDLERS
    assert {name for name, topic in topics._topics.items() if is_ours(topic.snapshot)} == set(expected.TOPICS)
    for name, topic in topics._topics.items():
        if is_ours(topic.snapshot) and not callable(topic.readers):  # those with a function of their own are tried below
            assert str(topic.readers) == expected.TOPICS[name]
    assert {kind for kind, reader in reading._readers.items() if is_ours(reader)} == set(expected.FILES)
    assert {name for name, source in sources.items() if is_ours(source.fetch)} == set(expected.SOURCES)


def our_handlers() -> list[str]:
    """Return the event names of the platform's own handlers."""
    return [name for name in guard.declared_handlers() if ".mattranso_app" in name]


def is_ours(function: Any) -> bool:
    """Return whether a registration comes from the platform and not from a test."""
    return str(function.__module__).startswith("mattranso_app.")


async def test_the_table_of_roles_is_the_one_written_down(house: House) -> None:
    carried: dict[str, set[str]] = {str(action): set() for action in Action}
    for role, actions in ROLE_ACTIONS.items():
        for action in actions:
            carried[action].add(role)
    for action in CENTRAL_ONLY:
        carried[action].add("central administrator")
    for action in ANY_SIGNED_IN:
        carried[action].add("everyone signed in")
    assert carried == {action: set(roles) for action, roles in expected.RIGHTS.items()}


@pytest.mark.parametrize("door", expected.ROUTES)
async def test_routes(house: House, door: str) -> None:
    method, path = door.split(" ")
    address = re.sub(r"\{[^}]+\}", lambda place: "portal" if "topic" in place[0] else str(uuid4()), path)
    if door.endswith("/stream"):
        method = "HEAD"  # the same door without waiting for the stream
    action = expected.ROUTES[door]
    for name in EVERYONE:
        browser = Browser(house.app)
        if name != "nobody":
            browser.cookies = {"mts_session": await house.cast.sign_in(name)}
        answer = await browser.request(method, address, json_body={} if method == "POST" else None)
        if stops_inside(name, action):
            assert 400 <= answer.status_code < 500, f"{door} as {name}: {answer.status_code} {answer.text[:200]}"
            continue
        refused = answer.status_code in (401, 403)
        assert refused != may(name, action), f"{door} as {name}: {answer.status_code} {answer.text[:200]}"
        if refused:
            wanted = 401 if name == "nobody" or action == expected.BY_TOKEN else 403
            assert answer.status_code == wanted, f"{door} as {name}"
        assert answer.status_code < 500, f"{door} as {name}: {answer.text[:200]}"
    if "end-others" in door:
        await house.cast.sign_everyone_in()


@pytest.mark.parametrize("name", EVERYONE)
async def test_handlers_called_by_hand(house: House, name: str) -> None:
    async with house.browser(name).socket() as socket:
        for handler in our_handlers():
            action = expected.HANDLERS[short(handler)]
            if short(handler) == "notice_state.show":
                continue  # the marks of every other question use it
            reaction = await ask(socket, handler, sample(handler))
            to_sign_in = [place for place in reaction.redirects if place.startswith("/dang-nhap")]
            assert not any("Mã tham chiếu" in words for words in reaction.notices), f"{short(handler)} as {name}: {reaction}"
            if stops_inside(name, action):
                assert not to_sign_in and not shown(reaction.values), f"{short(handler)} as {name}: {reaction}"
                continue
            refused = bool(to_sign_in) or Forbidden.default_text in reaction.notices
            assert refused != may(name, action), f"{short(handler)} as {name}: {reaction}"
            if refused:
                assert bool(to_sign_in) == (name == "nobody"), f"{short(handler)} as {name}"
                assert not [key for key in reaction.values if key.startswith(short(handler).split(".")[0])], reaction


def shown(values: dict[str, Any]) -> list[str]:
    """Return the variables by which a state shows petitions, groups, or an act that was done."""
    return [key for key, value in values.items() if value and key.rpartition(".")[2] in ("items", "number", "contact", "done", "act_done")]


def sample(handler: str) -> dict[str, Any]:
    """Return a payload of the right kinds for a handler, with nothing behind it."""
    door = guard._doors[handler]
    blank: dict[Any, Any] = {str: "", int: 0, bool: False, float: 0.0}
    return {key: blank.get(door.hints[key], {}) for key in door.checks}


@pytest.mark.parametrize("topic", ["desk/19774", "portal", "petitions", "petitions/{number}"])
async def test_live_topics(house: House, topic: str) -> None:
    pattern = re.sub(r"/19774", "/{unit}", topic)
    address = topic.replace("{number}", house.numbers["published"])
    for name in EVERYONE:
        browser = house.browser(name)
        for answer in (await browser.get(f"/live/{address}.json"), await browser.request("HEAD", f"/live/{address}/stream")):
            allowed = may(name, expected.TOPICS[pattern], COMMUNE)
            wanted = 200 if allowed else 401 if name == "nobody" else 403
            assert answer.status_code == wanted, f"{address} as {name}: {answer.text[:200]}"
            if expected.TOPICS[pattern] != expected.PUBLIC and allowed:
                assert "no-store" in answer.headers["cache-control"]


async def test_private_files(house: House) -> None:
    for name in EVERYONE:
        answer = await house.browser(name).get(f"/tep/{house.numbers['private file']}")
        wanted = 200 if may(name, expected.FILES["petition"], COMMUNE) else 404
        assert answer.status_code == wanted, f"as {name}: {answer.text[:200]}"
        assert "no-store" in answer.headers["cache-control"]


async def test_a_foreign_petition_stays_shut_on_the_desk(house: House) -> None:
    """Whoever may read petitions somewhere still sees, takes up and answers none of another unit."""
    desk = next(name for name in guard.declared_handlers() if short(name) == "petition_state.load").removesuffix(".load")
    path = f"/phan-anh/ban-lam-viec?mo={house.numbers['new']}"
    for name in EVERYONE:
        if not may(name, "petition.read"):
            continue
        async with house.browser(name).socket() as socket:
            reaction = await ask(socket, f"{desk}.load", path=path)
            assert (reaction.values.get("desk_state.number") == house.numbers["new"]) == may(name, "petition.read", COMMUNE), name
            if not may(name, "petition.read", COMMUNE):
                assert house.secret not in str(reaction.values), name
                if may(name, "petition.handle"):
                    reaction = await ask(socket, f"{desk}.take_up")
                    assert not reaction.values.get("petition_state.act_done"), name
