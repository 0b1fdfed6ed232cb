"""The socket in hostile hands: events in every disguise, payloads of every kind, packets that are none."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from mattranso_app.core.errors import Forbidden, NotFound
from mattranso_app.identity import guard, service, text
from mattranso_app.settings import settings
from tests.identity.browser import NAMESPACE, Browser, Socket
from tests.trust.conftest import House
from tests.trust.probe import ProbeState
from tests.trust.talk import SHOW, STATES, Reaction, after, ask

pytestmark = pytest.mark.asyncio(loop_scope="session")

DESK = f"{STATES}.mattranso_app___petitions___states___desk____desk_state.mattranso_app___petitions___states___desk_item____petition_state"
PROBE = f"{STATES}.{ProbeState.get_name()}"
HYDRATE_AND_LOAD = f"{STATES}.hydrate_and_load"
ON_LOAD = f"{STATES}.reflex___state____on_load_internal_state.on_load_internal"
UPDATE_VARS = f"{STATES}.reflex___state____update_vars_internal_state.update_vars_internal"
DESK_PAGE = "/phan-anh/ban-lam-viec"


def desk_of(number: str) -> str:
    """Return the address of the desk with a petition open."""
    return f"{DESK_PAGE}?mo={number}"


def event(name: str, payload: dict[str, Any] | None = None, path: str = "/") -> dict[str, Any]:
    """Return an event as a tab sends it."""
    return {"name": name, "payload": payload or {}, "router_data": {"pathname": path, "asPath": path, "query": {}}}


def asks_to_sign_in(reaction: Reaction) -> bool:
    """Return whether the tab was sent to the sign-in page."""
    return any(place.startswith("/dang-nhap") for place in reaction.redirects)


async def nothing() -> None:
    """Send nothing: what comes is from something sent before."""


async def alive(socket: Socket) -> None:
    """Assert that the socket still answers."""
    assert (await ask(socket, f"{STATES}.khong_co.gi")).notices == [text.UNKNOWN_ACT]


async def test_an_event_inside_the_connect_packet_comes_past_the_guard(house: House) -> None:
    for name, allowed in (("nobody", False), ("citizen", False), ("own reader", True)):
        socket = house.browser(name).socket(boot=event(f"{DESK}.load", None, desk_of(house.numbers["new"])))
        async with socket:
            reaction = await after(socket, nothing())
            shown = [delta for delta in socket.deltas if house.secret in json.dumps(delta, ensure_ascii=False)]
            assert bool(shown) == allowed, name
            assert asks_to_sign_in(reaction) or socket.redirects or name != "nobody"


@pytest.mark.parametrize("way", [HYDRATE_AND_LOAD, ON_LOAD])
async def test_loading_a_page_queues_nothing_past_the_guard(house: House, way: str) -> None:
    address = f"{DESK_PAGE}?mo={house.numbers['new']}"
    for name, allowed in (("nobody", False), ("citizen", False), ("stranger handler", False), ("own handler", True)):
        async with house.browser(name).socket() as socket:
            await ask(socket, way, path=address)
            await after(socket, nothing())  # the page's own handlers are queued by the first
            await after(socket, nothing())
            assert (house.secret in json.dumps(socket.deltas, ensure_ascii=False)) == allowed, name


async def test_chained_and_background_handlers_come_past_the_guard(house: House) -> None:
    for name, allowed in (("nobody", False), ("citizen", False), ("own handler", True)):
        async with house.browser(name).socket() as socket:
            for handler in ("chain", "guarded", "in_background"):
                reaction = await ask(socket, f"{PROBE}.{handler}")
                if allowed and handler == "in_background":
                    await socket.until(lambda: socket.value("later") == name)  # noqa: B023 - waited for at once
                    continue
                more = await after(socket, nothing())
                seen = reaction.values | more.values
                refused = asks_to_sign_in(reaction) or asks_to_sign_in(more) or Forbidden.default_text in reaction.notices + more.notices
                assert refused != allowed, f"{handler} as {name}"
                assert any(value == name for key, value in seen.items() if key.startswith("probe_state")) == allowed


@pytest.mark.parametrize("name", [
    f"{STATES}.setvar", f"{DESK}.setvar", f"{DESK}.set_number", f"{STATES}.set_is_hydrated.x", f"{DESK}.__init__", f"{DESK}._show", "",
    "constructor", "__proto__", f"{DESK}.open.__func__", "../../etc/passwd", f"{DESK}", "a" * 5000, f"{STATES}.reset", f"{DESK}.get_state",
])
async def test_setters_and_names_nobody_offered_do_nothing(house: House, name: str) -> None:
    async with house.browser("own handler").socket() as socket:
        reaction = await ask(socket, name, {"var_name": "number", "value": "x", "self": 1})
        assert reaction.notices == [text.UNKNOWN_ACT]
        assert not [key for key in reaction.values if key.startswith("desk_state")]


@pytest.mark.parametrize("payload", [
    {}, {"file_id": None}, {"file_id": 7}, {"file_id": ["PA"]}, {"file_id": {"a": 1}}, {"file_id": True}, {"file_id": "x", "more": 1},
    {"file_id": "x", "__proto__": {"a": 1}}, {"file_id": "x", "constructor": 1}, {"self": 1, "file_id": "x"}, {"__class__": "x"},
    {"file_id": "x", "actor": {"kind": "system"}},
])
async def test_payloads_of_wrong_kinds_are_refused_in_plain_words(house: House, payload: dict[str, Any]) -> None:
    async with house.browser("own handler").socket() as socket:
        reaction = await ask(socket, f"{DESK}.remove_file", payload)
        assert reaction.notices == [text.BAD_PAYLOAD]
        assert "desk_state.number" not in reaction.values


FORMS: list[Any] = [
    {}, {"title": None, "body": None, "place": None}, {"title": 1, "body": [], "place": {}}, {"body": "x" * 60_000, "outcome": "solved"},
    {"reason": "\x00\ud83d" * 9}, {"reason": {"$ne": ""}}, {"__proto__": {"x": 1}, "reason": []},
    {"body": "a" * 30_000, "title": "b" * 30_000},
]


@pytest.mark.parametrize("handler", ["publish_question", "withhold_question", "submit_answer", "read_contact"])
async def test_forms_filled_with_anything_are_no_fault_of_ours(house: House, handler: str) -> None:
    async with house.browser("own handler").socket() as socket:
        await ask(socket, f"{DESK}.load", path=desk_of(house.numbers["new"]))
        for form in FORMS:
            reaction = await ask(socket, f"{DESK}.{handler}", {"form": form})
            said = [*reaction.notices, str(reaction.values.get("petition_state.act_problem", ""))]
            assert any(said) and not any("Mã tham chiếu" in words for words in said), f"{form}: {reaction}"
            assert not reaction.values.get("petition_state.act_done") and not reaction.values.get("petition_state.contact")


async def test_too_much_is_refused_and_far_too_much_cuts_the_socket(house: House) -> None:
    async with house.browser("own handler").socket() as socket:
        reaction = await ask(socket, f"{DESK}.remove_file", {"file_id": "x" * (guard.PAYLOAD_LIMIT + 1)})
        assert reaction.notices == [text.TOO_LARGE]
        reaction = await ask(socket, f"{DESK}.publish_question", {"form": {str(number): "x" for number in range(8_000)}})
        assert reaction.notices == [text.TOO_LARGE]
    async with house.browser("own handler").socket() as socket:
        await socket.raw(event(f"{DESK}.remove_file", {"file_id": "x" * 400_000}))
        await socket.until(lambda: socket.closed is not None)
    async with house.browser("own handler").socket() as socket:
        await alive(socket)


@pytest.mark.parametrize("data", [
    None, 7, "văn bản", "{}", [], [["event"]], {}, {"name": 7}, {"name": ["x"]}, {"name": SHOW, "payload": []},
    {"name": SHOW, "payload": "x"},
    {"name": SHOW, "payload": {}, "router_data": "x"}, {"name": SHOW, "payload": {}, "router_data": {"query": 1}},
    {"name": SHOW, "payload": {}, "router_data": {"pathname": 1}}, {"name": SHOW, "router_data": {"asPath": "x" * 3000}},
    {"name": SHOW, "payload": {"text": {"a": 1}}}, {"name": SHOW, "payload": {"text": "x", "self": 1}}, {"payload": {"text": "0912345678"}},
])
async def test_events_that_are_none_are_dropped_without_a_trace_of_their_content(house: House, data: Any, caplog: Any) -> None:
    with caplog.at_level(logging.DEBUG):
        async with house.browser("own handler").socket() as socket:
            await socket.raw(data)
            await alive(socket)
    assert "0912345678" not in caplog.text and "văn bản" not in caplog.text


@pytest.mark.parametrize("packet", [
    "", "9", "4", "42", "42/", f"42{NAMESPACE},", f"42{NAMESPACE},{{", f"42{NAMESPACE},[]", f"42{NAMESPACE},[7]",
    f'42{NAMESPACE},["event"]', f'42{NAMESPACE},["event",1,2,3]', f'42{NAMESPACE},["connect",{{}}]', f'42{NAMESPACE},["disconnect"]',
    '42/khac,["event",{}]', "40/khac,",
    f"451-{NAMESPACE},[]", f'42{NAMESPACE},["client_error","0912345678"]', f'42{NAMESPACE},["__class__",1]', "\x00\uffff", "1", "44",
    f"40{NAMESPACE},[]", f"40{NAMESPACE}," + "[" * 2000,
])
async def test_packets_that_are_none_hurt_nobody_else(house: House, packet: str) -> None:
    async with house.browser("own handler").socket() as other, house.browser().socket() as socket:
        await socket._put(packet)
        await alive(other)
        assert not socket.deltas or socket.closed is None


@pytest.mark.parametrize("variables", [
    {f"{DESK}.number_rx_state_": "PA"}, {f"{DESK}.can_approve": "true"}, {"x": "y"}, {f"{STATES}.router": "z"}, {"__class__": "x"},
    "văn bản", [1], {f"{DESK}.number": "x" * 9000},
])
async def test_stored_variables_enter_only_where_declared(house: House, variables: Any) -> None:
    async with house.browser("own handler").socket() as socket:
        for way in (UPDATE_VARS, HYDRATE_AND_LOAD):
            reaction = await ask(socket, way, {"vars": variables})
            assert reaction.notices == [text.BAD_PAYLOAD], way
            assert not reaction.values.get("desk_state.number") and not reaction.values.get("petition_state.can_approve")


@pytest.mark.parametrize("handler", ["hydrate", "set_is_hydrated", "hydrate_and_load"])
@pytest.mark.parametrize("payload", [{"x": 1}, {"value": {"a": 1}}, {"self": 1}, {"vars": None}])
async def test_built_in_events_with_odd_payloads_show_no_inside(house: House, handler: str, payload: dict[str, Any]) -> None:
    async with house.browser().socket() as socket:
        reaction = await ask(socket, f"{STATES}.{handler}", payload)
        assert not any("Error" in words or "Traceback" in words for words in reaction.notices)
        await alive(socket)


async def test_what_a_tab_says_of_itself_counts_for_nothing(house: House) -> None:
    """Address, headers, cookie and token are the connection's, whatever an event claims."""
    victim = house.cast.tokens["own handler"]
    headers = {"cookie": f"mts_session={victim}"}
    claims = {"ip": "127.0.0.1", "headers": headers, "token": "x", "session_id": "x", "pathname": "/", "asPath": "/"}
    async with house.browser().socket() as socket:
        reaction = await after(socket, socket.raw({"name": f"{DESK}.load", "payload": {}, "token": "x", "router_data": claims}))
        assert asks_to_sign_in(reaction)
        assert str(socket.value("rx_router_session")).count("10.0.0.1") == 1


async def test_a_signed_identity_made_up_by_a_browser_is_nobodys(house: House) -> None:
    """Also not one another tab has seen in its own state: the browser's cookies never reach the app behind the socket."""
    async with house.browser("own handler").socket() as socket:
        await ask(socket, f"{DESK}.load")
        seen = socket.value("rx_router_headers")["raw_headers"].get("cookie", "")
    async with Browser(house.app).socket(headers={"cookie": seen or "mts=x"}) as socket:
        assert asks_to_sign_in(await ask(socket, f"{DESK}.load"))


async def test_the_token_of_a_tab_without_its_cookie_opens_an_empty_state(house: House) -> None:
    officer = house.browser("own handler")
    async with officer.socket(token="the-token-of-this-tab") as socket:
        await ask(socket, f"{DESK}.load", path=desk_of(house.numbers["new"]))
        bound = socket.value("rx_router_session")["client_token"]
    for name in ("nobody", "citizen", "own reader"):
        for stolen in ("the-token-of-this-tab", bound):
            async with house.browser(name).socket(token=stolen) as socket:
                reaction = await ask(socket, f"{STATES}.hydrate")
                assert house.secret not in json.dumps(socket.deltas, ensure_ascii=False)
                assert not reaction.values.get("desk_state.number"), name
    async with officer.socket(token="the-token-of-this-tab") as socket:
        reaction = await ask(socket, f"{STATES}.hydrate")
        assert reaction.values["desk_state.number"] == house.numbers["new"]  # its own tab finds it again


@pytest.mark.parametrize("token", ["", "x", "a" * 500, "../..", "x\r\ny: z", "é" * 20])
async def test_tokens_of_any_form_end_in_a_state_of_ones_own(house: House, token: str) -> None:
    async with Socket(house.browser(), token) as socket:
        await alive(socket)


@pytest.mark.parametrize("origin", [
    None, "", "null", "https://xau.example", "http://localhost:8001", "https://localhost:8000", "http://localhost:8000.xau.example",
    "http://localhost:8000/", "file://", "http://LOCALHOST:8000",
])
async def test_a_foreign_origin_gets_no_socket(house: House, origin: str | None) -> None:
    browser = Browser(house.app, origin=origin, cookies=house.cast.cookies("own handler"))
    socket = browser.socket()
    await socket.open()
    assert not socket.accepted and socket.closed is not None  # closed before the accept: HTTP 403
    await socket.close()


@pytest.mark.parametrize("host", ["xau.example", "localhost:8001", "", "localhost:8000@xau.example"])
async def test_a_foreign_host_gets_no_socket(house: House, host: str) -> None:
    socket = house.browser("own handler").socket(headers={"host": host})
    await socket.open()
    assert not socket.accepted
    await socket.close()


async def test_there_is_no_second_door_beside_the_websocket(house: House) -> None:
    """Polling would bring events past the binding of token and session."""
    for method in ("GET", "POST"):
        answer = await house.browser().request(method, f"{NAMESPACE}/?EIO=4&transport=polling&token=abcdefgh")
        assert answer.status_code in (400, 405), answer.text


async def test_script_errors_are_logged_shortly_and_without_contacts(house: House, caplog: Any) -> None:
    name = f"{STATES}.reflex___state____frontend_event_exception_state.handle_frontend_exception"
    async with house.browser().socket() as socket:
        await ask(socket, name, {"info": "TypeError 0912 345 678 ten@vidu.vn\n" + "x" * 9000, "component_stack": "y"})
    assert "script error" in caplog.text
    assert "345 678" not in caplog.text and "ten@vidu.vn" not in caplog.text
    assert all(len(record.getMessage()) < 1000 for record in caplog.records)


async def test_one_address_cannot_hold_all_sockets(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "sockets_per_address", 2)
    crowd = Browser(house.app, address="10.4.4.4")
    async with crowd.socket() as first, crowd.socket() as second:
        third = crowd.socket()
        await third.open()
        assert not third.accepted and third.closed is not None
        await third.close()
        await alive(first)
        await alive(second)
        async with Browser(house.app, address="10.4.4.5").socket() as other:
            await alive(other)
    async with crowd.socket() as again:
        await alive(again)


async def test_the_demonstrations_messages_are_read_nowhere_else(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings(), "env", "production")
    async with house.browser("own administrator").socket() as socket:
        reaction = await ask(socket, f"{STATES}.mattranso_app___identity___state____messages_state.load")
        assert reaction.notices == [NotFound.default_text] and "messages_state.messages" not in reaction.values


async def test_an_access_token_opens_no_socket(house: House) -> None:
    owner = await house.cast.actor("own handler")
    made = await service.create_token(owner, name="Bảng tính", scopes=["account.read", "petition.read"], days=1)
    for browser, headers in (
        (house.browser(), {"authorization": f"Bearer {made.token}"}), (Browser(house.app, cookies={"mts_session": made.token}), {}),
    ):
        async with browser.socket(headers=headers) as socket:
            reaction = await ask(socket, f"{DESK}.load", path=DESK_PAGE)
            assert asks_to_sign_in(reaction) and not reaction.values.get("petition_state.items")
