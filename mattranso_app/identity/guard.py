"""The guard before every socket event, whatever way it came: connect packet, page load, chain, background.

Every handler that Reflex registers can be called by anyone with any payload. So each declares who may call it, the
session is looked up in the database before each event, and the payload is checked against the handler's own types. What
Reflex brings along is allowed by name, with a reason; anything else is refused, undeclared handlers stop the start-up.
"""

from __future__ import annotations

import asyncio
import inspect
import json
import logging
from dataclasses import dataclass, field
from typing import Any, get_type_hints
from urllib.parse import urlencode
from uuid import UUID

import reflex as rx
from pydantic import PydanticSchemaGenerationError, PydanticUserError, TypeAdapter, ValidationError
from reflex.app import EventNamespace
from reflex.middleware import Middleware
from reflex.state import (
    BaseState,
    EventHandlerSetVar,
    FrontendEventExceptionState,
    OnLoadInternalState,
    State,
    StateUpdate,
    UpdateVarsInternalState,
)
from reflex_base.event import Event, EventHandler, EventSpec
from reflex_base.event.context import EventContext
from reflex_base.event.processor.base_state_processor import _transform_event_payload
from reflex_base.registry import RegistrationContext
from reflex_base.utils.format import format_event_handler

from mattranso_app.core.access import Action, Actor, declared_action, is_automatic, is_declared, require_somewhere, set_current_actor
from mattranso_app.core.errors import DomainError, InvalidInput, ProofRequired, SecondFactorRequired, SignInRequired, TooLarge
from mattranso_app.core.http import fault
from mattranso_app.core.masking import mask
from mattranso_app.identity import service, sockets, text
from mattranso_app.identity.notice import NoticeState
from mattranso_app.identity.store import LiveSession
from mattranso_app.identity.visit import safe_next

PAYLOAD_LIMIT = 64 * 1024
"""Bytes of one event's payload as JSON; the longest text people send is a tenth of it."""

STORED_VALUE_LIMIT = 4096
"""Characters of one browser-stored variable."""

CUT_DELAY = 0.5
"""Seconds between telling a tab that its session has ended and cutting its socket."""

log = logging.getLogger(__name__)


class UndeclaredHandlers(Exception):
    """Handlers that anyone could call without anybody having said who may; the message names them."""


@dataclass(frozen=True, slots=True)
class _Door:
    """What the guard knows of one handler: who may call it and the kinds of its arguments."""

    action: Action | None
    hints: dict[str, Any] = field(default_factory=dict)
    checks: dict[str, TypeAdapter[Any]] = field(default_factory=dict)
    required: frozenset[str] = frozenset()
    is_automatic: bool = False


_doors: dict[str, _Door] = {}


def _name(state: type[BaseState], handler: str) -> str:
    return format_event_handler(state.event_handlers[handler])


_HYDRATE_AND_LOAD = _name(State, "hydrate_and_load")
_ON_LOAD = _name(OnLoadInternalState, "on_load_internal")
_UPDATE_VARS = _name(UpdateVarsInternalState, "update_vars_internal")
_SHOW_NOTICE = _name(NoticeState, "show")

BUILT_IN: dict[str, str] = {
    _HYDRATE_AND_LOAD: "first event of every socket: sends the tab its own state; stored variables are checked here",
    _name(State, "hydrate"): "sends the tab its own state",
    _name(State, "set_is_hydrated"): "ends loading in the tab's own state",
    _ON_LOAD: "queues a page's on_load handlers, each of which comes past the guard again",
    _name(OnLoadInternalState, "set_is_hydrated"): "ends loading in the tab's own state",
    _UPDATE_VARS: "keeps browser-stored variables; only declared ones, checked here",
    _name(FrontendEventExceptionState, "handle_frontend_exception"): "a script error of the tab; logged shortly",
}
"""Reflex's own handlers that browsers need, each with the reason why anyone may call it. `setvar` is not among them."""


def check_all_handlers(app: rx.App) -> None:
    """Learn every registered handler, and stop the start-up if one declares nothing. Also takes the socket in hand.

    Raises:
        UndeclaredHandlers: a handler without `@needs`/`@public`, or with an argument whose kind cannot be checked.
    """
    faults: list[str] = []
    _doors.clear()
    for name, registered in RegistrationContext.get().event_handlers.items():
        handler = registered.handler
        if isinstance(handler, EventHandlerSetVar) or name in BUILT_IN:
            continue
        if not is_declared(handler.fn):
            faults.append(f"{handler.fn.__module__}.{handler.fn.__qualname__} declares neither @needs nor @public")
            continue
        try:
            _doors[name] = _door(handler)
        except (TypeError, PydanticSchemaGenerationError, PydanticUserError) as error:
            faults.append(f"{handler.fn.__module__}.{handler.fn.__qualname__}: {error}")
    if faults:
        raise UndeclaredHandlers("; ".join(faults))
    app.frontend_exception_handler = note_script_error
    if app.sio is not None and app.event_namespace is not None:
        namespace = GuardedNamespace(app.event_namespace.namespace, app)
        app._event_namespace = namespace
        app.sio.register_namespace(namespace)


def declared_handlers() -> dict[str, Action | None]:
    """Return every handler's event name with the action it needs (None: public). For the rights tests."""
    return {name: door.action for name, door in _doors.items()}


def _door(handler: EventHandler) -> _Door:
    parameters = list(inspect.signature(handler.fn).parameters.values())[1:]
    hints = get_type_hints(handler.fn)
    checks: dict[str, TypeAdapter[Any]] = {}
    for parameter in parameters:
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            raise TypeError(f"takes any arguments ({parameter.name})")
        if parameter.name not in hints:
            raise TypeError(f"argument {parameter.name} has no type")
        checks[parameter.name] = TypeAdapter(hints[parameter.name])
    return _Door(
        action=declared_action(handler.fn), hints=hints, checks=checks,
        required=frozenset(parameter.name for parameter in parameters if parameter.default is parameter.empty),
        is_automatic=is_automatic(handler.fn),
    )


class Guard(Middleware):
    """Runs before every event, in the task of its handler."""

    async def preprocess(self, app: rx.App, state: BaseState, event: Event) -> StateUpdate | None:
        """Let the event through with `current_actor()` set, or answer it with a notice or the way to the sign-in page."""
        router_data = EventContext.get().router_data or state.router_data
        address = str(router_data.get("ip", ""))
        set_current_actor(Actor("anonymous", address=address))
        if event.name == _SHOW_NOTICE:  # needs nobody; looking the session up again would turn a database that is down into a loop
            return None if isinstance(event.payload.get("text"), str) and len(event.payload) == 1 else StateUpdate()
        session_id = sockets.session_of(router_data.get("headers") or {})
        found = await service.recheck(session_id, address) if session_id is not None else None
        if session_id is not None and found is None:
            return _ended(session_id, event, router_data)
        if found is not None:
            set_current_actor(found.actor)
        try:
            if event.name in BUILT_IN:
                _check_built_in(event)
            else:
                _check_event(event, found.actor if found else Actor("anonymous", address=address))
        except DomainError as error:
            return StateUpdate(events=_events(error, router_data))
        if found is not None:
            await _sign_of_life(found, event)
        return None


class GuardedNamespace(EventNamespace):
    """Reflex's socket namespace, deaf to what is no event: malformed ones would be logged with all they hold."""

    async def on_event(self, sid: str, data: Any) -> None:
        """Pass a well-formed event on; a name nobody knows (a page older than the server) becomes a notice."""
        if not _is_event(data):
            log.warning("a malformed event was dropped")
            return
        if data["name"] not in RegistrationContext.get().event_handlers:
            data = {**data, "name": _SHOW_NOTICE, "payload": {"text": text.UNKNOWN_ACT}}
        await super().on_event(sid, data)


def answer_exception(exception: Exception) -> EventSpec | None:
    """Turn what a handler raised into a notice: expected refusals in their own words, faults with a reference number."""
    if isinstance(exception, SignInRequired | SecondFactorRequired | ProofRequired):
        return _way_out(exception, EventContext.get().router_data)
    if isinstance(exception, DomainError):
        return _notice(exception.text)
    return _notice(fault(exception, "a handler").text)


def note_script_error(exception: Exception) -> None:
    """Log an error the browser reported, shortly: it is written by whoever holds the socket."""
    words = "".join(sign if sign.isprintable() else " " for sign in str(exception)[:300])
    log.warning("script error in a page: %s", mask(words).text)


def _ended(session_id: UUID, event: Event, router_data: dict[str, Any]) -> StateUpdate:
    """Answer an event of a socket whose session has ended, and cut the socket: dialling again, it is nobody's."""
    asyncio.get_running_loop().call_later(CUT_DELAY, sockets.cut, [session_id])
    return StateUpdate(events=[] if event.name in BUILT_IN else _events(SignInRequired(), router_data))


def _check_event(event: Event, actor: Actor) -> None:
    door = _doors.get(event.name)
    if door is None:
        raise InvalidInput(text.UNKNOWN_ACT)
    if door.action is not None:
        require_somewhere(actor, door.action)
    try:
        size = len(json.dumps(event.payload, ensure_ascii=False, allow_nan=False, default=str).encode())
    except (ValueError, RecursionError) as error:  # no number, half a character, a ring
        raise InvalidInput(text.BAD_PAYLOAD) from error
    if size > PAYLOAD_LIMIT:
        raise TooLarge(text.TOO_LARGE)
    if not door.required <= event.payload.keys() <= door.checks.keys():
        raise InvalidInput(text.BAD_PAYLOAD)
    try:
        for name, value in _transform_event_payload(event.payload, door.hints).items():
            door.checks[name].validate_python(value, strict=True)
    except (ValidationError, ValueError, TypeError) as error:
        raise InvalidInput(text.BAD_PAYLOAD) from error


def _check_built_in(event: Event) -> None:
    """Let stored variables in only where a state declares them as such, and only as short text."""
    values = event.payload.get("vars") or {}
    if event.name not in (_HYDRATE_AND_LOAD, _UPDATE_VARS):
        return
    states = RegistrationContext.get().base_states
    for full_name, value in values.items() if isinstance(values, dict) else ():
        state_name, _, variable = str(full_name).rpartition(".")
        state = states.get(state_name)
        known = state is not None and state._is_client_storage(variable.removesuffix("_rx_state_"))
        if not known or not (value is None or isinstance(value, str) and len(value) <= STORED_VALUE_LIMIT):
            raise InvalidInput(text.BAD_PAYLOAD)
    if not isinstance(values, dict):
        raise InvalidInput(text.BAD_PAYLOAD)


def _is_event(data: Any) -> bool:
    if not isinstance(data, dict) or not isinstance(data.get("name"), str) or not isinstance(data.get("payload", {}), dict):
        return False
    router_data = data.get("router_data", {})
    if not isinstance(router_data, dict) or not isinstance(router_data.get("query", {}), dict):
        return False
    paths = [router_data.get(key, "") for key in ("pathname", "asPath")]
    return all(isinstance(path, str) and len(path) <= 2000 for path in paths)


def _events(error: DomainError, router_data: dict[str, Any]) -> list[Event]:
    leads_out = isinstance(error, SignInRequired | SecondFactorRequired | ProofRequired)
    spec = _way_out(error, router_data) if leads_out else _notice(error.text)
    return Event.from_event_type(spec)


def _notice(words: str) -> EventSpec:
    spec: EventSpec = NoticeState.show(words)  # type: ignore[operator]
    return spec


def _way_out(error: DomainError, router_data: dict[str, Any]) -> EventSpec:
    """Return the way to the page where the person gets what the act lacks, and back here afterwards."""
    if isinstance(error, SecondFactorRequired):
        return rx.redirect("/tai-khoan/bao-mat")
    page = "/tai-khoan/xac-minh" if isinstance(error, ProofRequired) else "/dang-nhap"
    here = safe_next(router_data.get("asPath", ""))
    return rx.redirect(f"{page}?{urlencode({'tiep': here})}" if here else page)


async def _sign_of_life(found: LiveSession, event: Event) -> None:
    """Note that a person acts: an event the tab itself sent. Reconnecting, and the loading it causes, is no act."""
    door = _doors.get(event.name)
    if EventContext.get().parent_txid is not None or (door is not None and door.is_automatic):
        return
    if door is not None or event.name == _ON_LOAD:
        await service.touch(found)
