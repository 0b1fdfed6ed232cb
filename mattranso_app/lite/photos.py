"""Photos that were sent up before the petition itself is sent.

A file box cannot be filled in again by a page, so a photo sent along with a wrong field, or with a unit that is still to be
chosen, would be lost. Its bytes are kept as every prepared file's are (and swept after a day when nothing comes of them);
what `files.attach` needs travels in the form itself, sealed. So there is no session and no row, whichever process answers.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import asdict, dataclass
from datetime import timedelta

from mattranso_app.core import files, secrets
from mattranso_app.core.clock import now
from mattranso_app.core.files.kinds import shown_name

_PURPOSE = "lite.photo"
_BYTES = ("sent_sha256", "sha256", "thumbnail_sha256")
SURELY_THERE = timedelta(hours=20)
"""Bytes without a row are swept after a day; before this age they need not be looked for."""


@dataclass(frozen=True, slots=True)
class KeptPhoto:
    """A photo whose bytes are kept. `name` is what the sender's device calls it: shown to him, kept nowhere."""

    prepared: files.PreparedFile
    name: str
    kept_at: float

    @property
    def mark(self) -> str:
        """Return what names it among the photos of one form."""
        return self.prepared.sent_sha256.hex()[:16]

    def seal(self) -> str:
        """Return it as a value for a hidden field; only we can make or change one."""
        values = asdict(self.prepared)
        values |= {name: values[name].hex() for name in _BYTES if values[name] is not None}
        sealed = secrets.seal(json.dumps({"photo": values, "name": self.name, "at": self.kept_at}), _PURPOSE)
        return base64.urlsafe_b64encode(sealed).decode()

    async def is_there(self) -> bool:
        """Return whether its bytes are still kept."""
        if now().timestamp() - self.kept_at < SURELY_THERE.total_seconds():
            return True
        try:
            async for _ in files.blob_store().read(self.prepared.sha256, 0, 1):
                return True
        except FileNotFoundError:
            pass
        return False


async def keep(sent: files.ReceivedFile) -> KeptPhoto:
    """Check a photo and keep its bytes.

    Raises:
        DomainError: as `files.prepare`.
    """
    prepared = await files.prepare(sent, sent.name, files.Purpose.PHOTO)
    return KeptPhoto(prepared, shown_name(sent.name), now().timestamp())


def unseal(value: str) -> KeptPhoto | None:
    """Return the photo sealed in `value`, None when it is none of ours."""
    try:
        opened = json.loads(secrets.unseal(base64.urlsafe_b64decode(value.encode("ascii")), _PURPOSE))
    except (ValueError, binascii.Error, secrets.SealBroken):
        return None
    values = opened["photo"]
    values |= {name: bytes.fromhex(values[name]) for name in _BYTES if values[name] is not None}
    values["media_type"] = files.MediaType(values["media_type"])
    return KeptPhoto(files.PreparedFile(**values), opened["name"], opened["at"])
