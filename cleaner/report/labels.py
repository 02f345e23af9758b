"""Put names beside points so that no two of them overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import cos, hypot, pi, sin

_DOT = 6.0  # half the side of the square that a point keeps free
_GAP = 8.0  # between a point and its name
CLOSE = 12.0
"""How far a name may be from its point without a line between them."""

_RINGS = (0, 12, 24, 38, 54, 72, 92, 116, 144, 176, 212, 252)
_AROUND = 24


@dataclass(frozen=True, slots=True)
class Box:
    """Hold a rectangle: the left upper corner, width and height."""

    x: float
    y: float
    width: float
    height: float

    def meets(self, other: Box) -> bool:
        """Tell whether two rectangles share more than an edge."""
        return (
            self.x < other.x + other.width
            and other.x < self.x + self.width
            and self.y < other.y + other.height
            and other.y < self.y + self.height
        )

    def inside(self, other: Box) -> bool:
        """Tell whether this rectangle lies within another."""
        return (
            other.x <= self.x
            and self.x + self.width <= other.x + other.width
            and other.y <= self.y
            and self.y + self.height <= other.y + other.height
        )

    def near(self, x: float, y: float) -> tuple[float, float]:
        """Return the point of the rectangle that is nearest to another point."""
        return min(max(x, self.x), self.x + self.width), min(max(y, self.y), self.y + self.height)


def place(
    points: Sequence[tuple[float, float]],
    widths: Sequence[float],
    height: float,
    area: Box,
    kept_free: Sequence[Box] = (),
) -> list[Box | None]:
    """Return for each point the box of its name: as near as there is room, free of points, names and what is `kept_free`.

    Names are placed in the given order, so put those first that matter most. None where no room is left.
    """
    dots = [Box(x - _DOT, y - _DOT, 2 * _DOT, 2 * _DOT) for x, y in points]
    taken, lines = [*kept_free, *dots], list[Box]()
    found: list[Box | None] = []
    for point, width in zip(points, widths, strict=True):
        free = [
            box
            for box in _candidates(*point, width, height)
            if box.inside(area) and not any(box.meets(other) for other in taken)
        ]
        box = next((box for box in free if not _crosses(box, point, taken[len(kept_free) + len(dots) :], lines)), None)
        box = box or next(iter(free), None)
        found.append(box)
        if box:
            taken.append(box)
            lines += _leader(point, box)
    return found


def distance(point: tuple[float, float], box: Box) -> float:
    """Return how far a point is from a box."""
    x, y = box.near(*point)
    return hypot(point[0] - x, point[1] - y)


def _crosses(box: Box, point: tuple[float, float], names: Sequence[Box], lines: Sequence[Box]) -> bool:
    """Tell whether a name would lie on a line to another one, or its own line would run through a name."""
    own = _leader(point, box)
    return any(box.meets(line) for line in lines) or any(name.meets(step) for name in names for step in own)


def _leader(point: tuple[float, float], box: Box) -> list[Box]:
    """Return the line from a point to its name as small boxes; none where they are close."""
    if distance(point, box) <= CLOSE:
        return []
    (x, y), (right, bottom) = point, box.near(*point)
    steps = [number / 16 for number in range(1, 16)]
    return [Box(x + (right - x) * step - 1, y + (bottom - y) * step - 1, 2, 2) for step in steps]


def _candidates(x: float, y: float, width: float, height: float) -> Iterator[Box]:
    """Yield places for a name: right, left, above, below, then ever wider rings."""
    yield Box(x + _GAP, y - height / 2, width, height)
    yield Box(x - _GAP - width, y - height / 2, width, height)
    yield Box(x - width / 2, y - _GAP - height, width, height)
    yield Box(x - width / 2, y + _GAP, width, height)
    for ring in _RINGS:
        for number in range(_AROUND):
            angle = 2 * pi * number / _AROUND
            reach = _GAP + ring
            across, down = cos(angle), sin(angle)
            left = x + reach * across - (width / 2) * (1 - across)
            yield Box(left, y + (reach + height / 2) * down - height / 2, width, height)
