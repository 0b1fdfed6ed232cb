"""What a file is, told by its first bytes, never by its name or by what the browser claims.

A table of our own: we take four types, and all else needs no name but "no". (Libraries such as puremagic guess among
hundreds of types, partly from the file's name, and would have to be kept from doing so.)
"""

from __future__ import annotations

import re
import unicodedata
from enum import StrEnum

from mattranso_app.core.files import text

HEAD_BYTES = 1024
"""How many first bytes `sniff` wants to see."""

NAME_BYTES = 120
"""Longest kept name of a file, in bytes of UTF-8."""


class MediaType(StrEnum):
    """The types we take in, and the one we make ourselves: an archive."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    PDF = "application/pdf"
    ZIP = "application/zip"


PICTURES = frozenset({MediaType.JPEG, MediaType.PNG, MediaType.WEBP})


class Purpose(StrEnum):
    """What a file is sent for; it decides which types are taken."""

    PHOTO = "photo"
    """A picture from a citizen. The sender's name of the file is not kept: it may say more than was meant."""
    ATTACHMENT = "attachment"
    """A picture or a PDF from an officer."""

    @property
    def accepts(self) -> frozenset[MediaType]:
        """The media types taken for this purpose."""
        return PICTURES if self is Purpose.PHOTO else PICTURES | {MediaType.PDF}


EXTENSIONS = {MediaType.JPEG: ".jpg", MediaType.PNG: ".png", MediaType.WEBP: ".webp", MediaType.PDF: ".pdf", MediaType.ZIP: ".zip"}

_HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


def sniff(head: bytes) -> MediaType | None:
    """Return the type of a file that begins with `head`, None when it is none of ours."""
    if head.startswith(b"\xff\xd8\xff"):
        return MediaType.JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return MediaType.PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return MediaType.WEBP
    if head.startswith(b"%PDF-"):
        return MediaType.PDF
    return None


def is_heic(head: bytes) -> bool:
    """Return whether it is the picture format of some telephones that we cannot decode."""
    return head[4:8] == b"ftyp" and head[8:12] in _HEIC_BRANDS


def clean_name(name: str, media_type: MediaType) -> str:
    """Return `name` without folders, control and direction characters, of bounded length, ending as its type asks."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name[:1000]))[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C" and sign not in '"<>|:*?;')
    shown = re.sub(r"\s+", " ", shown).strip(" .")
    stem = re.sub(r"(\.[A-Za-z0-9]{1,8})+$", "", shown) or text.UNNAMED
    ending = EXTENSIONS[media_type]
    kept = stem.encode()[: NAME_BYTES - len(ending)].decode(errors="ignore").rstrip(" .")
    return (kept or text.UNNAMED) + ending


def shown_name(name: str) -> str:
    """Return `name` as a message may repeat it: one short line."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name[:1000]))[-1]
    shown = "".join(sign for sign in last if unicodedata.category(sign)[0] != "C").strip()
    return shown if len(shown) <= 60 else shown[:57] + "…"
