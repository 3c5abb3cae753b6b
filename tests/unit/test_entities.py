"""Values in rows: what is split is cut where storage counts, and what is written is never larger than was thought."""

import json
from collections.abc import Iterator

import pytest

from shared.state.entities import join, size_of, split, transactions
from shared.state.table import Value, Write

TEXTS = {
    "letters": "x",
    "two bytes in UTF-8": "\N{CYRILLIC SMALL LETTER ZHE}",
    "two units in UTF-16": "\N{HOSPITAL}",
    "escaped in JSON": '"\\\n',
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_property_stays_within_64_kib_of_utf_16(text: str) -> None:
    value = [text * 16_000] * 3
    parts = split("desired", value)
    assert max(len(str(part).encode("utf-16-le")) for part in parts.values()) <= 64 * 1024
    assert join("desired", parts) == value


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_the_size_of_a_write_is_an_upper_bound_of_its_json(text: str) -> None:
    """The SDK writes it in ASCII: `\\u0436` for a letter."""
    values: dict[str, Value] = {"note": text * 10_000, **split("desired", [text * 20_000] * 5)}
    assert size_of(Write("merge", "2101", values)) >= len(json.dumps(values))


def test_rows_are_made_as_transactions_take_them() -> None:
    """The first is under way before the last rows exist: 99 beside the head, and the one that did not fit."""
    made: list[str] = []

    def rows() -> Iterator[Write]:
        for number in range(250):
            made.append(str(number))
            yield Write("merge", str(number), {})

    runs = transactions(rows(), Write("merge", "!", {}))
    assert (len(next(runs)), len(made)) == (99, 100)
    assert [len(run) for run in runs] == [99, 52]


def test_the_first_transaction_may_be_a_small_one() -> None:
    rows = [Write("merge", str(number), {}) for number in range(250)]
    assert [len(run) for run in transactions(rows, Write("merge", "!", {}), begin=16)] == [16, 99, 99, 36]
    assert [len(run) for run in transactions(rows[:16], Write("merge", "!", {}), begin=16)] == [16]


def test_no_rows_are_one_transaction_for_the_head() -> None:
    assert list(transactions([])) == [[]]
