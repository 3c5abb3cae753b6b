"""Text of others for a terminal, a spreadsheet and a page: shown, never obeyed."""

import csv
import html
import io
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime

from rich.text import Text

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def plain(value: object, longest: int = 0) -> str:
    """One line without control characters: a name must not move the cursor or colour what follows."""
    text = " ".join(str(value).split())
    text = "".join("·" if unicodedata.category(character) in ("Cc", "Cf", "Cs") else character for character in text)
    return f"{text[: longest - 1]}…" if longest and len(text) > longest else text


def cell(value: object, style: str = "", longest: int = 0) -> Text:
    """A table's cell. Text, so that nothing in it counts as Rich's markup."""
    return Text(plain(value, longest), style=style)


def moment(value: str | None) -> str:
    """A time as the app tells it, to the minute, in UTC."""
    return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}" if value else "–"


def short(value: str | None) -> str:
    """A time of this year, in UTC."""
    return moment(value)[5:] or "–"


def seconds(value: float | None) -> str:
    """A duration."""
    return "–" if value is None else f"{value:.0f} s" if value < 100 else f"{value / 60:.0f} min"


def as_csv(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """For a spreadsheet, in which a text that begins like a formula would be one."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows([[_harmless(row[column]) for column in columns] for row in rows])
    return text.getvalue()


def _harmless(value: object) -> str:
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def as_html(title: str, columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """A page of its own, to be sent to somebody."""
    head = "".join(f'<th scope="col">{html.escape(column)}</th>' for column in columns)
    body = "\n".join(
        "<tr>" + "".join(f"<td>{html.escape(str(row[column]))}</td>" for column in columns) + "</tr>" for row in rows
    )
    return (
        f'<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>{html.escape(title)}</title>\n'
        "<style>body{font:16px/1.5 sans-serif;margin:2rem}table{border-collapse:collapse}"
        "th,td{border:1px solid #999;padding:.3rem .6rem;text-align:left;vertical-align:top}</style></head>\n"
        f"<body><h1>{html.escape(title)}</h1><table><thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table>"
        "</body></html>\n"
    )
