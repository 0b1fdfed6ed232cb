"""Each command says what it does, ends with the right exit code, and meets expected faults with one sentence."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tarfile
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from mattranso_app.cli import CommandFailed
from mattranso_app.commands import _PLACES, faults
from mattranso_app.commands import run as run_module
from mattranso_app.commands.database import check_role
from mattranso_app.core.errors import InvalidInput
from mattranso_app.migrations import head_revision
from mattranso_app.settings import ROOT
from tests.commands.conftest import Run

NEEDS_TABLES = [
    ["user", "add", "can-bo", "--name", "Nguyễn Văn An", "--unit", "vn", "--role", "administrator"],
    ["user", "disable", "can-bo"],
    ["audit", "verify"],
    ["reindex"],
    ["backup", "{folder}/archive.tar.gz"],
    ["import", "units", "{file}", "--effective", "2026-01-01", "--basis", "Nghị quyết"],
    ["doctor"],
]


def one_sentence(err: str) -> str:
    """The single line of `err`, which is no traceback."""
    lines = err.strip().splitlines()
    assert len(lines) == 1, err
    assert lines[0].startswith("Không thực hiện được: ")
    return lines[0]


@pytest.mark.parametrize("command", sorted(_PLACES))
def test_every_command_has_help(run: Run, command: str) -> None:
    done = run(command, "--help")
    assert done.code == 0
    assert len(done.out) > 40


def test_no_command_and_an_unknown_one_are_refused(run: Run) -> None:
    assert run().code == 2
    assert run("chay").code == 2


@pytest.mark.parametrize("words", NEEDS_TABLES, ids=lambda words: " ".join(words[:2]))
def test_a_database_that_was_never_migrated(run: Run, empty_database: str, tmp_path: Path, words: list[str]) -> None:
    units = tmp_path / "units.csv"
    units.write_text("code,name\n")
    done = run(*(word.format(folder=tmp_path, file=units) for word in words))
    assert done.code == 1
    assert "./mattranso migrate" in done.out + done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize("words", [*NEEDS_TABLES, ["migrate"], ["seed"]], ids=lambda words: " ".join(words[:2]))
def test_a_database_nobody_answers_at(
    run: Run, configured: Callable[..., None], tmp_path: Path, words: list[str]
) -> None:
    configured(MTS_DATABASE_URL=f"postgresql://mattranso_app:geheim@/mattranso?host={tmp_path}")
    units = tmp_path / "units.csv"
    units.write_text("code,name\n")
    done = run(*(word.format(folder=tmp_path, file=units) for word in words))
    assert done.code == 1
    assert "MTS_DATABASE_URL" in one_sentence(done.err)
    assert "geheim" not in done.err + done.out


def test_a_database_of_a_newer_version(run: Run, on_database: str, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999_later'")
    for words in (["audit", "verify"], ["seed"]):
        done = run(*words)
        assert done.code == 1
        assert "cập nhật phần mềm" in one_sentence(done.err)


def test_migrate_goes_up_says_where_it_is_and_never_down_by_accident(run: Run, empty_database: str) -> None:
    assert run("migrate", "0001_core").code == 0
    assert "0001_core" in run("migrate", "0001_core").out
    done = run("migrate")
    assert done.code == 0
    assert head_revision() in done.out
    refused = run("migrate", "0003_search")
    assert refused.code == 1
    assert "--down" in one_sentence(refused.err)
    assert head_revision() in run("migrate").out
    assert "alembic/versions" in one_sentence(run("migrate", "0815_nothing").err)
    assert run("migrate", "0003_search", "--down").code == 0


def test_doctor_on_a_sound_database(run: Run, on_database: str) -> None:
    done = run("doctor")
    assert done.code == 0
    assert "PostgreSQL: theo MTS_DATABASE_URL, nối được." in done.out
    assert "việc nền" in done.out


def test_doctor_names_jobs_that_failed(run: Run, on_database: str, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute("INSERT INTO procrastinate_jobs (queue_name, task_name, status) VALUES ('default', 'x', 'failed')")
    assert "1 việc nền đã thử nhiều lần" in run("doctor").out


def test_audit_verify_tells_a_sound_log_from_a_changed_one(run: Run, on_database: str, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        connection.execute(
            "INSERT INTO audit_log (at, actor_kind, address, action, subject, detail) VALUES (now(), 'system', '', 'a', 'b', '{}')"
        )
    assert "Nhật ký nguyên vẹn: 1 dòng" in run("audit", "verify").out
    with psycopg.connect(owner_url) as connection:
        connection.execute("ALTER TABLE audit_log DISABLE TRIGGER USER")
        connection.execute("UPDATE audit_log SET detail = '{ }'")
        connection.execute("ALTER TABLE audit_log ENABLE TRIGGER USER")
    done = run("audit", "verify")
    assert done.code == 1
    assert "đã bị can thiệp" in one_sentence(done.err)


def test_user_with_wrong_words(run: Run, on_database: str) -> None:
    for words in (
        ["user", "add", "can-bo", "--name", "Nguyễn Văn An", "--unit", "99999", "--role", "administrator"],
        ["user", "disable", "khong-co"],
    ):
        assert run(*words).code == 1
    assert run("user", "add", "can-bo", "--name", "A", "--unit", "vn", "--role", "vua").code == 2


def test_the_last_administrator_is_not_disabled(run: Run, on_database: str, owner_url: str) -> None:
    with psycopg.connect(owner_url) as connection:
        for table, columns in (("unit", "id"), ("unit_version", "unit_id")):
            connection.execute(
                f"INSERT INTO {table} ({columns}, level, code, kind, name, short_name, path, sort_key, folded, valid_from) "
                "OVERRIDING SYSTEM VALUE "
                "VALUES (1, 'central', 'vn', 'trung_uong', 'Trung ương', 'Trung ương', 'vn/', 'trung uong', 'trung uong', '2025-07-01')"
            )

    def add(name: str) -> list[str]:
        return ["user", "add", name, "--name", "Nguyễn Văn An", "--unit", "vn", "--role", "administrator"]

    assert run(*add("dau-tien")).code == 0
    refused = run("user", "disable", "dau-tien")
    assert refused.code == 1 and "quản trị viên cuối cùng" in one_sentence(refused.err)
    assert run(*add("thu-hai")).code == 0
    assert run("user", "disable", "dau-tien").code == 0


def test_import_units_with_wrong_files_and_dates(run: Run, on_database: str, tmp_path: Path) -> None:
    wrong = tmp_path / "units.csv"
    wrong.write_bytes(b"\xff\xfe\x00 no list of units")
    for file, day in ((tmp_path / "none.csv", "2026-01-01"), (wrong, "2026-01-01"), (wrong, "hôm nay"), (tmp_path, "2026-01-01")):
        done = run("import", "units", str(file), "--effective", day, "--basis", "Nghị quyết")
        assert done.code == 1
        one_sentence(done.err)


def test_restore_of_what_is_no_backup(run: Run, on_database: str, tmp_path: Path) -> None:
    text = tmp_path / "letter.txt"
    text.write_text("thư")
    other = tmp_path / "other.tar.gz"
    with tarfile.open(other, "w:gz") as archive:
        archive.add(text, "letter.txt")
    for file in (text, other, tmp_path / "none", tmp_path):
        done = run("restore", str(file))
        assert done.code == 1
        one_sentence(done.err.replace("Khởi động PostgreSQL…\n", ""))


def test_backup_and_restore(
    run: Run, empty_database: str, database_url: str, owner_url: str, configured: Callable[..., None], tmp_path: Path
) -> None:
    configured(MTS_DATA_DIR=str(tmp_path / "data"))
    app_url = empty_database.replace("mattranso_owner@", "mattranso_app@")
    archive = str(tmp_path / "a.tar.gz")
    configured(MTS_DATABASE_URL=database_url, MTS_MIGRATION_URL=owner_url)
    assert "Đã sao lưu vào" in run("backup", archive).out
    assert "đã có" in one_sentence(run("backup", archive).err)
    configured(MTS_DATABASE_URL=app_url, MTS_MIGRATION_URL=empty_database)
    assert "Đã khôi phục từ" in run("restore", archive).out
    assert "--overwrite" in one_sentence(run("restore", archive).err)
    assert run("restore", archive, "--overwrite").code == 0
    assert "Nhật ký nguyên vẹn: 0 dòng" in run("audit", "verify").out


def test_settings_that_cannot_be(run: Run, configured: Callable[..., None]) -> None:
    configured(MTS_PORT="tám nghìn", MTS_WORKERS="0")
    done = run("doctor")
    assert done.code == 1
    assert "MTS_PORT" in one_sentence(done.err)
    assert "MTS_WORKERS" in done.err


def test_worker_needs_a_database_of_its_own(run: Run, configured: Callable[..., None]) -> None:
    configured(MTS_DATABASE_URL="")
    assert "MTS_DATABASE_URL" in one_sentence(run("worker").err)


def test_as_a_person_runs_it_a_failure_is_one_line(tmp_path: Path) -> None:
    environment = {**os.environ, "MTS_DATABASE_URL": "", "MTS_DATA_DIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-m", "mattranso_app.cli", "worker"], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "MTS_DATABASE_URL" in one_sentence(done.stderr)


def test_run_on_a_taken_port(run: Run) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = run("run", "--port", str(taken.getsockname()[1]))
    assert done.code == 1
    assert "đang được chương trình khác dùng" in one_sentence(done.err)


def test_run_refuses_weak_settings_and_names_each(run: Run, configured: Callable[..., None]) -> None:
    configured(MTS_ENV="production", MTS_SECRET_KEY="short", MTS_DATABASE_URL="")
    words = one_sentence(run("run").err)
    assert "MTS_SECRET_KEY" in words
    assert "MTS_PUBLIC_ORIGINS" in words
    assert "MTS_DATABASE_URL" in words


def test_run_with_a_data_folder_that_cannot_be_written(run: Run, configured: Callable[..., None], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    configured(MTS_DATA_DIR=str(tmp_path / "file" / "var"), MTS_DATABASE_URL="")
    done = run("run", "--port", "0")
    assert done.code == 1
    assert "MTS_PORT" in done.err
    done = run("run", "--port", str(free_port()))
    assert done.code == 1
    assert "không ghi được vào thư mục dữ liệu" in one_sentence(done.err)


def test_run_on_a_disk_that_is_almost_full(
    run: Run, configured: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    configured(MTS_DATA_DIR=str(tmp_path), MTS_DATABASE_URL="")
    monkeypatch.setattr(run_module, "MIN_FREE_BYTES", 1 << 60)
    done = run("run", "--port", str(free_port()))
    assert done.code == 1
    assert "MB trống" in one_sentence(done.err)


def test_unexpected_faults_keep_their_traceback() -> None:
    assert faults.plain_words(ZeroDivisionError()) is None
    assert faults.plain_words(InvalidInput("Sai.", fields={"mã": "Chưa có."})) == "Sai. mã: Chưa có."
    assert "đĩa đầy" in str(faults.plain_words(OSError(28, "No space left on device")))


def free_port() -> int:
    """A port nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def test_the_application_must_not_own_its_tables(database_url: str, owner_url: str) -> None:
    check_role(database_url)
    with pytest.raises(CommandFailed, match="mattranso_app"):
        check_role(owner_url)
    with pytest.raises(CommandFailed, match="mattranso_app"):
        check_role(owner_url.replace("//mattranso_owner@", "//postgres@"))
