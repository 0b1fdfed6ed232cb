"""The load of `bench lists`, in a process of its own: asks, takes the time, counts statements, answers as JSON."""

from __future__ import annotations

import asyncio
import http.client
import itertools
import json
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from mattranso_app.bench.lists.calls import Ground, http_calls, read_ground, service_calls
from mattranso_app.bench.report import percentile
from mattranso_app.core import db
from mattranso_app.rooms import register
from mattranso_app.settings import settings

WARM_UP = 10
AT_ONCE = 8


@dataclass(slots=True)
class Answer:
    """What one kind of call took: milliseconds, and the most SQL statements of one call (None over HTTP)."""

    name: str
    spent: list[float]
    statements: int | None = None
    is_judged: bool = True

    def as_json(self) -> dict[str, Any]:
        """Return it as the bench reads it."""
        return {
            "name": self.name, "p50": percentile(self.spent, 0.5), "p95": percentile(self.spent, 0.95),
            "statements": self.statements, "is_judged": self.is_judged,
        }  # fmt: skip


async def run(calls: int) -> list[dict[str, Any]]:
    """Measure every kind of call `calls` times."""
    register()
    await db.open_pool()
    try:
        ground = await read_ground()
        answers = {name: await _service(name, call, calls) for name, call in service_calls(ground).items()}
    finally:
        await db.close_pool()
    for name, addresses in http_calls(ground).items():
        answers[f"HTTP {name}"] = await asyncio.to_thread(_over_http, f"HTTP {name}", addresses, calls)
    crowd = await asyncio.gather(*(asyncio.to_thread(_mixed, ground, calls, number) for number in range(AT_ONCE)))
    name = f"HTTP {AT_ONCE} người cùng lúc, xen kẽ danh sách và tìm kiếm"
    answers[name] = Answer(name, [spent for each in crowd for spent in each], is_judged=False)
    deep = {"trang 1.000 so với trang 1": ("danh sách", "danh sách, trang 1.000"), **ground.deep_pairs}
    ratios = [
        {"name": told, "ratio": percentile(answers[far].spent, 0.5) / percentile(answers[near].spent, 0.5)}
        for told, (near, far) in deep.items()
    ]
    return [answer.as_json() for answer in answers.values()] + ratios


async def _service(name: str, call: Callable[[int], Awaitable[object]], calls: int) -> Answer:
    answer = Answer(name, [], 0)
    for number in range(-WARM_UP, calls):
        statements: list[str] = []
        stop = db.count_statements(statements)
        begun = time.perf_counter()
        await call(number)
        spent = 1000 * (time.perf_counter() - begun)
        stop()
        if number >= 0:
            answer.spent.append(spent)
            answer.statements = max(answer.statements or 0, len(statements))
    return answer


def _over_http(name: str, addresses: list[str], calls: int) -> Answer:
    connection = http.client.HTTPConnection("127.0.0.1", settings().port, timeout=60)
    spent = [_fetch(connection, address) for address in itertools.islice(itertools.cycle(addresses), WARM_UP + calls)]
    connection.close()
    return Answer(name, spent[WARM_UP:])


def _mixed(ground: Ground, calls: int, number: int) -> list[float]:
    addresses = [address for each in zip(*http_calls(ground).values(), strict=False) for address in each]
    return _over_http("", addresses[number:] + addresses[:number], calls // 2).spent


def _fetch(connection: http.client.HTTPConnection, address: str) -> float:
    begun = time.perf_counter()
    connection.request("GET", address, headers={"Host": f"localhost:{settings().port}"})
    response = connection.getresponse()
    body = response.read()
    if response.status != 200 or not body:
        raise RuntimeError(f"{address}: {response.status} {body[:200]!r}")
    return 1000 * (time.perf_counter() - begun)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(run(int(sys.argv[1])))))
