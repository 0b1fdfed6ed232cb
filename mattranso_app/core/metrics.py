"""Figures for the operator, as OpenMetrics text: what this process answered, what waits, what is in use.

Each web process counts for itself. Labels come from our own tables of routes and queues, never from what a caller sends,
so that their number is bounded.
"""

from __future__ import annotations

import gc
import os
import resource
import time
from collections import Counter, defaultdict
from collections.abc import Mapping

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mattranso_app.core import db, jobs, live, notify
from mattranso_app.core.errors import Unavailable
from mattranso_app.core.http import ROUTE_NOTE

CONTENT_TYPE = "application/openmetrics-text; version=1.0.0; charset=utf-8"
PAGES = "page"
"""Route of what is no door of ours: built pages and their assets."""

_METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_started = time.monotonic()
_requests: Counter[tuple[str, str, int]] = Counter()
_seconds: defaultdict[str, float] = defaultdict(float)
_answers: Counter[str] = Counter()


def counted(app: ASGIApp) -> ASGIApp:
    """Wrap `app`: count every HTTP answer by route, method and status, and how long it took to begin."""

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        note: dict[str, str] = {}
        began = time.perf_counter()

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                route = note.get("route", PAGES)
                method = scope["method"] if scope["method"] in _METHODS else "other"
                _requests[route, method, message["status"]] += 1
                _seconds[route] += time.perf_counter() - began
                _answers[route] += 1
            await send(message)

        await app({**scope, ROUTE_NOTE: note}, receive, noting)

    return counting


async def text() -> str:
    """Return all figures; what is in the database is left out while it is away, and `mattranso_database_up` is 0."""
    pool = db.engine().pool
    lines = [
        *_gauge("mattranso_uptime_seconds", time.monotonic() - _started),
        *_gauge("mattranso_memory_max_bytes", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024),
        *_gauge("mattranso_process_id", os.getpid()),
        *_gauge("mattranso_gc_collections", sum(generation["collections"] for generation in gc.get_stats())),
        *_gauge("mattranso_database_connections_in_use", getattr(pool, "checkedout", lambda: 0)()),
        *_gauge("mattranso_database_connections_most", getattr(pool, "size", lambda: 0)()),
        *(line for name, value in _live().items() for line in _gauge(f"mattranso_live_{name}", value)),
    ]
    try:
        async with db.reading() as session:
            waiting = {"jobs": await jobs.figures(session), "notices": await notify.figures(session)}
    except Unavailable:
        waiting = {}
    lines += _gauge("mattranso_database_up", int(bool(waiting)))
    for what, figures in waiting.items():
        lines.append(f"# TYPE mattranso_{what} gauge")
        lines += [f"mattranso_{what}{_labels(state=state)} {count}" for state, count in figures.items()]
    lines.append("# TYPE mattranso_http_requests counter")
    for (route, method, status), count in sorted(_requests.items()):
        lines.append(f"mattranso_http_requests_total{_labels(route=route, method=method, status=str(status))} {count}")
    lines.append("# TYPE mattranso_http_answer_seconds summary")
    for route, count in sorted(_answers.items()):
        lines.append(f"mattranso_http_answer_seconds_count{_labels(route=route)} {count}")
        lines.append(f"mattranso_http_answer_seconds_sum{_labels(route=route)} {_seconds[route]:.6f}")
    return "\n".join([*lines, "# EOF", ""])


def _live() -> Mapping[str, int]:
    try:
        return live.hub().figures()
    except Unavailable:  # not open in this process, or not yet
        return {}


def _gauge(name: str, value: float) -> list[str]:
    return [f"# TYPE {name} gauge", f"{name} {value}"]


def _labels(**values: str) -> str:
    escaped = (f'{name}="{value.translate(_ESCAPES)}"' for name, value in values.items())
    return "{" + ",".join(escaped) + "}"


_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n"})
