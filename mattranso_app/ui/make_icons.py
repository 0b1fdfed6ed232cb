"""Draws the mark's files in assets/: `python -m mattranso_app.ui.make_icons`. Run after a change of the star or its colours."""

from __future__ import annotations

import math
from pathlib import Path

from PIL import Image, ImageDraw

RED, GOLD = "#a61b22", "#ffd54a"
INNER = math.sin(math.radians(18)) / math.sin(math.radians(54))
"""Radius of the inner corners of a regular five-pointed star whose outer radius is 1."""

SMOOTH = 8
"""Drawn this many times larger, then made smaller: that smooths the edges."""


def star(centre: float, radius: float) -> list[tuple[float, float]]:
    """Return the ten corners of a star standing on two points, within a square of side `2 * centre`."""
    corners = []
    for index in range(10):
        reach = radius if index % 2 == 0 else radius * INNER
        angle = math.radians(36 * index - 90)
        corners.append((centre + reach * math.cos(angle), centre + reach * math.sin(angle)))
    return corners


def picture(size: int, maskable: bool = False) -> Image.Image:
    """Return the mark, `size` pixels square; `maskable` fills the square and keeps the star in its safe middle."""
    side = size * SMOOTH
    image = Image.new("RGBA", (side, side), RED if maskable else (0, 0, 0, 0))
    draw = ImageDraw.Draw(image)
    if not maskable:
        draw.ellipse((0, 0, side - 1, side - 1), fill=RED)
    draw.polygon(star(side / 2, side * (0.27 if maskable else 0.32)), fill=GOLD)
    return image.resize((size, size), Image.Resampling.LANCZOS)


def svg() -> str:
    """Return the mark as SVG."""
    points = " ".join(f"{x:.2f},{y:.2f}" for x, y in star(32, 20.5))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<circle cx="32" cy="32" r="32" fill="{RED}"/><polygon points="{points}" fill="{GOLD}"/></svg>\n'
    )


def main(assets: Path) -> None:
    """Write all files below `assets`."""
    icons = assets / "icons"
    icons.mkdir(exist_ok=True)
    (icons / "mark.svg").write_text(svg())
    for size in (192, 512):
        picture(size).save(icons / f"mark-{size}.png", optimize=True)
    picture(180, maskable=True).convert("RGB").save(icons / "mark-180.png", optimize=True)
    picture(512, maskable=True).convert("RGB").save(icons / "mark-maskable-512.png", optimize=True)
    picture(32).save(assets / "favicon.ico", sizes=[(16, 16), (32, 32)])


if __name__ == "__main__":
    main(Path(__file__).parents[2] / "assets")
