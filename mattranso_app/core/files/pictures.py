"""Pictures: decoded within bounds, turned upright, brought to sRGB and encoded anew, so that nothing but pixels is kept.

What a telephone writes beside the pixels (place, time, device, owner's name, a smaller unedited copy) goes no further,
and a file that is a picture and something else at once becomes a picture only.
"""

from __future__ import annotations

import asyncio
import io
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageCms, ImageOps

from mattranso_app.core.errors import TooLarge, Unavailable, Unsupported
from mattranso_app.core.files import text
from mattranso_app.core.files.kinds import MediaType

MAX_PIXELS = 50_000_000
MAX_SIDE = 2560
"""Longest side kept, in pixels: a page of writing photographed by a telephone stays legible."""
THUMBNAIL_SIDE = 480
JPEG_QUALITY = 86
AT_ONCE = 2
"""Pictures decoded at the same time: each may need some 300 MB for a moment."""
MAX_WAITING = 60
MAX_SCANS = 100
"""Passes of a progressive JPEG; real ones have about ten, a hostile one thousands, each over all pixels."""
_MAX_PROFILE_BYTES = 1 << 20

_FORMATS = {MediaType.JPEG: ("JPEG", "MPO"), MediaType.PNG: ("PNG",), MediaType.WEBP: ("WEBP",)}
_threads = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="pictures")
_waiting = 0


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture encoded by us (JPEG) with its thumbnail (WebP); sizes in pixels."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int


async def reencode(path: Path, media_type: MediaType, name: str) -> Picture:
    """Decode the file at `path` and encode its pixels anew, in a thread of its own.

    Args:
        path: the file as it was sent.
        media_type: what its first bytes say it is.
        name: how to call it in a message.

    Raises:
        Unsupported: it cannot be decoded, or it moves.
        TooLarge: more than `MAX_PIXELS`.
        Unavailable: too many pictures are waiting already.
    """
    global _waiting
    if _waiting >= MAX_WAITING:
        raise Unavailable(text.BUSY)
    _waiting += 1
    try:
        return await asyncio.get_running_loop().run_in_executor(_threads, _reencode, path, media_type, name)
    finally:
        _waiting -= 1


def _reencode(path: Path, media_type: MediaType, name: str) -> Picture:
    try:
        if media_type is MediaType.JPEG and _count_scans(path) > MAX_SCANS:
            raise Unsupported(text.PICTURE_BROKEN.format(name=name))
        with Image.open(path, formats=_FORMATS[media_type]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise TooLarge(text.PICTURE_HUGE.format(name=name))
            # An MPO is an ordinary photograph with a second one (depth, preview) behind it: the first is the picture.
            if image.format != "MPO" and getattr(image, "n_frames", 1) > 1:
                raise Unsupported(text.PICTURE_MOVES.format(name=name))
            return _encode(_pixels(image))
    except (Unsupported, TooLarge):
        raise
    except Image.DecompressionBombError as error:
        raise TooLarge(text.PICTURE_HUGE.format(name=name)) from error
    except Exception as error:  # decoders raise OSError, ValueError, SyntaxError, struct.error, MemoryError, …
        raise Unsupported(text.PICTURE_BROKEN.format(name=name)) from error


def _count_scans(path: Path) -> int:
    data = path.read_bytes()
    return data.count(b"\xff\xda")


def _pixels(image: Image.Image) -> Image.Image:
    """Return the picture upright, in sRGB, on white, no side longer than `MAX_SIDE`."""
    profile = image.info.get("icc_profile")
    orientation = image.getexif().get(0x0112, 1)
    image.draft("RGB", (MAX_SIDE, MAX_SIDE))  # a JPEG is decoded smaller at once; others ignore it
    image.load()
    if image.mode.startswith("I;16"):
        image = image.point(lambda value: value / 256).convert("L")
    if image.mode in ("P", "PA", "LA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
    if image.mode not in ("L", "RGB", "RGBA", "CMYK"):
        image = image.convert("RGB")
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    image = _to_srgb(image, profile)
    if image.mode == "RGBA":
        paper = Image.new("RGB", image.size, "white")
        paper.paste(image, mask=image.getchannel("A"))
        image = paper
    elif image.mode != "RGB":
        image = image.convert("RGB")
    return _upright(image, orientation)


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile or len(profile) > _MAX_PROFILE_BYTES:
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        mode = "RGBA" if image.mode == "RGBA" else "RGB"
        changed = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image  # a broken profile costs a shade of colour, not the picture
    return changed if changed is not None else image


_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip


def _upright(image: Image.Image, orientation: object) -> Image.Image:
    turn = _TURNS.get(orientation) if isinstance(orientation, int) else None
    return image.transpose(turn) if turn is not None else image


def _encode(image: Image.Image) -> Picture:
    bare = Image.new("RGB", image.size)  # a fresh picture knows nothing of where its pixels came from
    bare.paste(image)
    full = io.BytesIO()
    bare.save(full, "JPEG", quality=JPEG_QUALITY, optimize=True, progressive=True)
    small = ImageOps.contain(bare, (THUMBNAIL_SIDE, THUMBNAIL_SIDE)) if max(bare.size) > THUMBNAIL_SIDE else bare
    thumbnail = io.BytesIO()
    small.save(thumbnail, "WEBP", quality=75, method=4)
    return Picture(full.getvalue(), thumbnail.getvalue(), bare.width, bare.height)
