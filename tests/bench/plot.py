"""The plot, as SVG: first publish by number of people, and events per second against the limit."""

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

from tests.bench.figures import shown

WIDTH, HEIGHT, LEFT, TOP, INNER_WIDTH, INNER_HEIGHT = 860, 340, 70, 50, 300, 220
SECOND = 470
BLUE, GREY, RED = "#2b6cb0", "#a0aec0", "#c53030"


def plot(parts: Mapping[str, Any]) -> str:
    """From the parts of a run; what was not measured is left out."""
    shapes = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" '
        'font-size="12">',
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>',
    ]
    if growth := parts.get("growth"):
        points = [(int(people), float(values["time"])) for people, values in growth["raw"].items()]
        shapes += _line(points)
    if first := parts.get("first_publish"):
        shapes += _bars(first["raw"]["events_per_second"])
    return "\n".join([*shapes, "</svg>"]) + "\n"


def _line(points: Sequence[tuple[int, float]]) -> list[str]:
    most_people = max(people for people, _ in points)
    most_seconds = max(seconds for _, seconds in points) or 1.0

    def at(people: float, seconds: float) -> tuple[float, float]:
        return (
            round(LEFT + INNER_WIDTH * people / most_people, 1),
            round(TOP + INNER_HEIGHT * (1 - seconds / most_seconds), 1),
        )

    places = [at(*point) for point in points]
    shapes = [_text(LEFT, TOP - 25, "First publish, Graph at 0 ms: seconds by people", bold=True), *_axes(LEFT)]
    shapes.append(
        f'<polyline fill="none" stroke="{BLUE}" stroke-width="2" points="'
        + " ".join(f"{x},{y}" for x, y in [at(0, 0), *places])
        + '"/>'
    )
    for (people, seconds), (x, y) in zip(points, places, strict=True):
        shapes.append(f'<circle cx="{x}" cy="{y}" r="4" fill="{BLUE}"/>')
        shapes.append(_text(x - 6, y - 8, f"{shown(round(seconds, 1))} s", anchor="end"))
        shapes.append(_text(x, TOP + INNER_HEIGHT + 18, f"{people:,}", anchor="middle"))
    return shapes


def _bars(rates: Mapping[str, float]) -> list[str]:
    most = max(rates.values())
    step = INNER_WIDTH / len(rates)
    shapes = [_text(SECOND, TOP - 25, "Graph at 50 ms: events per second", bold=True), *_axes(SECOND)]
    for number, (name, rate) in enumerate(rates.items()):
        height = round(INNER_HEIGHT * rate / most, 1)
        x, y = round(SECOND + step * number + step * 0.2, 1), round(TOP + INNER_HEIGHT - height, 1)
        middle = round(x + step * 0.3, 1)
        colour = RED if name == "the limit" else BLUE if name == "this app" else GREY
        shapes.append(f'<rect x="{x}" y="{y}" width="{step * 0.6:.1f}" height="{height}" fill="{colour}"/>')
        shapes.append(_text(middle, y - 6, shown(round(rate)), anchor="middle"))
        shapes.append(_text(middle, TOP + INNER_HEIGHT + 18, name, anchor="middle"))
    return shapes


def _axes(left: int) -> list[str]:
    bottom = TOP + INNER_HEIGHT
    return [f'<path d="M{left},{TOP} V{bottom} H{left + INNER_WIDTH}" fill="none" stroke="black"/>']


def _text(x: float, y: float, text: str, *, anchor: str = "start", bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x}" y="{y}" text-anchor="{anchor}"{weight}>{escape(text)}</text>'
