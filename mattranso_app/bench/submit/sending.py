"""The senders: petitions made up, each different, sent as the form sends them and tried again as its queue does."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import random
import secrets
import time
from dataclasses import dataclass, field, replace
from types import TracebackType

import aiohttp
from PIL import Image

from mattranso_app.bench.submit.desk import UNIT

DESK_EVERY = 4
"""One in so many petitions goes to the commune whose officers act in this bench; the others are spread over the country."""
CONTACT_EVERY = 3
COMMUNES = 400
PHOTO_SIZE = (1280, 960)
FIRST_PAUSE = 0.25
"""Seconds before the second try; the form's queue begins with two, here the platform is to be met while it recovers."""
LONGEST_PAUSE = 2.0
PATIENCE = 240.0
"""Seconds after which a petition that is never acknowledged counts as lost."""

_serial = itertools.count(1)


@dataclass(slots=True)
class Parcel:
    """One petition on its way: what is sent, under which key, and what came back.

    Attributes:
        key: the sender's own key of this sending.
        body: its text, different from every other.
        unit: code of the unit it goes to.
        phone: contact, or empty.
        photos: JPEG files.
        colours: the colour each photo shows, to tell them apart after they were encoded anew.
        number: what the platform called it; empty until it was acknowledged.
        receipt: the secret the platform gave.
        milliseconds: from the first try to the acknowledgement.
        acknowledged: when (CLOCK_MONOTONIC, seconds).
        tries: requests made.
        taken: whether an officer has taken it up since.
        refused: the answer, when it was refused for good.
    """

    key: str
    body: str
    unit: str
    phone: str = ""
    photos: tuple[bytes, ...] = ()
    colours: tuple[tuple[int, int, int], ...] = ()
    number: str = ""
    receipt: str = ""
    milliseconds: float = 0.0
    acknowledged: float = 0.0
    tries: int = 0
    taken: bool = False
    refused: str = field(default="", repr=False)

    def copy(self) -> Parcel:
        """Return the same sending once more, as a device that has not heard the answer."""
        return replace(self, number="", receipt="", milliseconds=0.0, acknowledged=0.0, tries=0, refused="")


class Sender:
    """A connection pool to the platform at `origin`; `patient` ones try again until the platform is back."""

    def __init__(self, origin: str, *, patient: bool = False) -> None:
        self.origin = origin
        self.patient = patient
        self.communes: list[str] = []

    async def __aenter__(self) -> Sender:
        connector = aiohttp.TCPConnector(limit=0)
        self._http = aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(total=60))
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        await self._http.close()

    async def warm_up(self, connections: int) -> None:
        """Open `connections` and learn some communes to write to."""
        async with self._http.get(f"{self.origin}/api/v1/units?level=commune&limit={COMMUNES}") as answer:
            self.communes = [item["code"] for item in (await answer.json())["items"]]

        async def greet() -> None:
            async with self._http.get(f"{self.origin}/healthz") as answer:
                await answer.read()

        await asyncio.gather(*(greet() for _ in range(connections)))

    async def send(self, parcel: Parcel) -> None:
        """Send one petition until it is acknowledged or refused.

        Raises:
            RuntimeError: refused, or never acknowledged.
        """
        started = time.monotonic()
        pause = FIRST_PAUSE
        while True:
            parcel.tries += 1
            if await self._try(parcel):
                parcel.acknowledged = time.monotonic()
                parcel.milliseconds = (parcel.acknowledged - started) * 1000
                return
            if parcel.refused or not self.patient or time.monotonic() - started > PATIENCE:
                raise RuntimeError(f"a petition was not taken: {parcel.refused or 'no answer'}")
            await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311
            pause = min(LONGEST_PAUSE, pause * 2)

    async def _try(self, parcel: Parcel) -> bool:
        payload = {"kind": "phan_anh", "body": parcel.body, "unit": parcel.unit, "phone": parcel.phone, "consent": bool(parcel.phone)}
        form = aiohttp.FormData(default_to_multipart=True)
        form.add_field("payload", json.dumps(payload))
        for place, photo in enumerate(parcel.photos):
            form.add_field("photo", photo, filename=f"anh-{place}.jpg", content_type="image/jpeg")
        headers = {"Idempotency-Key": parcel.key, "Origin": self.origin, "Accept": "application/json"}
        try:
            async with self._http.post(f"{self.origin}/phan-anh/gui", data=form, headers=headers) as answer:
                text = await answer.text()
                if answer.status == 201:
                    said = json.loads(text)
                    parcel.number, parcel.receipt = said["number"], said["receipt"]
                    return True
                if answer.status < 500 and answer.status not in (408, 425, 429) or not self.patient:
                    parcel.refused = f"{answer.status} {text[:300]}"
        except (aiohttp.ClientError, TimeoutError, OSError):
            if not self.patient:
                raise
        return False


async def make_parcels(sender: Sender, count: int, photo_every: int = 0) -> list[Parcel]:
    """Return `count` petitions no two of which are alike; every `photo_every`th carries one or two photos (0: none)."""
    return await asyncio.to_thread(lambda: [_make(sender.communes, photo_every) for _ in range(count)])


def _make(communes: list[str], photo_every: int) -> Parcel:
    serial = next(_serial)
    unit = UNIT if serial % DESK_EVERY == 0 else secrets.choice(communes)
    body = (
        f"Phiếu đo số {serial} {secrets.token_hex(6)}. Đường vào thôn sau trận mưa đêm qua bị sạt một đoạn dài chừng mười mét, "
        "xe máy không qua được, học sinh phải đi vòng. Bà con mong chính quyền cho người tới xem và gia cố trước mùa mưa tới.\n"
        "Chỗ sạt nằm ngay sau cầu, hai bên đã có người cắm cành cây làm dấu nhưng ban đêm không có đèn."
    )
    phone = f"09{serial % 100_000_000:08}" if serial % CONTACT_EVERY == 0 else ""
    parcel = Parcel(secrets.token_hex(16), body, unit, phone)
    if photo_every and serial % photo_every == 0:
        parcel.colours = tuple(_colour() for _ in range(1 + serial // photo_every % 2))
        parcel.photos = tuple(_photo(colour) for colour in parcel.colours)
    return parcel


def _colour() -> tuple[int, int, int]:
    return secrets.randbelow(256), secrets.randbelow(256), secrets.randbelow(256)


def _photo(colour: tuple[int, int, int]) -> bytes:
    """Return a picture about as hard to encode as a telephone's: the colour under some grain."""
    grain = Image.effect_noise((PHOTO_SIZE[0] // 2, PHOTO_SIZE[1] // 2), 24).resize(PHOTO_SIZE).convert("RGB")
    target = io.BytesIO()
    Image.blend(Image.new("RGB", PHOTO_SIZE, colour), grain, 0.25).save(target, "JPEG", quality=80)
    return target.getvalue()
