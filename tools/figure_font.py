"""Write the fonts that Typst sets figures with: Arimo from the page's own files, with five signs drawn here.

Run once, by hand, in an environment with fonttools and brotli; the result is kept. Typst reads no woff2, and where a
line holds a sign that its font lacks it sets the whole line in another font. Arimo is under the SIL Open Font License
without a reserved name (src/ffstats/publish/assets/fonts/OFL.txt), which allows this.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parents[1] / "src/ffstats/publish/assets/fonts"
WIDTH, MIDDLE, RADIUS, STROKE = 1237, 700, 470, 120  # in 2048ths of the type size, as all of Arimo


def circle(pen: TTGlyphPen, radius: int, inside: bool = False) -> None:
    """Draw a circle by four curves, the other way round where it is the inside of a ring."""
    x, y, r = WIDTH // 2, MIDDLE, radius
    corners = [
        ((x + r, y + r), (x, y + r)),
        ((x - r, y + r), (x - r, y)),
        ((x - r, y - r), (x, y - r)),
        ((x + r, y - r), (x + r, y)),
    ]
    if inside:
        corners = [
            ((x + r, y - r), (x, y - r)),
            ((x - r, y - r), (x - r, y)),
            ((x - r, y + r), (x, y + r)),
            ((x + r, y + r), (x + r, y)),
        ]
    pen.moveTo((x + r, y))
    for control, end in corners:
        # A quadratic curve bulges less than a circle: two of them a quarter would be finer than 12 points can show.
        pen.qCurveTo(control, end)
    pen.closePath()


def polygon(pen: TTGlyphPen, *points: tuple[int, int]) -> None:
    pen.moveTo(points[0])
    for point in points[1:]:
        pen.lineTo(point)
    pen.closePath()


def square(pen: TTGlyphPen, half: int, inside: bool = False) -> None:
    x, y = WIDTH // 2, MIDDLE
    corners = [(x - half, y - half), (x - half, y + half), (x + half, y + half), (x + half, y - half)]
    polygon(pen, *(reversed(corners) if inside else corners))


def arrow(pen: TTGlyphPen, way: int) -> None:
    x, y, tip, head, line = WIDTH // 2, MIDDLE, 560, 300, STROKE // 2
    shape = [
        (tip, 0),
        (tip - head, head),
        (tip - head, line),
        (-tip, line),
        (-tip, -line),
        (tip - head, -line),
        (tip - head, -head),
    ]
    polygon(pen, *((x + way * a, y + b) for a, b in (shape if way < 0 else reversed(shape))))


SIGNS: dict[int, Callable[[TTGlyphPen], None]] = {
    0x2190: lambda pen: arrow(pen, -1),
    0x2192: lambda pen: arrow(pen, 1),
    0x25A1: lambda pen: (square(pen, RADIUS - 40), square(pen, RADIUS - 40 - STROKE, inside=True)),
    0x25CB: lambda pen: (circle(pen, RADIUS), circle(pen, RADIUS - STROKE, inside=True)),
    0x25CF: lambda pen: circle(pen, RADIUS),
}


def write(weight: int) -> None:
    """Write one weight with the signs added; the date of the font stays that of the original."""
    font = TTFont(FONTS / f"arimo-latin-{weight}-normal.woff2", recalcTimestamp=False)
    font.flavor = None
    order = font.getGlyphOrder()
    for code, draw in SIGNS.items():
        name = f"uni{code:04X}"
        pen = TTGlyphPen(None)
        draw(pen)
        order = [*order, name]
        font.setGlyphOrder(order)
        font["glyf"][name] = pen.glyph()
        font["hmtx"][name] = (WIDTH, 60)
        for table in font["cmap"].tables:
            if table.isUnicode():
                table.cmap[code] = name
    font.save(FONTS / f"arimo-latin-{weight}.ttf")


if __name__ == "__main__":
    for each in (400, 700):
        write(each)
