"""Pictures keep their pixels and nothing else; what cannot be decoded or would swell is refused."""

from __future__ import annotations

import io
import random
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageChops

from mattranso_app.core import files
from mattranso_app.core.errors import DomainError, TooLarge, Unavailable, Unsupported
from mattranso_app.core.files import pictures as encoder
from mattranso_app.core.files.blobs import blob_store
from mattranso_app.settings import ROOT
from tests.core.files import pictures
from tests.core.files.conftest import kept_files

MARKERS = {0xE0, 0xDB, 0xC0, 0xC2, 0xC4, 0xDA}
"""JFIF, tables, frame and scan: what a JPEG needs to be shown."""

HARMLESS = {
    "jfif", "jfif_version", "jfif_unit", "jfif_density", "progressive", "progression", "loop", "background", "timestamp",
    "duration", "dpi",
}  # fmt: skip
"""What Pillow tells of any JPEG or WebP: how it is laid out, nothing of where it comes from."""

MAKERS = {
    **{f"JPEG turned {turn}": (pictures.jpeg, "RGB", turn) for turn in range(1, 9)},
    **{f"PNG turned {turn}": (pictures.png, "RGB", turn) for turn in range(1, 9)},
    **{f"WebP turned {turn}": (pictures.webp, "RGB", turn) for turn in range(1, 9)},
    **{f"JPEG {mode} turned {turn}": (pictures.jpeg, mode, turn) for mode in ("L", "CMYK") for turn in (1, 3, 6, 8)},
    **{
        f"PNG {mode} turned {turn}": (pictures.png, mode, turn)
        for mode in ("L", "RGBA", "P", "LA", "1", "I;16")
        for turn in (1, 6, 8)
    },
    **{f"WebP RGBA turned {turn}": (pictures.webp, "RGBA", turn) for turn in (1, 6)},
}


async def keep(data: bytes, name: str = "IMG_0912345678.jpg") -> tuple[files.PreparedFile, bytes, bytes]:
    """What became of `data`: the prepared file, the bytes kept, the bytes of the small picture."""
    prepared = await files.prepare(data, name, files.Purpose.PHOTO)
    store = blob_store()
    small = prepared.thumbnail_sha256
    assert small is not None
    return prepared, store.path(prepared.sha256).read_bytes(), store.path(small).read_bytes()


@pytest.mark.usefixtures("store_root")
@pytest.mark.parametrize("kind", MAKERS)
async def test_nothing_but_upright_pixels_is_kept(kind: str) -> None:
    make, mode, orientation = MAKERS[kind]
    drawn = pictures.drawing()
    shown = drawn.convert("L" if mode == "I;16" else mode)
    sent = make(shown.convert("I").point(lambda value: value * 257).convert("I;16") if mode == "I;16" else shown, orientation)
    assert pictures.SECRET in sent
    prepared, kept, small = await keep(sent)
    for data in (kept, small):
        assert pictures.SECRET[:8] not in data
        with Image.open(io.BytesIO(data)) as image:
            assert dict(image.getexif()) == {}
            assert image.info.keys() <= HARMLESS
    assert set(pictures.jpeg_segments(kept)) <= MARKERS
    assert kept.endswith(b"\xff\xd9")
    assert set(pictures.webp_chunks(small)) <= {b"VP8 ", b"VP8L"}
    assert prepared.name == "anh.jpg"
    with Image.open(io.BytesIO(kept)) as image:
        wanted = shown.convert("L").convert("RGB") if mode in ("L", "LA", "I;16") else shown.convert("RGB")
        turned = wanted.transpose(encoder._TURNS[orientation]) if orientation in encoder._TURNS else wanted
        assert image.size == turned.size == (prepared.width, prepared.height)
        small_both = [each.resize((12, 12)).convert("L") for each in (image, turned)]
        assert max(high for _, high in [ImageChops.difference(*small_both).getextrema()]) < 60


def test_at_least_fifty_kinds_of_pictures_are_tried() -> None:
    assert len(MAKERS) >= 50


@pytest.mark.usefixtures("store_root")
@pytest.mark.parametrize("make", [pictures.jpeg, pictures.png, pictures.webp])
async def test_what_is_a_picture_and_something_else_becomes_a_picture_only(make: object) -> None:
    archive = b"PK\x03\x04" + b"<script>alert(1)</script>" + b"MZ" + b"%PDF-1.4"
    _, kept, small = await keep(make() + archive)  # type: ignore[operator]
    assert b"script" not in kept + small
    assert b"%PDF" not in kept + small


@pytest.mark.parametrize("make", [pictures.jpeg, pictures.png, pictures.webp])
async def test_cut_pictures_are_refused_and_leave_nothing(make: object, store_root: Path) -> None:
    noise = Image.effect_noise((300, 200), 90).convert("RGB")
    whole = make(noise)  # type: ignore[operator]
    pixels = len(whole) - len(pictures.SECRET)
    for part in (0.5, 0.7, 0.9, 0.97):
        with pytest.raises(Unsupported, match="bị hỏng"):
            await files.prepare(whole[: int(pixels * part)], "x.jpg", files.Purpose.PHOTO)
    assert kept_files(store_root) == []


@pytest.mark.usefixtures("store_root")
@pytest.mark.parametrize("make", [pictures.jpeg, pictures.png, pictures.webp])
@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
async def test_damaged_pictures_are_taken_as_pictures_or_refused_in_words(make: object) -> None:
    whole = make()  # type: ignore[operator]
    chance = random.Random(2026)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randint(1, 12)):
            data[chance.randrange(12, len(data))] = chance.randrange(256)
        try:
            _, kept, small = await keep(bytes(data))
        except DomainError as error:
            assert error.text
        else:
            assert pictures.SECRET[:8] not in kept + small


async def test_moving_pictures_are_refused(store_root: Path) -> None:
    frames = [pictures.drawing(), pictures.drawing().rotate(90)]
    for kind in ("WEBP", "PNG"):
        moving = io.BytesIO()
        frames[0].save(moving, kind, save_all=True, append_images=frames[1:], duration=100)
        with pytest.raises(Unsupported, match="ảnh động"):
            await files.prepare(moving.getvalue(), "x", files.Purpose.PHOTO)
    assert kept_files(store_root) == []


@pytest.mark.usefixtures("store_root")
async def test_a_camera_picture_with_a_second_one_behind_it_is_the_first() -> None:
    both = io.BytesIO()
    pictures.drawing().save(both, "MPO", save_all=True, append_images=[Image.new("RGB", (60, 40), "green")])
    _, kept, _ = await keep(both.getvalue())
    with Image.open(io.BytesIO(kept)) as image:
        assert image.format == "JPEG"
        red, green, blue = image.convert("RGB").getpixel((5, 5))
        assert red > 200 > green + blue


@pytest.mark.usefixtures("store_root")
async def test_a_large_picture_is_brought_to_a_bounded_size() -> None:
    prepared, kept, small = await keep(pictures.jpeg(pictures.drawing(4000, 3000), orientation=6))
    assert (prepared.width, prepared.height) == (1920, 2560)
    with Image.open(io.BytesIO(small)) as image:
        assert max(image.size) == 480
    assert prepared.size == len(kept)


async def test_too_many_pixels_and_passes_are_refused(store_root: Path) -> None:
    with pytest.raises(TooLarge, match="điểm ảnh"):
        await files.prepare(pictures.png_bomb(), "x.png", files.Purpose.PHOTO)
    with pytest.raises(Unsupported):
        await files.prepare(pictures.jpeg() + b"\xff\xda" * 200, "x.jpg", files.Purpose.PHOTO)
    assert kept_files(store_root) == []


def test_bombs_cost_little_memory(tmp_path: Path) -> None:
    """Measured in a process of its own, because only there the highest mark is the bomb's."""
    bombs = {
        "pixels": pictures.png_bomb(),
        "text": pictures.png_with_packed(b"zTXt", b"Comment"),
        "profile": pictures.png_with_packed(b"iCCP", b"icc"),
    }
    for name, data in bombs.items():
        assert len(data) < 1 << 20
        (tmp_path / name).write_bytes(data)
    code = (
        "import resource, sys\nfrom pathlib import Path\n"
        "from mattranso_app.core.errors import DomainError\n"
        "from mattranso_app.core.files import pictures\nfrom mattranso_app.core.files.kinds import MediaType\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for path in sorted(Path(sys.argv[1]).iterdir()):\n"
        "    try:\n        pictures._reencode(path, MediaType.PNG, 'x')\n        print(path.name, 'taken')\n"
        "    except DomainError as error:\n        print(path.name, error.code)\n"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True)
    *verdicts, grown = done.stdout.splitlines()
    assert verdicts[0] == "pixels too_large"
    assert int(grown) < 60 * 1024  # kilobytes


@pytest.mark.usefixtures("store_root")
async def test_a_crowd_of_pictures_is_told_to_come_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder, "MAX_WAITING", 0)
    with pytest.raises(Unavailable, match="cùng lúc"):
        await files.prepare(pictures.jpeg(), "x.jpg", files.Purpose.PHOTO)
    monkeypatch.undo()
    await keep(pictures.jpeg())
