"""Map figures onto a line: linear or logarithmic scales with round marks."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, floor, log10

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True, slots=True)
class Scale:
    """Map `low` to `high` onto the line from `start` to `end`; values outside come to its ends."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return the place of a value.

        >>> Scale(0.0, 1.0, 100.0, 300.0)(0.25)
        150.0
        """
        low, high, value = (self._flat(number) for number in (self.low, self.high, value))
        share = (value - low) / (high - low) if high > low else 0.5
        return self.start + min(1.0, max(0.0, share)) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Tell whether a value lies between the ends."""
        return self.low <= value <= self.high

    def marks(self, count: int = 5) -> tuple[float, ...]:
        """Return round values between the ends: about `count` of them, never more than twice as many.

        >>> Scale(0.82, 1.0, 0.0, 1.0).marks()
        (0.85, 0.9, 0.95, 1.0)
        """
        if self.log:
            return _thin(_powers(self.low, self.high), count)
        if self.high <= self.low:
            return (self.low,)
        step = step_of(self.high - self.low, count)
        first, last = ceil(self.low / step - 1e-9), floor(self.high / step + 1e-9)
        return tuple(float(f"{number * step:.10g}") for number in range(first, last + 1))

    def _flat(self, value: float) -> float:
        return log10(max(value, 1e-9)) if self.log else value


def fit(values: list[float], low: float | None = None, high: float | None = None) -> tuple[float, float]:
    """Return round bounds around values, with some room; `low` and `high` are never gone beyond.

    >>> fit([0.913, 0.968], high=1.0)
    (0.9, 0.98)
    """
    if not values:
        return (low if low is not None else 0.0, high if high is not None else 1.0)
    least, most = min(values), max(values)
    room = (most - least) * 0.06 or abs(most) * 0.05 or 0.5
    step = step_of(most - least + 2 * room, 5)
    bottom = floor((least - room) / step + 1e-9) * step
    top = ceil((most + room) / step - 1e-9) * step
    bottom = bottom if low is None else max(low, bottom)
    top = top if high is None else min(high, top)
    return (float(f"{bottom:.10g}"), float(f"{top:.10g}"))


def step_of(span: float, count: int) -> float:
    """Return the round step that divides a span into about so many parts.

    >>> step_of(0.18, 5)
    0.05
    """
    rough = span / max(1, count)
    power = 10.0 ** floor(log10(rough))
    return float(f"{next(step for step in _STEPS if step * power >= rough * 0.999) * power:.10g}")


def _powers(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times the powers of ten between two values."""
    if low <= 0 or high < low:
        return []
    exponents = range(floor(log10(low)), ceil(log10(high)) + 1)
    found = [float(f"{factor * 10.0**power:.10g}") for power in exponents for factor in (1, 2, 5)]
    return [value for value in found if low <= value <= high]


def _thin(values: list[float], count: int) -> tuple[float, ...]:
    """Leave powers of ten alone where there are too many marks."""
    tens = [value for value in values if log10(value) % 1 < 1e-9 or log10(value) % 1 > 1 - 1e-9]
    return tuple(values if len(values) <= count + 2 or len(tens) < 2 else tens)
