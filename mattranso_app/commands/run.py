"""`./mattranso run`: everything on one port, with progress and one clear sentence when something stands in the way."""

from __future__ import annotations

import argparse
import errno
import os
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from mattranso_app import frontend
from mattranso_app.cli import CommandFailed
from mattranso_app.commands.database import Database, check_role, database, revision_of
from mattranso_app.core.embedded_postgres import StartFailed
from mattranso_app.identity.demo_accounts import accounts_text
from mattranso_app.settings import ROOT, settings

PORT_PATIENCE = 2.0
"""Seconds a taken port may still become free: the processes of a killed run end within half a second."""
MIN_FREE_BYTES = 300 * 1024 * 1024
"""Below this the first start (database, built pages) cannot finish."""
WATCH_SECONDS = 1.0
"""How often what runs beside the server is looked at."""
WORKER_PAUSE = 5.0
"""Seconds between two starts of a worker that ends by itself."""
_UNVERIFIED = ssl._create_unverified_context()  # noqa: S323 - our own address, which no certificate names


def say(words: str) -> None:
    """Print one line of progress."""
    print(words, flush=True)


def run(options: argparse.Namespace) -> int:
    """Start everything and serve until interrupted.

    Raises:
        CommandFailed: weak settings, a taken port, a full disk, a missing right, a failed build.
    """
    if options.demo:
        os.environ["MTS_ENV"] = "demo"
    if options.host:
        os.environ["MTS_HOST"] = options.host
    if options.port is not None:
        os.environ["MTS_PORT"] = str(options.port)
    settings.cache_clear()
    config = settings()
    faults = config.production_faults()
    if faults:
        raise CommandFailed("; ".join(faults))
    _check_port(config.host, config.port)
    _check_disk(config.data_dir)
    from mattranso_app.core.secrets import ensure_secret_key

    ensure_secret_key()
    with database(say) as found:
        prepare(found)
        if not config.is_demo:
            check_role(found.url)
        build()
        with _companions(found) if config.runs_jobs else nullcontext():
            threading.Thread(target=_announce, daemon=True).start()
            from mattranso_app.server import WebProcessFailed, serve

            try:
                serve()
            except WebProcessFailed as error:
                raise CommandFailed("tiến trình web dừng đột ngột nhiều lần liền; xem thông báo ở trên rồi chạy lại.") from error
    say("Đã dừng gọn gàng.")
    return 0


def build(_options: argparse.Namespace | None = None) -> int:
    """Build the front end unless it is built from these very sources.

    Raises:
        CommandFailed: the compiler or the bundler stopped; the message is its own output.
    """
    if not frontend.is_built():
        say("Dựng giao diện (chỉ khi mã nguồn đổi, khoảng nửa phút)…")
        try:
            frontend.build()
        except frontend.BuildFailed as error:
            raise CommandFailed(f"không dựng được giao diện:\n{error}") from error
    return 0


def prepare(found: Database) -> None:
    """Bring the database up to date: migrations, units, and demonstration data where they may exist."""
    from mattranso_app.migrations import head_revision, known_revisions, migrate

    revision = revision_of(found.owner_url)
    if revision and revision not in known_revisions():
        raise CommandFailed(f"cơ sở dữ liệu thuộc phiên bản phần mềm mới hơn ({revision}); hãy cập nhật phần mềm.")
    if revision != head_revision():
        say("Cập nhật cấu trúc cơ sở dữ liệu…")
        migrate(found.owner_url)
    if subprocess.call([sys.executable, "-m", "mattranso_app.seeding", found.url, found.owner_url], cwd=ROOT):
        raise CommandFailed("không nạp được dữ liệu ban đầu; xem thông báo ở trên.")


def _check_port(host: str, port: int) -> None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    patient_until = time.monotonic() + PORT_PATIENCE
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        while True:
            try:
                probe.bind((host, port))
                return
            except OSError as error:
                if error.errno == errno.EADDRINUSE and time.monotonic() < patient_until:
                    time.sleep(0.1)
                    continue
                if error.errno == errno.EADDRINUSE:
                    raise CommandFailed(f"cổng {port} đang được chương trình khác dùng; chọn cổng khác bằng --port.") from error
                if error.errno in (errno.EACCES, errno.EPERM):
                    raise CommandFailed(f"không có quyền mở cổng {port}; chọn cổng từ 1024 trở lên bằng --port.") from error
                raise CommandFailed(f"không mở được địa chỉ {host}:{port} ({error.strerror}).") from error


def _check_disk(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        probe = directory / ".ghi-thu"
        probe.write_bytes(b"x")
        probe.unlink()
    except OSError as error:
        raise CommandFailed(f"không ghi được vào thư mục dữ liệu {directory} ({error.strerror}).") from error
    free = shutil.disk_usage(directory).free
    if free < MIN_FREE_BYTES:
        raise CommandFailed(f"đĩa chứa {directory} chỉ còn {free // 2**20} MB trống, cần ít nhất {MIN_FREE_BYTES // 2**20} MB.")


@contextmanager
def _companions(found: Database) -> Iterator[None]:
    """Run the worker beside the server, and start it and the embedded PostgreSQL again when one of them was killed."""
    worker, started = _start_worker(), time.monotonic()
    stopping = threading.Event()

    def watch() -> None:
        nonlocal worker, started
        while not stopping.wait(WATCH_SECONDS):
            if found.server is not None and not found.server.is_alive():
                say("PostgreSQL đi kèm đã dừng đột ngột; đang khởi động lại…")
                try:
                    found.server.revive()
                except (StartFailed, OSError) as error:
                    say(f"Chưa khởi động lại được PostgreSQL: {error}")
            if worker.poll() is not None and time.monotonic() - started > WORKER_PAUSE and not stopping.is_set():
                worker, started = _start_worker(), time.monotonic()

    watcher = threading.Thread(target=watch, name="companions", daemon=True)
    watcher.start()
    try:
        yield
    finally:
        stopping.set()
        watcher.join(5)
        worker.terminate()
        try:
            worker.wait(10)
        except subprocess.TimeoutExpired:
            worker.kill()


def _start_worker() -> subprocess.Popen[bytes]:
    """Start the jobs in a process of their own, so that they never delay the live figures."""
    return subprocess.Popen(
        [sys.executable, "-m", "mattranso_app.cli", "worker"],
        cwd=ROOT, env={**os.environ, "MTS_CHILD": "1"}, start_new_session=True,
    )  # fmt: skip


def _announce() -> None:
    """Say where the platform is once it serves.

    It imports nothing: this is a thread, and a web process that is forked anew while a thread imports waits for ever for
    the import's lock.
    """
    config = settings()
    scheme = "https" if config.serves_tls else "http"
    address = f"{scheme}://{'localhost' if config.is_loopback and not config.tool_hosts else config.domain}:{config.port}"
    probe = f"{scheme}://{config.host}:{config.port}/healthz"
    for _ in range(600):
        try:
            urllib.request.urlopen(probe, timeout=2, context=_UNVERIFIED).read()  # noqa: S310 - our own address
            break
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    say(f"\nMặt trận số đã sẵn sàng: {address}")
    if config.is_demo:
        say(accounts_text())
    say("Nhấn Ctrl-C để dừng.")
