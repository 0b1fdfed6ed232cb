"""`bench submit`: durable submissions and officers' acts, 50 at a time, and what is in the database afterwards.

What goes which way is the platform's own choice. A citizen's petition goes over plain HTTP (`POST /phan-anh/gui`), because
the form works without a socket and keeps its queue on the device; an officer's acts go over the Reflex socket. Each row of
the table says which it is. A time runs from the request to the acknowledgement, which comes after the commit.

With `--kill` processes are killed meanwhile and the senders try again under the same key, as the form's queue does; times
are told then, not judged. Either way the database is asked at the end: nothing lost, nothing doubled, nothing half done.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from mattranso_app.bench import running
from mattranso_app.bench.report import Report, percentile
from mattranso_app.bench.submit import checking, desk, killing
from mattranso_app.bench.submit.sending import Parcel, Sender, make_parcels

BAR = 250.0
"""Milliseconds, 95 of 100."""
PHOTO_EVERY = 20
"""Of the mixed load one in so many carries photos: encoding one takes a core a tenth of a second and more."""
REPLAYS = 50
SETTINGS = {"MTS_SUBMISSIONS_PER_ADDRESS": "0"}
"""All senders of the bench share one address, as a whole town does behind a mobile network; the limit is off here."""


def main(words: Sequence[str]) -> int:
    """Measure, check and print; see `--help`."""
    parser = argparse.ArgumentParser(prog="./mattranso bench submit", description=__doc__)
    parser.add_argument("--count", type=int, default=2_000, help="phản ánh chỉ có chữ (thêm một phần năm nữa có lẫn ảnh)")
    parser.add_argument("--at-once", type=int, default=50, help="số người gửi cùng lúc")
    parser.add_argument("--acts", type=int, default=400, help="việc của cán bộ qua socket")
    parser.add_argument("--kill", action="store_true", help="giết tiến trình của ứng dụng và PostgreSQL giữa chừng")
    parser.add_argument("--kills", type=int, default=12, help="với --kill: số lần giết")
    options = parser.parse_args(words)
    parameters = {"count": options.count, "at_once": options.at_once, **SETTINGS}
    if options.kill:
        report = Report("submit-kill", {**parameters, "kills": options.kills})
    else:
        report = Report("submit", {**parameters, "acts": options.acts})
    with tempfile.TemporaryDirectory(prefix="mattranso-bench-") as directory:
        keeper = killing.Keeper(running.start(Path(directory), settings=SETTINGS), SETTINGS)
        try:
            if options.kill:
                parcels = asyncio.run(_under_fire(report, keeper, options.count, options.at_once, options.kills))
            else:
                parcels = asyncio.run(_in_peace(report, keeper.platform, options.count, options.at_once, options.acts))
            checking.check(report, keeper.platform, parcels)
        finally:
            keeper.platform.stop()
    return report.finish()


async def _in_peace(report: Report, platform: running.Platform, count: int, at_once: int, acts: int) -> list[Parcel]:
    async with Sender(platform.origin) as sender:
        await sender.warm_up(at_once)
        words = await make_parcels(sender, count)
        took = await _send_all(sender, words, at_once)
        _times(report, "HTTP, chỉ chữ", [parcel.milliseconds for parcel in words], BAR)
        report.add("HTTP, chỉ chữ: mỗi giây", count / took, "phiếu")
        mixed = await make_parcels(sender, count // 5, photo_every=PHOTO_EVERY)
        await _send_all(sender, mixed, at_once)
        _times(report, f"HTTP, 1/{PHOTO_EVERY} có ảnh: phiếu chỉ chữ", [row.milliseconds for row in mixed if not row.photos])
        _times(report, f"HTTP, 1/{PHOTO_EVERY} có ảnh: phiếu kèm ảnh", [row.milliseconds for row in mixed if row.photos])
        again = [parcel.copy() for parcel in (*words[:4], *mixed[:2]) for _ in range(REPLAYS)]
        await _send_all(sender, again, at_once)
        _times(report, "HTTP, gửi lại cùng khoá 50 lần", [parcel.milliseconds for parcel in again])
        every = [*words, *mixed, *again]
    mine = [parcel for parcel in words if parcel.unit == desk.UNIT][:acts]
    openings, acts_took = await desk.take_up_all(platform, [parcel.number for parcel in mine], at_once)
    for parcel in mine:
        parcel.taken = True
    _times(report, "Reflex socket, cán bộ mở phản ánh", openings)
    _times(report, "Reflex socket, cán bộ tiếp nhận", acts_took, BAR)
    return every


async def _under_fire(report: Report, keeper: killing.Keeper, count: int, at_once: int, kills: int) -> list[Parcel]:
    async with Sender(keeper.platform.origin, patient=True) as sender:
        await sender.warm_up(at_once)
        parcels = await make_parcels(sender, count, photo_every=PHOTO_EVERY)
        stopped = asyncio.Event()
        hand = asyncio.create_task(keeper.kill_now_and_then(kills, stopped))
        sending = asyncio.create_task(_send_all(sender, parcels, at_once, until=hand))
        await asyncio.wait({sending, hand}, return_when=asyncio.FIRST_EXCEPTION)
        stopped.set()
        await hand
        await sending
        await asyncio.to_thread(keeper.wait_until_ready)
        sent = [parcel for parcel in parcels if parcel.number]
        again = [parcel.copy() for parcel in sent[:: max(1, len(sent) // 100)]]
        await _send_all(sender, again, at_once)
    report.parameters["count"] = len(sent)
    for name, times in keeper.done.items():
        report.add(f"giết {killing.WORDS[name]}", len(times), "lần")
    report.add("run tự kết thúc vì tiến trình web bị giết hai lần liền, chạy lại", keeper.ended, "lần")
    report.add("đứt quãng lâu nhất (tới khi nhận phiếu lại)", keeper.longest_gap(sent), "s")
    report.add("lần thử trung bình mỗi phiếu", sum(parcel.tries for parcel in sent) / len(sent), "lần")
    report.add("lần giết còn thiếu", max(0, kills - sum(map(len, keeper.done.values()))), "lần", 0)
    return [*sent, *again]


async def _send_all(sender: Sender, parcels: list[Parcel], at_once: int, until: asyncio.Task[None] | None = None) -> float:
    """Send `parcels`, `at_once` at a time; while `until` runs, more like them are made when they run out. Return the seconds."""
    started = time.monotonic()
    waiting = iter(list(parcels))

    async def one_after_another() -> None:
        while (parcel := next(waiting, None)) is not None or (until is not None and not until.done()):
            if parcel is None:
                parcel = (await make_parcels(sender, 1, photo_every=PHOTO_EVERY))[0]
                parcels.append(parcel)
            await sender.send(parcel)

    await asyncio.gather(*(one_after_another() for _ in range(at_once)))
    return time.monotonic() - started


def _times(report: Report, name: str, times: list[float], bar: float | None = None) -> None:
    report.add(f"{name}: số lần", len(times), "")
    report.add(f"{name}: p50", percentile(times, 0.5), "ms")
    report.add(f"{name}: p95", percentile(times, 0.95), "ms", bar)
    report.add(f"{name}: chậm nhất", max(times, default=0.0), "ms")
