"""Labels placed by the data: each beside its mark, none on another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ffstats.errors import ExhibitError
from ffstats.figures.theme import text_width

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Placed:
    """Where a label stands: its anchor in pixels (left end, vertical middle)."""

    x: float
    y: float


def overlap(one: Box, two: Box) -> bool:
    """Return whether two boxes (left, top, right, bottom) share an area.

    >>> overlap((0, 0, 10, 10), (9, 9, 20, 20)), overlap((0, 0, 10, 10), (10, 0, 20, 10))
    (True, False)
    """
    return one[0] < two[2] and two[0] < one[2] and one[1] < two[3] and two[1] < one[3]


def place(
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    size: tuple[float, float],
    obstacles: Sequence[Box] = (),
    font: float = 12,
) -> list[Placed]:
    """Place one label near each point, clear of other labels, of all points and of the obstacles.

    `points` and the result are in pixels from the upper left corner of a plot of `size` (width, height).
    A point's label is tried at its right, left, above and below, then ever farther away.
    Raises ExhibitError that names the label for which no free place is left.

    >>> place([(10, 10), (10, 10)], ["one", "two"], (200, 100))[0]
    Placed(x=19, y=10)
    """
    taken: list[Box] = [(x - 6, y - 6, x + 6, y + 6) for x, y in points] + list(obstacles)
    placed: list[Placed] = []
    for (x, y), text in zip(points, texts, strict=True):
        wide, tall = text_width(text, font) * 1.06, font * 1.25
        for left, middle in _candidates(x, y, wide, tall):
            box = (left, middle - tall / 2, left + wide, middle + tall / 2)
            inside = box[0] >= 0 and box[1] >= 0 and box[2] <= size[0] and box[3] <= size[1]
            if inside and not any(overlap(box, other) for other in taken):
                taken.append(box)
                placed.append(Placed(left, middle))
                break
        else:
            raise ExhibitError(
                f"no free place for the label {text!r} at ({x:.0f}, {y:.0f}); enlarge the plot or drop a label"
            )
    return placed


def _candidates(x: float, y: float, wide: float, tall: float) -> list[tuple[float, float]]:
    near = [(x + 9, y), (x - 9 - wide, y), (x - wide / 2, y - 8 - tall / 2), (x - wide / 2, y + 8 + tall / 2)]
    far = []
    for step in range(1, 9):
        away = step * tall * 0.6
        for dy in (-away, away):
            far += [(x + 9, y + dy), (x - 9 - wide, y + dy), (x - wide / 2, y + dy + (8 if dy > 0 else -8))]
    return near + far
