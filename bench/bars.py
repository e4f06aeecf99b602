"""What must hold between the figures, and how they are shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from statistics import median

Figures = dict[str, list[float]]
"""Every figure, named `contestant.metric`, with its value in each repetition."""


@dataclass(frozen=True)
class Bar:
    """A bound on a figure, as a multiple of another's or on its own."""

    what: str
    figure: str
    at_least: bool
    factor: float
    of: str | None = None

    def value(self, figures: Figures) -> float | None:
        """The figure, divided by the other one if there is one; None if this run did not measure them."""
        if self.figure not in figures or (self.of is not None and self.of not in figures):
            return None
        return median(figures[self.figure]) / (1 if self.of is None else median(figures[self.of]))

    def holds(self, value: float) -> bool:
        """Whether the bar is cleared."""
        return value >= self.factor if self.at_least else value <= self.factor


def _bars() -> Iterator[Bar]:
    for host in ("python", "node"):
        name = f"vespiary ({host})"
        yield Bar(f"{name}: one at a time, times anvil", f"{host}.one_at_a_time_per_s", True, 10, "anvil.one_at_a_time_per_s")
        yield Bar(
            f"{name}: one at a time, times titanoboa", f"{host}.one_at_a_time_per_s", True, 2, "titanoboa.one_at_a_time_per_s"
        )
        yield Bar(f"{name}: bulk, times anvil", f"{host}.bulk_per_s", True, 2, "anvil.bulk_per_s")
        yield Bar(f"{name}: import to first transaction, times anvil's start", f"{host}.first_s", False, 3, "anvil.start_s")
    yield Bar("500 idle chains: resident MB", "idle.resident_mb", False, 300)
    # A hundredth of one core is what /proc can tell from nothing within a second.
    yield Bar("500 idle chains: share of one core", "idle.cpu_share", False, 0.01)
    yield Bar("500 idle chains: threads more than with one", "idle.threads_more_than_one_chain", False, 0)


BARS = tuple(_bars())


def table(figures: Figures) -> str:
    """Median, lowest and highest value of every figure, one line each."""
    lines = [f"{'figure':<42} {'median':>12} {'lowest':>12} {'highest':>12}"]
    lines += [f"{name:<42} {show(median(all_))} {show(min(all_))} {show(max(all_))}" for name, all_ in figures.items()]
    return "\n".join(lines)


def verdicts(figures: Figures) -> tuple[str, bool]:
    """A line for each bar that this run can tell of, and whether all of these hold."""
    lines, all_hold = [], True
    for bar in BARS:
        if (value := bar.value(figures)) is None:
            continue
        holds = bar.holds(value)
        all_hold &= holds
        bound = f"{'at least' if bar.at_least else 'at most'} {bar.factor:g}"
        lines.append(f"{'holds ' if holds else 'MISSED'} {bar.what:<64} {value:>8.2f} ({bound})")
    return "\n".join(lines), all_hold


def show(value: float) -> str:
    """A number in twelve columns."""
    return f"{value:>12,.0f}" if abs(value) >= 100 else f"{value:>12.3f}"
