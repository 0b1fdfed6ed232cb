"""Notices leave once their cause is committed, again when the mail server would not take them, and never twice when it did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from datetime import timedelta
from email.header import decode_header
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from mattranso_app.core import clock, jobs, notify
from mattranso_app.core.db import reading, transaction
from mattranso_app.core.errors import Unavailable
from mattranso_app.core.notify import gateways, outbox
from mattranso_app.settings import settings
from tests.core.smtp_server import MailServer, mail_server

TO = "ba.con@example.vn"
SUBJECT = "Phản ánh của bà con đã được trả lời – mời xem kết quả giải quyết của phường"
TEXT = "Kính gửi bà con,\n\nĐèn đường đã sửa.\n.\n.. dòng bắt đầu bằng dấu chấm\nThẻ <b>không</b> phải HTML."

Configure = Callable[..., None]


@pytest.fixture
def configured(monkeypatch: pytest.MonkeyPatch) -> Iterator[Configure]:
    def change(**values: str) -> None:
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    yield change
    monkeypatch.undo()
    settings.cache_clear()


@pytest.fixture
def by_mail(configured: Configure, monkeypatch: pytest.MonkeyPatch) -> Callable[[MailServer], None]:
    """Makes this a production that sends mail through a server."""
    monkeypatch.setattr(gateways, "SMTP_SECONDS", 1.0)

    def through(server: MailServer) -> None:
        configured(MTS_ENV="production", MTS_SMTP_URL=server.url, MTS_MAIL_FROM="Mặt trận số <tra-loi@matrantso.vn>")

    return through


async def send(to: str = TO, **options: Any) -> UUID | None:
    async with transaction() as session:
        return await notify.send(session, channel="email", to=to, subject=SUBJECT, text=TEXT, **options)


async def rows(columns: str = "state, attempts, last_fault") -> list[tuple[Any, ...]]:
    async with reading() as session:
        found = await session.execute(text(f"SELECT {columns} FROM notice ORDER BY created_at, id"))
        return [tuple(row) for row in found]


async def run_later(times: int = 1) -> None:
    """Let time pass until the next try, and try."""
    for _ in range(times):
        clock.freeze(clock.now() + timedelta(hours=7))
        async with transaction() as session:
            await session.execute(text("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE status = 'todo'"))
        await jobs.run_pending()


@pytest.mark.usefixtures("db")
async def test_a_notice_goes_out_once_its_cause_is_committed(by_mail: Callable[[MailServer], None]) -> None:
    async with mail_server() as server:
        by_mail(server)
        with pytest.raises(RuntimeError):
            async with transaction() as session:
                await notify.send(session, channel="email", to=TO, subject="x", text="rolled back")
                raise RuntimeError
        notice = await send(template="petition.answered")
        assert await rows("recipient::text || content::text LIKE '%example%'") == [(False,)]
        await jobs.run_pending()
        await jobs.run_pending()
    (letter,) = server.letters
    assert letter["To"] == TO
    assert letter["From"] == "Mặt trận số <tra-loi@matrantso.vn>"
    assert letter["Subject"] == SUBJECT
    assert letter["Message-ID"] == f"<{notice}@matrantso.vn>"
    assert letter["Auto-Submitted"] == "auto-generated"
    plain = letter.get_body(("plain",))
    page = letter.get_body(("html",))
    assert plain is not None
    assert plain.get_content().replace("\r\n", "\n").strip() == TEXT
    assert page is not None
    assert "&lt;b&gt;không&lt;/b&gt;" in page.get_content()
    assert await rows("state, attempts, recipient, content") == [("sent", 1, None, None)]


@pytest.mark.usefixtures("db")
async def test_headers_are_ascii_on_the_wire_and_mean_the_vietnamese(by_mail: Callable[[MailServer], None]) -> None:
    async with mail_server() as server:
        by_mail(server)
        await send()
        await jobs.run_pending()
    raw = server.accepted[0]
    head = raw.partition(b"\r\n\r\n")[0]
    assert max(head) < 128
    assert all(len(line) <= 78 for line in head.split(b"\r\n"))
    subject = head.decode().replace("\r\n ", " ").split("Subject: ")[1].split("\r\n")[0]
    assert "".join(part.decode(code or "ascii") if isinstance(part, bytes) else part for part, code in decode_header(subject)) == SUBJECT


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "trouble",
    [
        "greets with 421", "says nothing", "nonsense", "refuses the sender with 451", "refuses the recipient with 450",
        "refuses the letter with 451", "drops at the letter",
    ],
)  # fmt: skip
async def test_trouble_that_passes_is_tried_again(
    by_mail: Callable[[MailServer], None], trouble: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with mail_server(trouble, trouble, "well") as server:
        by_mail(server)
        await send()
        await jobs.run_pending()
        ((state, attempts, fault),) = await rows()
        assert (state, attempts) == ("queued", 1)
        assert fault.startswith("SMTP")
        assert "Nguyen" not in fault
        await run_later(2)
        assert len(server.accepted) == 1
        assert await rows("state, attempts") == [("sent", 3)]
        await run_later()
        assert len(server.accepted) == 1
    assert TO not in caplog.text


@pytest.mark.usefixtures("db")
async def test_a_server_that_is_not_there_is_dialled_again(configured: Configure) -> None:
    async with mail_server() as server:
        pass
    configured(MTS_ENV="production", MTS_SMTP_URL=server.url)
    await send()
    await jobs.run_pending()
    assert (await rows())[0][:2] == ("queued", 1)


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("trouble", ["refuses the recipient with 550", "refuses the letter with 554"])
async def test_a_final_no_is_not_argued_with(by_mail: Callable[[MailServer], None], trouble: str) -> None:
    async with mail_server(trouble) as server:
        by_mail(server)
        await send()
        await jobs.run_pending()
        await run_later(2)
    assert server.connections == 1
    assert await rows("state, attempts, recipient, content") == [("failed", 1, None, None)]
    assert any("1 thông báo không gửi được" in note for note in await notify.doctor())


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("manner", ["accepts and drops", "accepts slowly"])
async def test_what_was_accepted_is_never_sent_again(by_mail: Callable[[MailServer], None], manner: str) -> None:
    async with mail_server(manner) as server:
        by_mail(server)
        await send()
        await jobs.run_pending()
        await run_later(2)
    assert len(server.accepted) == 1
    assert await rows("state") == [("sent",)]


@pytest.mark.usefixtures("db")
async def test_many_workers_send_it_once(by_mail: Callable[[MailServer], None]) -> None:
    async with mail_server("accepts slowly") as server:
        by_mail(server)
        notice = await send()
        await asyncio.gather(*(outbox.deliver(str(notice)) for _ in range(8)))
        await jobs.run_pending()
    assert len(server.accepted) == 1


@pytest.mark.usefixtures("db")
async def test_a_worker_killed_after_the_server_accepted_costs_at_most_one_copy_with_the_same_id(
    by_mail: Callable[[MailServer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The honest limit: between the server's yes and our note of it nothing can be known, so it goes out once more."""

    async def killed(notice_id: UUID) -> None:
        raise asyncio.CancelledError

    async with mail_server() as server:
        by_mail(server)
        notice = await send()
        with monkeypatch.context() as patched:
            patched.setattr(outbox, "_sent", killed)
            with pytest.raises(asyncio.CancelledError):
                await outbox.deliver(str(notice))
        await jobs.run_pending()
        assert len(server.accepted) == 1  # the claim is respected while it is fresh
        await run_later(3)
    assert len(server.accepted) == 2
    assert len({letter["Message-ID"] for letter in server.letters}) == 1


@pytest.mark.usefixtures("db")
async def test_a_database_that_is_away_for_a_moment_after_the_server_accepted_costs_no_copy(
    by_mail: Callable[[MailServer], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    finish = outbox._finish
    away = 2

    async def sometimes(*words: Any) -> None:
        nonlocal away
        if away:
            away -= 1
            raise Unavailable()
        await finish(*words)

    monkeypatch.setattr(outbox, "_finish", sometimes)
    monkeypatch.setattr(outbox, "NOTE_PAUSE", 0.01)
    async with mail_server() as server:
        by_mail(server)
        await send()
        await jobs.run_pending()
        await run_later(2)
    assert len(server.accepted) == 1
    assert await rows("state") == [("sent",)]


@pytest.mark.usefixtures("db")
async def test_a_notice_is_given_up_in_the_end_and_in_time(by_mail: Callable[[MailServer], None], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_ATTEMPTS", 3)
    async with mail_server("greets with 421") as server:
        by_mail(server)
        await send()
        await jobs.run_pending()
        await run_later(4)
        assert (server.connections, await rows("state, attempts")) == (3, [("failed", 3)])
        await send(to="ma@example.vn", useful_for=timedelta(minutes=5))
        clock.freeze(clock.now() + timedelta(minutes=6))
        await jobs.run_pending()
    assert server.connections == 3
    assert (await rows("state, last_fault"))[1] == ("failed", "expired")


@pytest.mark.usefixtures("db")
async def test_a_second_notice_with_the_same_key_is_not_made(by_mail: Callable[[MailServer], None]) -> None:
    async with mail_server() as server:
        by_mail(server)
        assert await send(dedupe_key="answered:PA-1") is not None
        assert await send(dedupe_key="answered:PA-1") is None
        await jobs.run_pending()
        assert await send(dedupe_key="answered:PA-1") is None
        await jobs.run_pending()
    assert len(server.accepted) == 1


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize(
    "to",
    [
        "", "an", "a@b@c", "a@b.vn, c@d.vn", "a@b.vn\r\nBcc: c@d.vn", "a@b.vn\n", "An <a@b.vn>", "a b@c.vn", '"a"@b.vn',
        "đ@b.vn", "a@" + "b" * 300,
    ],
)  # fmt: skip
async def test_what_is_not_one_recipient_is_refused(to: str) -> None:
    with pytest.raises(ValueError, match="address"):
        await send(to=to)
    assert await rows() == []


@pytest.mark.usefixtures("db")
async def test_empty_and_endless_texts_are_refused() -> None:
    for words in ("", " \n", "x" * 20_001):
        with pytest.raises(ValueError, match="text"):
            async with transaction() as session:
                await notify.send(session, channel="email", to=TO, text=words)
    with pytest.raises(ValueError, match="telephone"):
        async with transaction() as session:
            await notify.send(session, channel="sms", to="0912 345 678", text="x")


@given(st.text(max_size=300))
def test_no_subject_smuggles_a_header_in(subject: str) -> None:
    letter = gateways.compose(gateways.Message(uuid4(), "email", TO, subject, "x"), "Mặt trận số <a@b.vn>")
    head = letter.as_bytes().partition(b"\r\n\r\n")[0]
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n") if not line.startswith((b" ", b"\t"))]
    assert sorted(names) == sorted(
        [b"from", b"to", b"subject", b"date", b"message-id", b"auto-submitted", b"mime-version", b"content-type"]
    )


@pytest.mark.usefixtures("db")
async def test_with_nothing_configured_notices_wait_and_leave_when_it_is(
    configured: Configure, by_mail: Callable[[MailServer], None]
) -> None:
    configured(MTS_ENV="production", MTS_SMTP_URL="")
    await send()
    await jobs.run_pending()
    assert await rows("state, attempts") == [("queued", 0)]
    assert "1 thư đang chờ" in (await notify.doctor())[0]
    assert await notify.demo_messages() == []
    async with mail_server() as server:
        by_mail(server)
        clock.freeze(clock.now() + timedelta(hours=1))
        await outbox.sweep()
        await jobs.run_pending()
    assert len(server.accepted) == 1


@pytest.mark.usefixtures("db")
async def test_a_demonstration_shows_messages_on_its_page_and_sends_none(configured: Configure) -> None:
    configured(MTS_ENV="demo", MTS_SMTP_URL="")
    await send()
    async with transaction() as session:
        await notify.send(session, channel="sms", to="+84912345678", text="Mã của bà con: 123456")
    await jobs.run_pending()
    assert [(shown.to, shown.subject) for shown in await notify.demo_messages()] == [("+84912345678", ""), (TO, SUBJECT)]
    assert await rows("state") == [("sent",), ("sent",)]
    configured(MTS_ENV="production")
    assert await notify.demo_messages() == []


@pytest.mark.usefixtures("db")
async def test_what_is_long_done_is_forgotten(configured: Configure) -> None:
    configured(MTS_ENV="demo")
    await send()
    await send(to="khac@example.vn", dedupe_key="kept")
    await jobs.run_pending()
    clock.freeze(clock.now() + timedelta(days=91))
    await outbox.sweep()
    assert await rows("dedupe_key") == [("kept",)]
