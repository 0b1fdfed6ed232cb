"""Ways out: e-mail by SMTP, text messages by a gateway the operator plugs in, and the demonstration's own."""

from __future__ import annotations

import html
import re
import ssl
from dataclasses import dataclass
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from typing import Literal, Protocol
from urllib.parse import unquote, urlsplit
from uuid import UUID

import aiosmtplib

from mattranso_app.core.clock import now
from mattranso_app.settings import settings

Channel = Literal["email", "sms"]
SMTP_SECONDS = 30.0
"""How long the mail server has for each step."""


class DeliveryFailed(Exception):
    """A message did not get out.

    Args:
        reason: a few words without personal data, for the caretaker.
        permanent: trying again is useless (no such mailbox).
    """

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one person. `id` stays the same when it is tried again."""

    id: UUID
    channel: Channel
    to: str
    subject: str
    text: str


class Gateway(Protocol):
    """A way out for one channel."""

    async def send(self, message: Message) -> None:
        """Hand the message over; returning means it is accepted. Raises DeliveryFailed."""


_plugged: dict[Channel, Gateway] = {}


def plug(channel: Channel, gateway: Gateway | None) -> None:
    """Send `channel` through `gateway` from now on; None unplugs it."""
    if gateway is None:
        _plugged.pop(channel, None)
    else:
        _plugged[channel] = gateway


def gateway_for(channel: Channel) -> Gateway | None:
    """Return the way out for `channel`; None when nothing is configured and this is no demonstration."""
    if channel in _plugged:
        return _plugged[channel]
    if channel == "email" and settings().smtp_url.get_secret_value():
        return SmtpGateway(settings().smtp_url.get_secret_value(), settings().mail_from)
    return DemonstrationGateway() if settings().is_demo else None


class DemonstrationGateway:
    """Sends nothing: the message stays in the outbox, where the local page of messages shows it."""

    async def send(self, message: Message) -> None:
        """Accept it."""


class SmtpGateway:
    """E-mail through one server.

    Args:
        url: smtp://user:password@host:port (STARTTLS where offered, demanded with a password) or smtps://…
        sender: the From header, "Name <address>".
    """

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self.tls = parts.scheme == "smtps"
        self.host = parts.hostname or "localhost"
        self.port = parts.port or (465 if self.tls else 25)
        self.user = unquote(parts.username) if parts.username else None
        self.password = unquote(parts.password) if parts.password else None
        self.sender = sender

    async def send(self, message: Message) -> None:
        """Send one e-mail."""
        try:
            await aiosmtplib.send(
                compose(message, self.sender),
                hostname=self.host,
                port=self.port,
                username=self.user,
                password=self.password,
                use_tls=self.tls,
                start_tls=False if self.tls else (True if self.password else None),
                tls_context=ssl.create_default_context(),
                timeout=SMTP_SECONDS,
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            codes = [refused.code for refused in error.recipients]
            raise DeliveryFailed(f"SMTP {min(codes, default=0)}", permanent=all(code >= 500 for code in codes)) from None
        except aiosmtplib.SMTPAuthenticationError as error:
            raise DeliveryFailed(f"SMTP {error.code}: sign-in refused") from None
        except aiosmtplib.SMTPResponseException as error:
            raise DeliveryFailed(f"SMTP {error.code}", permanent=500 <= error.code < 600) from None
        except (aiosmtplib.SMTPException, OSError, TimeoutError, UnicodeError) as error:
            raise DeliveryFailed(f"SMTP {type(error).__name__}") from None


_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9.-]{1,190}")


def check_recipient(channel: Channel, to: str) -> None:
    """Refuse what cannot be one recipient.

    Raises:
        ValueError: no e-mail address, or no telephone number of digits with an optional plus.
    """
    if channel == "email" and not _ADDRESS.fullmatch(to):
        raise ValueError("not one plain e-mail address")
    if channel == "sms" and not re.fullmatch(r"\+?[0-9]{8,15}", to):
        raise ValueError("not one telephone number")


def one_line(value: str) -> str:
    """Return `value` without line ends and control signs, so that no header can be smuggled in."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\s]+", " ", value).strip()[:200]


def compose(message: Message, sender: str) -> EmailMessage:
    """Return the e-mail: plain text with a plain HTML sibling, UTF-8, its id the same at every try."""
    check_recipient("email", message.to)
    name, address = parseaddr(sender)
    user, _, host = address.rpartition("@")
    mail = EmailMessage(policy=SMTP.clone(max_line_length=78))
    mail["From"] = Address(one_line(name), user, host)
    mail["To"] = Address(addr_spec=message.to)
    mail["Subject"] = one_line(message.subject)
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{message.id}@{host or 'localhost'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(message.text, charset="utf-8", cte="quoted-printable")
    parts = [html.escape(part.strip()).replace("\n", "<br>") for part in re.split(r"\n\s*\n", message.text) if part.strip()]
    paragraphs = "".join(f"<p>{part}</p>" for part in parts)
    page = f'<!doctype html><html lang="vi"><body style="font-size:17px;line-height:1.6">{paragraphs}</body></html>'
    mail.add_alternative(page, subtype="html", charset="utf-8", cte="quoted-printable")
    return mail
