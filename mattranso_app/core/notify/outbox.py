"""The outbox: a notice is a row written in the transaction that causes it, and a job that sends it.

The row is claimed, sent, and marked, each in a transaction of its own. A worker killed between handing a message over
and marking it leaves the claim; after `CLAIM_SECONDS` the notice is sent once more. So a kill at that moment costs one
copy (an e-mail then has the same Message-ID), and no notice is lost.
"""

from __future__ import annotations

import asyncio
import json
import logging
import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from sqlalchemy.ext.asyncio import AsyncSession

from mattranso_app.core import db, jobs, secrets
from mattranso_app.core.clock import now
from mattranso_app.core.errors import Unavailable
from mattranso_app.core.notify import text
from mattranso_app.core.notify.gateways import Channel, DeliveryFailed, Message, check_recipient, gateway_for, one_line
from mattranso_app.core.sql import sql
from mattranso_app.settings import settings

CLAIM_SECONDS = 90
"""A claim older than this belonged to a worker that died."""
NOTE_TRIES = 20
NOTE_PAUSE = 3.0
"""How often, and after how many seconds each, a notice that is out is marked so while the database is away."""
FIRST_WAIT = 30.0
LONGEST_WAIT = 6 * 3600.0
"""Seconds between tries: the first wait is doubled each time, with jitter."""
MOST_ATTEMPTS = 20
"""Tries before a notice is given up, visibly: some three and a half days."""
TEXT_LIMIT = 20_000
_SWEEP_LIMIT = 500
_RECIPIENT = "notice.recipient"
_CONTENT = "notice.content"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DemoMessage:
    """A message as the demonstration's local page shows it."""

    channel: Channel
    to: str
    subject: str
    text: str
    at: datetime


async def send(
    session: AsyncSession,
    *,
    channel: Channel,
    to: str,
    text: str,
    subject: str = "",
    template: str = "",
    dedupe_key: str | None = None,
    useful_for: timedelta | None = None,
) -> UUID | None:
    """Put a notice into the outbox, in the caller's transaction: it goes out when that has committed.

    Args:
        session: the open transaction.
        channel: "email" or "sms".
        to: one e-mail address, or a telephone number such as +84912345678.
        text: what the person reads, Vietnamese, plain.
        subject: of an e-mail.
        template: which notice of ours this is, e.g. "petition.answered"; for counting.
        dedupe_key: a second notice with the same key is not made, ever.
        useful_for: after this long it is not sent any more (a one-time code); None tries for days.

    Returns:
        The notice's id, None when `dedupe_key` is known already.

    Raises:
        ValueError: `to` is not one recipient of this channel, or the text is empty or too long.
    """
    check_recipient(channel, to)
    if not text.strip() or len(text) > TEXT_LIMIT:
        raise ValueError("a notice has a text of bounded length")
    notice_id = uuid4()
    content = json.dumps({"subject": one_line(subject), "text": text}, ensure_ascii=False)
    moment = now()
    made = await session.execute(
        sql(
            "INSERT INTO notice (id, channel, recipient, content, template, dedupe_key, next_try_at, expires_at, created_at) "
            "VALUES (:id, :channel, :recipient, :content, :template, :dedupe_key, :now, :expires_at, :now) "
            "ON CONFLICT (dedupe_key) DO NOTHING RETURNING id"
        ),
        {
            "id": notice_id,
            "channel": channel,
            "recipient": secrets.seal(to, _RECIPIENT),
            "content": secrets.seal(content, _CONTENT),
            "template": template,
            "dedupe_key": dedupe_key,
            "now": moment,
            "expires_at": moment + useful_for if useful_for else None,
        },
    )
    if made.one_or_none() is None:
        return None
    await jobs.defer(session, "notify.deliver", notice_id=str(notice_id))
    return notice_id


@jobs.task("notify.deliver", queue="notify", retry=jobs.Retry(attempts=10), timeout=300.0)
async def deliver(notice_id: str) -> None:
    """Try once to send one notice; a failed try plans the next one."""
    claimed = await _claim(UUID(notice_id))
    if claimed is None:
        return
    message, attempts = claimed
    gateway = gateway_for(message.channel)
    try:
        if gateway is None:  # unplugged between claim and here
            raise DeliveryFailed("not configured")
        await gateway.send(message)
    except DeliveryFailed as failure:
        await _failed(message.id, attempts, failure)
    except Exception as error:  # a gateway's own fault; its words may hold personal data
        await _failed(message.id, attempts, DeliveryFailed(type(error).__name__))
        log.warning("gateway of %s raised %s", message.channel, type(error).__name__)
    else:
        await _sent(message.id)


async def _claim(notice_id: UUID) -> tuple[Message, int] | None:
    """Take the notice for sending; None when there is nothing to send (now)."""
    async with db.transaction() as session:
        row = (
            await session.execute(
                sql(
                    "SELECT channel, recipient, content, state, attempts, claimed_at, expires_at FROM notice "
                    "WHERE id = :id AND state IN ('queued', 'sending') FOR UPDATE SKIP LOCKED"
                ),
                {"id": notice_id},
            )
        ).one_or_none()
        if row is None:
            return None
        moment = now()
        if row.state == "sending" and row.claimed_at > moment - timedelta(seconds=CLAIM_SECONDS):
            again = row.claimed_at + timedelta(seconds=CLAIM_SECONDS + 1)
            await jobs.defer(session, "notify.deliver", run_at=again, notice_id=str(notice_id))
            return None
        if row.expires_at is not None and row.expires_at <= moment:
            await _finish(session, notice_id, "failed", "expired")
            return None
        if gateway_for(row.channel) is None:
            return None  # stays in the queue; the sweep looks again
        try:
            to = secrets.unseal(row.recipient, _RECIPIENT)
            content = json.loads(secrets.unseal(row.content, _CONTENT))
        except secrets.SealBroken:
            await _finish(session, notice_id, "failed", "sealed with an unknown key")
            return None
        await session.execute(
            sql("UPDATE notice SET state = 'sending', attempts = attempts + 1, claimed_at = :now WHERE id = :id"),
            {"id": notice_id, "now": moment},
        )
        return Message(notice_id, row.channel, to, content["subject"], content["text"]), row.attempts + 1


async def _sent(notice_id: UUID) -> None:
    """Note that it is out. A database that is away just now is waited for, or the notice would go out twice.

    Raises:
        Unavailable: it stayed away for longer than the claim is respected.
    """
    for tries_left in reversed(range(NOTE_TRIES)):
        try:
            async with db.transaction() as session:
                await _finish(session, notice_id, "sent", "")
                return
        except Unavailable:
            if not tries_left:
                raise
            await asyncio.sleep(NOTE_PAUSE)


async def _finish(session: AsyncSession, notice_id: UUID, state: str, fault: str) -> None:
    """Close the notice. What it said is forgotten, but for the demonstration, whose local page shows it."""
    await session.execute(
        sql(
            "UPDATE notice SET state = :state, finished_at = :now, claimed_at = NULL, last_fault = :fault, "
            "content = CASE WHEN :keep THEN content END, recipient = CASE WHEN :keep THEN recipient END WHERE id = :id"
        ),
        {"state": state, "now": now(), "fault": fault, "keep": settings().is_demo, "id": notice_id},
    )


async def _failed(notice_id: UUID, attempts: int, failure: DeliveryFailed) -> None:
    async with db.transaction() as session:
        if failure.permanent or attempts >= MOST_ATTEMPTS:
            log.warning("notice %s given up after %s tries: %s", notice_id, attempts, failure.reason)
            await _finish(session, notice_id, "failed", failure.reason)
            return
        wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (attempts - 1)) * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load
        again = now() + timedelta(seconds=wait)
        await session.execute(
            sql(
                "UPDATE notice SET state = 'queued', claimed_at = NULL, next_try_at = :again, last_fault = :fault "
                "WHERE id = :id"
            ),
            {"again": again, "fault": failure.reason, "id": notice_id},
        )
        await jobs.defer(session, "notify.deliver", run_at=again, notice_id=str(notice_id))


@jobs.periodic("notify.sweep", cron="*/5 * * * *", queue="notify")
async def sweep() -> None:
    """Try again what waits without a job (a gateway was configured only now), and forget what is long done."""
    async with db.transaction() as session:
        channels = [channel for channel in ("email", "sms") if gateway_for(channel) is not None]
        rows = await session.execute(
            sql(
                "UPDATE notice SET next_try_at = :later WHERE id IN (SELECT id FROM notice "
                "WHERE (state = 'queued' AND next_try_at < :late OR state = 'sending' AND claimed_at < :late) "
                "AND (channel = ANY(:channels) OR expires_at < :late) "
                "ORDER BY next_try_at LIMIT :most FOR UPDATE SKIP LOCKED) RETURNING id"
            ),
            {
                "later": now() + timedelta(minutes=10),
                "late": now() - timedelta(minutes=5),
                "channels": channels,
                "most": _SWEEP_LIMIT,
            },
        )
        for (notice_id,) in rows.all():
            await jobs.defer(session, "notify.deliver", notice_id=str(notice_id))
        await session.execute(
            sql("DELETE FROM notice WHERE state IN ('sent', 'failed') AND finished_at < :before AND dedupe_key IS NULL"),
            {"before": now() - timedelta(days=90)},
        )


async def demo_messages(limit: int = 50) -> list[DemoMessage]:
    """Return the newest messages of a demonstration, sent or about to be; nothing anywhere else.

    Args:
        limit: most messages, at most 200.
    """
    if not settings().is_demo:
        return []
    async with db.reading() as session:
        rows = await session.execute(
            sql(
                "SELECT channel, recipient, content, created_at FROM notice WHERE content IS NOT NULL "
                "ORDER BY created_at DESC, id LIMIT :most"
            ),
            {"most": min(max(limit, 1), 200)},
        )
        found = []
        for row in rows:
            content = json.loads(secrets.unseal(row.content, _CONTENT))
            to = secrets.unseal(row.recipient, _RECIPIENT)
            found.append(DemoMessage(row.channel, to, content["subject"], content["text"], row.created_at))
        return found


async def figures(session: AsyncSession) -> dict[str, int]:
    """Return how many notices wait or are being sent, and how many were given up in the last 30 days."""
    row = (
        await session.execute(
            sql(
                "SELECT count(*) FILTER (WHERE state IN ('queued', 'sending')) AS waiting, "
                "count(*) FILTER (WHERE state = 'failed' AND finished_at > :month) AS failed FROM notice "
                "WHERE state IN ('queued', 'sending') OR finished_at > :month"
            ),
            {"month": now() - timedelta(days=30)},
        )
    ).one()
    return dict(row._mapping)


async def doctor() -> list[str]:
    """Return what a caretaker should know about notices, in Vietnamese sentences; empty when all is well."""
    async with db.reading() as session:
        row = (
            await session.execute(
                sql(
                    "SELECT count(*) FILTER (WHERE state = 'queued' AND channel = 'email') AS mails, "
                    "count(*) FILTER (WHERE state = 'queued' AND channel = 'sms') AS texts, "
                    "count(*) FILTER (WHERE state IN ('queued', 'sending') AND created_at < :late) AS late, "
                    "count(*) FILTER (WHERE state = 'failed' AND finished_at > :month) AS failed FROM notice"
                ),
                {"late": now() - timedelta(minutes=30), "month": now() - timedelta(days=30)},
            )
        ).one()
    words = []
    if gateway_for("email") is None:
        words.append(text.NO_MAIL.format(count=row.mails))
    if gateway_for("sms") is None:
        words.append(text.NO_SMS.format(count=row.texts))
    if row.late:
        words.append(text.LATE.format(count=row.late))
    if row.failed:
        words.append(text.FAILED.format(count=row.failed))
    return words
