"""Pictures as telephones, cameras and attackers make them."""

from __future__ import annotations

import io
import struct
import zlib

from PIL import Image, ImageCms

SECRET = b"BI-MAT-10.7769N-106.7009E-Nguyen-Van-An-0912345678"
"""What stands in every hidden place; none of it may be found in what is kept."""

XMP = (
    b'<?xpacket begin=""?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>' + SECRET + b"</dc:creator></rdf:Description>"
    b"</rdf:RDF></x:xmpmeta>"
)


def drawing(width: int = 60, height: int = 40, mode: str = "RGB") -> Image.Image:
    """A picture that shows which way is up: its upper left quarter is red, its upper right one blue, the rest is white."""
    image = Image.new("RGB", (width, height), "white")
    image.paste("red", (0, 0, width // 2, height // 2))
    image.paste("blue", (width // 2, 0, width, height // 2))
    return image.convert(mode)


def exif(orientation: int = 1, thumbnail: bytes = SECRET) -> bytes:
    """An EXIF block with maker, description, GPS place and a small picture; big-endian TIFF."""
    texts = SECRET + b"\0"
    ifd0, gps, ifd1 = 5, 4, 3
    start0 = 8
    start_gps = start0 + 2 + ifd0 * 12 + 4
    start1 = start_gps + 2 + gps * 12 + 4
    data = start1 + 2 + ifd1 * 12 + 4
    place = struct.pack(">6I", 10, 1, 46, 1, 3684, 100)

    def entry(tag: int, kind: int, count: int, value: int | bytes) -> bytes:
        packed = value if isinstance(value, bytes) else struct.pack(">I", value)
        return struct.pack(">HHI", tag, kind, count) + packed

    blob = texts + place + place + thumbnail
    at_place = data + len(texts)
    entries0 = (
        entry(0x010E, 2, len(texts), data)
        + entry(0x010F, 2, len(texts), data)
        + entry(0x0112, 3, 1, struct.pack(">HH", orientation, 0))
        + entry(0x013B, 2, len(texts), data)
        + entry(0x8825, 4, 1, start_gps)
    )
    entries_gps = (
        entry(1, 2, 2, b"N\0\0\0") + entry(2, 5, 3, at_place) + entry(3, 2, 2, b"E\0\0\0") + entry(4, 5, 3, at_place + 24)
    )
    entries1 = (
        entry(0x0103, 3, 1, struct.pack(">HH", 6, 0)) + entry(0x0201, 4, 1, at_place + 48) + entry(0x0202, 4, 1, len(thumbnail))
    )
    return (
        b"MM\0*" + struct.pack(">I", start0)
        + struct.pack(">H", ifd0) + entries0 + struct.pack(">I", start1)
        + struct.pack(">H", gps) + entries_gps + struct.pack(">I", 0)
        + struct.pack(">H", ifd1) + entries1 + struct.pack(">I", 0)
        + blob
    )  # fmt: skip


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def jpeg(image: Image.Image | None = None, orientation: int = 1, **options: object) -> bytes:
    """A JPEG with EXIF, XMP, IPTC, a comment, a maker's segment and something behind its end."""
    plain = io.BytesIO()
    (image or drawing()).save(plain, "JPEG", quality=95, subsampling=0, **options)
    iptc = b"\x1c\x02\x78" + struct.pack(">H", len(SECRET)) + SECRET
    resource = b"8BIM\x04\x04\0\0" + struct.pack(">I", len(iptc)) + iptc + b"\0" * (len(iptc) % 2)
    hidden = (
        _segment(0xE1, b"Exif\0\0" + exif(orientation))
        + _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
        + _segment(0xED, b"Photoshop 3.0\0" + resource)
        + _segment(0xEB, b"MAKER\0" + SECRET)
        + _segment(0xFE, SECRET)
    )
    data = plain.getvalue()
    return data[:2] + hidden + data[2:] + SECRET


def _chunk(kind: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + kind + payload + struct.pack(">I", zlib.crc32(kind + payload))


def png(image: Image.Image | None = None, orientation: int = 1) -> bytes:
    """A PNG with EXIF, XMP, texts plain and packed, a time, an unknown chunk and something behind its end."""
    plain = io.BytesIO()
    (image or drawing()).save(plain, "PNG")
    hidden = (
        _chunk(b"eXIf", exif(orientation))
        + _chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        + _chunk(b"tEXt", b"Author\0" + SECRET)
        + _chunk(b"zTXt", b"Comment\0\0" + zlib.compress(SECRET))
        + _chunk(b"tIME", struct.pack(">HBBBBB", 2026, 9, 2, 7, 30, 0))
        + _chunk(b"prVt", SECRET)
    )
    data = plain.getvalue()
    head = 8 + 25  # signature and IHDR
    return data[:head] + hidden + data[head:] + SECRET


def webp(image: Image.Image | None = None, orientation: int = 1, lossless: bool = True) -> bytes:
    """A WebP with EXIF, XMP and a colour profile."""
    plain = io.BytesIO()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    (image or drawing()).save(
        plain, "WEBP", lossless=lossless, quality=95, exif=b"Exif\0\0" + exif(orientation), xmp=XMP, icc_profile=profile
    )
    return plain.getvalue() + SECRET


def png_bomb(side: int = 60_000) -> bytes:
    """A small file that says it is a picture of `side` × `side` pixels."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", header) + _chunk(b"IDAT", zlib.compress(b"\0" * 10_000_000)) + _chunk(b"IEND", b"")
    )


def packed_zeros(size: int) -> bytes:
    """A zlib stream that unpacks to `size` zeros (whole megabytes), made without packing them one after the other."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    block = packer.compress(b"\0" * (1 << 20)) + packer.flush(zlib.Z_FULL_FLUSH)
    check = (size % 65521) << 16 | 1  # Adler-32 of zeros
    return b"\x78\xda" + block * (size >> 20) + b"\x03\x00" + struct.pack(">I", check)


def png_with_packed(kind: bytes, name: bytes, size: int = 200 << 20) -> bytes:
    """A small picture with a chunk that unpacks to `size` bytes."""
    packed = packed_zeros(size)
    plain = io.BytesIO()
    drawing().save(plain, "PNG")
    data = plain.getvalue()
    return data[:33] + _chunk(kind, name + b"\0\0" + packed) + data[33:]


def jpeg_segments(data: bytes) -> list[int]:
    """The markers of a JPEG up to its pixels."""
    found, place = [], 2
    while data[place] == 0xFF:
        marker = data[place + 1]
        found.append(marker)
        if marker == 0xDA:
            break
        place += 2 + struct.unpack(">H", data[place + 2 : place + 4])[0]
    return found


def webp_chunks(data: bytes) -> list[bytes]:
    """The names of a WebP's chunks."""
    found, place = [], 12
    while place < len(data):
        size = struct.unpack("<I", data[place + 4 : place + 8])[0]
        found.append(data[place : place + 4])
        place += 8 + size + size % 2
    return found
