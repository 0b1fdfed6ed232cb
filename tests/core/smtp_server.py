"""A mail server that misbehaves as told: the outside edge of notices."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.parser import BytesParser
from email.policy import default


@dataclass
class MailServer:
    """Speaks as much SMTP as a sender needs.

    Attributes:
        port: where it listens.
        behaviours: what each connection meets, in order; the last stays. "well", "greets with 421", "says nothing",
            "refuses the sender with 451", "refuses the recipient with 550" (or 450), "refuses the letter with 451" (or 554),
            "drops at the letter", "accepts and drops", "accepts slowly", "nonsense".
        accepted: raw letters that were accepted with 250.
        connections: how often somebody dialled.
    """

    port: int = 0
    behaviours: list[str] = field(default_factory=lambda: ["well"])
    accepted: list[bytes] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    connections: int = 0

    @property
    def url(self) -> str:
        """The address for the setting `smtp_url`."""
        return f"smtp://127.0.0.1:{self.port}"

    @property
    def letters(self) -> list[EmailMessage]:
        """The accepted letters, parsed."""
        return [BytesParser(policy=default).parsebytes(raw) for raw in self.accepted]  # type: ignore[misc]

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Hold one conversation."""
        behaviour = self.behaviours[min(self.connections, len(self.behaviours) - 1)]
        self.connections += 1
        try:
            await self._talk(reader, writer, behaviour)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, behaviour: str) -> None:
        async def say(words: str) -> None:
            writer.write(words.encode() + b"\r\n")
            await writer.drain()

        if behaviour == "says nothing":
            await reader.read()
            return
        if behaviour == "greets with 421":
            await say("421 too busy")
            return
        await say("220 mail" if behaviour != "nonsense" else "HTTP/1.1 400 Bad Request")
        while line := (await reader.readline()).decode(errors="replace").strip():
            self.commands.append(line)
            verb = line.split(" ")[0].upper()
            if verb == "MAIL" and behaviour.startswith("refuses the sender"):
                await say(f"{behaviour[-3:]} no")
            elif verb == "RCPT" and behaviour.startswith("refuses the recipient"):
                await say(f"{behaviour[-3:]} <Nguyen Van An> no such mailbox")
            elif verb == "DATA":
                if behaviour == "drops at the letter":
                    return
                await say("354 go on")
                letter = await reader.readuntil(b"\r\n.\r\n")
                if behaviour.startswith("refuses the letter"):
                    await say(f"{behaviour[-3:]} no")
                    continue
                self.accepted.append(letter[:-3].replace(b"\r\n..", b"\r\n."))
                if behaviour == "accepts slowly":
                    await asyncio.sleep(0.5)
                await say("250 taken")
                if behaviour == "accepts and drops":
                    return
            elif verb == "QUIT":
                await say("221 bye")
                return
            else:
                await say("250 ok")


@asynccontextmanager
async def mail_server(*behaviours: str) -> AsyncIterator[MailServer]:
    """Run a mail server for the block."""
    server = MailServer(behaviours=list(behaviours) or ["well"])
    async with await asyncio.start_server(server.serve, "127.0.0.1", 0) as listening:
        server.port = listening.sockets[0].getsockname()[1]
        yield server
