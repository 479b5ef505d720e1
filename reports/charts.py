"""Drawings of the reports: numbers as rectangles, lines and labels of a chart, which the templates put into SVG."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

WIDTH, HEIGHT = 1000.0, 200.0
SPARK_WIDTH, SPARK_HEIGHT = 100.0, 28.0
FULL = 0.65  # of a bar's place
STEPS = 4
CLOCK_STEPS = (1, 2, 5, 10, 15, 20, 30, 60, 90, 120, 180, 300, 600, 900, 1_200, 1_800, 3_600)  # seconds


@dataclass(frozen=True)
class Series:
    """A row of values in one colour: `mark` is a class of the design language (bar-1, line-2)."""

    label: Any
    mark: str
    values: Sequence[float | None]


@dataclass(frozen=True)
class Bar:
    mark: str
    x: str
    y: str
    width: str
    height: str


@dataclass
class Chart:
    """What a figure shows: `sentence` says in words what the drawing shows, `rows` are the same as a table."""

    key: str
    title: Any
    sentence: str
    heads: Sequence[Any]
    rows: Sequence[Sequence[str]]
    series: Sequence[Series] = ()
    y: list[str] = field(default_factory=list)
    x: Sequence[str] = ()
    grid: str = ""
    bars: list[Bar] = field(default_factory=list)
    lines: list[tuple[str, str]] = field(default_factory=list)
    legend: Any = ""
    is_large: bool = False

    @property
    def is_empty(self) -> bool:
        """Nothing to draw."""
        return not any(value for one in self.series for value in one.values)

    @property
    def has_legend(self) -> bool:
        """Whether the colours need words."""
        return len(self.series) > 1


def nice_top(most: float, step: float = 1) -> float:
    """The end of an axis with four steps: at least `most`, each step a round multiple of `step`."""
    wanted = max(most, step) / STEPS
    size = 10.0 ** math.floor(math.log10(wanted)) if wanted > 0 else 1.0
    for factor in (1, 1.5, 2, 2.5, 3, 4, 5, 6, 7.5, 10):
        height = factor * size
        if height >= wanted and (height / step).is_integer():
            return height * STEPS
    return math.ceil(wanted / step) * step * STEPS


def nice_time_top(most_ms: float) -> float:
    """The end of an axis of milliseconds with four steps that a clock has: 15 s, 30 s, 1 min and so on."""
    wanted = most_ms / 1_000 / STEPS
    size = next((size for size in CLOCK_STEPS if size >= wanted), math.ceil(wanted / 3_600) * 3_600)
    return size * STEPS * 1_000


def draw_bars(chart: Chart, say: Callable[[float], str], *, step: float = 1) -> Chart:
    """Stacked bars, one for each place."""
    sums = [sum(values) for values in zip(*([v or 0 for v in one.values] for one in chart.series), strict=True)]
    top = nice_top(max(sums, default=0), step)
    place = WIDTH / max(len(sums), 1)
    heights = [0.0] * len(sums)
    for one in chart.series:
        for number, value in enumerate(one.values):
            height = (value or 0) / top * HEIGHT
            heights[number] += height
            if height > 0:
                x = place * number + place * (1 - FULL) / 2
                chart.bars.append(Bar(one.mark, _n(x), _n(HEIGHT - heights[number]), _n(place * FULL), _n(height)))
    return _with_axis(chart, top, say)


def draw_lines(chart: Chart, say: Callable[[float], str], *, find_top: Callable[[float], float] = nice_top) -> Chart:
    """Lines over the same places; a gap where there is no value."""
    values = [value for one in chart.series for value in one.values if value is not None]
    top = find_top(max(values, default=0))
    for one in chart.series:
        chart.lines.append((one.mark, _path(one.values, WIDTH, HEIGHT, top, 0)))
    return _with_axis(chart, top, say)


def spark(values: Sequence[float | None]) -> tuple[str, str]:
    """A small line and the area below it."""
    known = [value for value in values if value is not None]
    if len(values) < 2 or not any(known):
        return "", ""
    line = _path([value or 0 for value in values], SPARK_WIDTH, SPARK_HEIGHT, max(known) * 1.08, 1)
    return line, f"{line}V{_n(SPARK_HEIGHT)}H0z"


def _path(values: Sequence[float | None], width: float, height: float, top: float, edge: float) -> str:
    between, dash = width / max(len(values) - 1, 1), width / 50
    parts = []
    for number, value in enumerate(values):
        if value is None:
            continue
        x, y = between * number, height - edge - value / top * (height - 2 * edge) if top else height
        begins = number == 0 or values[number - 1] is None
        ends = number + 1 == len(values) or values[number + 1] is None
        parts.append(f"{'M' if begins else 'L'}{_n(x)} {_n(y)}")
        if begins and ends:  # a day alone: a dash inside the plot
            parts.append(f"h{_n(dash if x + dash <= width else -dash)}")
    return "".join(parts)


def _with_axis(chart: Chart, top: float, say: Callable[[float], str]) -> Chart:
    chart.y = [say(top / STEPS * number) for number in range(STEPS, -1, -1)]
    chart.grid = "".join(f"M0 {_n(HEIGHT / STEPS * number)}H{_n(WIDTH)}" for number in range(STEPS + 1))
    return chart


def _n(value: float) -> str:
    """A coordinate, always with a point."""
    return f"{value:.1f}"


def thin_out(labels: Sequence[str], most: int) -> list[str]:
    """At most so many labels, evenly, the first and the last among them; the others are empty."""
    if len(labels) <= most:
        return list(labels)
    wanted = {round(number * (len(labels) - 1) / (most - 1)) for number in range(most)}
    return [label if place in wanted else "" for place, label in enumerate(labels)]
