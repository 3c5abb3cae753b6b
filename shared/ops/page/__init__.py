"""The status page's HTML: one template, one style sheet, no script. Everything is escaped."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from shared.ops.overview import Bin
from shared.ops.status import StatusView

FOLDER = Path(__file__).parent
STYLE = (FOLDER / "style.css").read_text(encoding="utf-8")
WIDTH, ROW, BAR, LEFT = 420, 26, 16, 84
"""Of the chart, in units of its own: width, height of a row and of a bar, where bars begin."""


@dataclass(frozen=True, slots=True)
class DrawnBar:
    """A bar of the chart, placed."""

    label: str
    count: int
    y: int
    width: float


def bars(times: Sequence[Bin]) -> list[DrawnBar]:
    """The longest takes the room that there is, but for its number's."""
    most = max((each.count for each in times), default=0) or 1
    room = WIDTH - LEFT - 48
    return [DrawnBar(each.label, each.count, row * ROW, room * each.count / most) for row, each in enumerate(times)]


def moment(value: datetime | None) -> str:
    """A time, in UTC, to the minute."""
    return f"{value:%Y-%m-%d %H:%M}" if value else "–"


def seconds(value: float | None) -> str:
    """A duration, as short as it can be said."""
    if value is None:
        return "–"
    if value < 100:
        return f"{value:.0f} s"
    return f"{value / 60:.0f} min" if value < 5400 else f"{value / 3600:.0f} h"


def code(text: str) -> Markup:
    """Escaped, with what stands in backticks as code."""
    return Markup(re.sub("`([^`]+)`", r"<code>\1</code>", str(escape(text))))  # noqa: S704 - escaped just here


_environment = Environment(
    loader=FileSystemLoader(FOLDER),
    autoescape=select_autoescape(default=True, default_for_string=True),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters |= {"moment": moment, "seconds": seconds, "code": code}


def render(view: StatusView, key: str) -> str:
    """The page. `key`: the function key that the browser came with; the page's own links need it again."""

    def link(**query: str) -> str:
        return "?" + urlencode({**query, **({"code": key} if key else {})})

    return _environment.get_template("status.html").render(
        view=view,
        overview=view.overview,
        person=view.person,
        bars=bars(view.overview.times),
        chart={"width": WIDTH, "height": ROW * len(view.overview.times), "left": LEFT, "bar": BAR},
        style=STYLE,
        key=key,
        link=link,
    )
