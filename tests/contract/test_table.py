"""The contract of one table: what Azure Table Storage does, in memory and on Azurite alike.

Where the two differ, memory does as Azure is documented to do, and the test says what Azurite does.
"""

import gc
import traceback
import weakref
from datetime import timedelta
from http.client import HTTPException
from typing import Any, Literal

import pytest

from shared.errors import PreconditionError
from shared.state.limits import RefusedError
from shared.state.memory import MemoryTable
from shared.state.table import Value, Write
from tests.contract.accounts import Account, Clock
from tests.contract.rows import STALE, put, values_of

KINDS: tuple[Literal["insert"], Literal["merge"], Literal["replace"]] = ("insert", "merge", "replace")
LARGE = pytest.mark.filterwarnings("ignore:Sending a large body directly:ResourceWarning")
"""aiohttp's word on bodies of more than 1 MiB; sending them blocks the loop for about a millisecond."""


@pytest.mark.parametrize("kind", KINDS)
async def test_what_is_written_is_read(account: Account, kind: Literal["insert", "merge", "replace"]) -> None:
    table = await account.table()
    values: dict[str, Value] = {"text": "é 😀 \x00\r\n'\"\\", "none": "", "number": -(2**31), "yes": True, "no": False}
    now, (etag,) = await table.write("p", [Write(kind, "r", values)])
    _, row = await table.get("p", "r")
    assert row is not None
    assert (row.partition, row.row, row.values, row.etag) == ("p", "r", values, etag)
    assert [type(value) for value in row.values.values()] == [type(value) for value in values.values()]
    assert now.tzinfo is not None and now.microsecond == 0
    assert row.stored_at.tzinfo is not None
    assert abs(row.stored_at - now) < timedelta(seconds=2)


async def test_a_row_that_is_not_there(account: Account) -> None:
    table = await account.table()
    now, row = await table.get("p", "r")
    assert row is None and now.tzinfo is not None and now.microsecond == 0
    now, rows = await table.rows("p")
    assert rows == [] and now.tzinfo is not None and now.microsecond == 0
    assert [row async for row in table.scan([])] == []


async def test_a_row_that_is_not_there_keeps_nothing_of_its_callers(account: Account) -> None:
    """An error that is caught must not hold their frames: a planner has a whole month in hand."""
    table = await account.table()

    class Held:
        pass

    async def ask() -> weakref.ref[Held]:
        held = Held()
        await table.get("p", "r")
        return weakref.ref(held)

    gc.disable()
    try:
        assert (await ask())() is None
    finally:
        gc.enable()


async def test_a_row_that_is_not_there_leaves_an_error_that_is_being_handled_as_it_is(account: Account) -> None:
    table = await account.table()

    def fail() -> None:
        raise KeyError("somebody else's")

    async def handle() -> tuple[list[str], list[str]]:
        try:
            fail()
        except KeyError as error:
            frames = traceback.format_tb(error.__traceback__)
            await table.get("p", "r")
            return frames, traceback.format_tb(error.__traceback__)
        return [], []

    before, after = await handle()
    assert before == after != []


async def test_an_insert_is_refused_where_the_row_exists(account: Account) -> None:
    table = await account.table()
    await table.write("p", [Write("insert", "r", {"a": 1})])
    with pytest.raises(PreconditionError):
        await table.write("p", [Write("insert", "r", {"a": 2})])
    assert await values_of(table) == {"a": 1}
    await table.write("other", [Write("insert", "r", {"a": 3})])  # another partition's row is another row


async def test_a_merge_takes_nothing_away_and_a_replace_does(account: Account) -> None:
    table = await account.table()
    await put(table, a=1, b="x")
    await table.write("p", [Write("merge", "r", {"b": "", "c": True})])
    assert await values_of(table) == {"a": 1, "b": "", "c": True}
    await table.write("p", [Write("merge", "r", {})])
    assert await values_of(table) == {"a": 1, "b": "", "c": True}
    await table.write("p", [Write("replace", "r", {"c": 7})])
    assert await values_of(table) == {"c": 7}


@pytest.mark.parametrize("kind", ["merge", "replace", "delete"])
async def test_an_etag_that_no_longer_stands_is_refused(
    account: Account, kind: Literal["merge", "replace", "delete"]
) -> None:
    table = await account.table()
    first = await put(table, a=1)
    second = await put(table, a=1)
    assert first != second
    with pytest.raises(PreconditionError):
        await table.write("p", [Write(kind, "r", {}, first)])
    assert await values_of(table) == {"a": 1}
    await table.write("p", [Write(kind, "r", {}, second)])


@pytest.mark.parametrize("kind", ["merge", "replace", "delete"])
async def test_an_etag_is_refused_where_there_is_no_row(
    account: Account, kind: Literal["merge", "replace", "delete"]
) -> None:
    table = await account.table()
    with pytest.raises(PreconditionError):
        await table.write("p", [Write(kind, "r", {}, STALE)])
    etag = await put(table)
    await table.write("p", [Write("delete", "r")])
    with pytest.raises(PreconditionError):
        await table.write("p", [Write(kind, "r", {}, etag)])
    await put(table)  # there again, and yet another row
    with pytest.raises(PreconditionError):
        await table.write("p", [Write(kind, "r", {}, etag)])


async def test_a_delete_without_etag_wants_some_row(account: Account) -> None:
    table = await account.table()
    with pytest.raises(PreconditionError):
        await table.write("p", [Write("delete", "r")])
    await put(table)
    _, etags = await table.write("p", [Write("delete", "r"), Write("insert", "s", {})])
    assert etags[0] == "" and etags[1]
    assert await values_of(table) is None


@pytest.mark.parametrize("kind", KINDS)
async def test_every_write_changes_the_etag(account: Account, kind: Literal["insert", "merge", "replace"]) -> None:
    table = await account.table()
    etags = [await put(table, a=1) for _ in range(20)]
    _, (last,) = await table.write("p", [Write("merge", "r", {})])
    assert len({*etags, last}) == 21


@pytest.mark.parametrize("place", [0, 1, 2])
async def test_a_transaction_of_which_one_write_is_refused_does_nothing(account: Account, place: int) -> None:
    table = await account.table()
    stale = await put(table, a=1)
    before = await put(table, a=2), await put(table, "s", a=3)
    writes = [Write("insert", "new", {"a": 4}), Write("delete", "s")]
    writes.insert(place, Write("merge", "r", {"a": 5}, stale))
    with pytest.raises(PreconditionError):
        await table.write("p", writes)
    _, rows = await table.rows("p")
    assert [(row.row, row.values, row.etag) for row in rows] == [
        ("r", {"a": 2}, before[0]),
        ("s", {"a": 3}, before[1]),
    ]


async def test_a_row_may_be_named_once_in_a_transaction(account: Account) -> None:
    table = await account.table()
    with pytest.raises(account.refused):
        await table.write("p", [Write("insert", "r", {"a": 1}), Write("merge", "r", {"a": 2})])
    assert await values_of(table) is None


async def test_a_hundred_writes_and_no_more(account: Account) -> None:
    table = await account.table()
    writes = [Write("insert", f"{number:03}", {"a": number}) for number in range(101)]
    # Azure answers 400 InvalidInput; Azurite, in a form that azure-core cannot read (http.client.BadStatusLine).
    with pytest.raises((*account.refused, HTTPException)):
        await table.write("p", writes)
    assert (await table.rows("p"))[1] == []
    _, etags = await table.write("p", writes[:100])
    assert len(etags) == 100 and all(etags)  # two rows of one moment may have the same etag


@pytest.mark.parametrize("character", ["x", "é", "😀"])
async def test_a_property_holds_64_kib_of_utf_16(account: Account, character: str) -> None:
    table = await account.table()
    text = character * (32_768 // (len(character.encode("utf-16-le")) // 2))
    await put(table, a=text)
    assert await values_of(table) == {"a": text}
    with pytest.raises(account.refused) as refusal:
        await put(table, a=text + character)
    assert not isinstance(refusal.value, PreconditionError)
    assert await values_of(table) == {"a": text}


@LARGE
async def test_an_entity_holds_1_mib(account: Account) -> None:
    """Azurite counts the bytes of a request's JSON, half of what Azure counts for plain letters."""
    table = await account.table()
    await put(table, "r", **{f"a{number}": "x" * 32_000 for number in range(16)})
    with pytest.raises(account.refused):
        await put(table, "r", **{f"a{number}": "x" * 32_000 for number in range(37)})
    values = await values_of(table)
    assert values is not None and len(values) == 16


async def test_an_entity_in_memory_is_measured_as_azure_does_when_it_grows_by_merges() -> None:
    table = MemoryTable("table", Clock())
    await put(table, "r", **{f"a{number}": "x" * 32_000 for number in range(16)})
    with pytest.raises(RefusedError, match="EntityTooLarge"):
        await table.write("p", [Write("merge", "r", {"a16": "x" * 32_000})])
    await table.write("p", [Write("merge", "r", {"a15": "x" * 32_001})])


@LARGE
@pytest.mark.parametrize("character", ["x", "é", "😀"])
async def test_a_transaction_holds_4_mib_of_what_is_sent(account: Account, character: str) -> None:
    """The SDK sends ASCII JSON: a letter beyond it takes 6 bytes, an emoji 12."""
    table = await account.table()
    sent = {"x": 1, "é": 6, "😀": 12}[character]
    row = {f"a{number}": character * (30_000 // sent) for number in range(10)}  # 300 kB
    writes = [Write("replace", str(number), row) for number in range(14)]
    await table.write("p", writes[:13])  # 3.9 MB
    with pytest.raises(account.refused):
        await table.write("p", writes)  # 4.2 MB


@pytest.mark.parametrize("key", ["a/b", "a\\b", "a#b", "a?b", "a\tb", "a\x00", "a\x7f", "a\x9fb", "k" * 513])
async def test_keys_that_storage_refuses(account: Account, key: str) -> None:
    table = await account.table()
    for kind in KINDS:
        with pytest.raises(account.refused) as refusal:
            await table.write("p", [Write("insert", "ok", {}), Write(kind, key, {"a": 1})])
        assert not isinstance(refusal.value, PreconditionError)
        with pytest.raises(account.refused):
            await table.write(key, [Write(kind, "r", {"a": 1})])
    assert [row async for row in table.scan([])] == []


@pytest.mark.parametrize(
    "key",
    ["", "!", "5|2026-11", "view|50", "a'b", "a''b", "a%b", "a%25b", "a+b", "a b", "é", "😀", 'a"b&c,d)', "k" * 512],
)
async def test_keys_that_storage_takes(account: Account, key: str) -> None:
    table = await account.table()
    await table.write(key, [Write("insert", "r", {"a": 1})])
    _, (etag, _) = await table.write(key, [Write("merge", key, {"a": 2}), Write("merge", "r", {"b": 3})])
    await table.write(key, [Write("merge", key, {"a": 4}, etag)])
    _, row = await table.get(key, key)
    assert row is not None and (row.partition, row.row, row.values) == (key, key, {"a": 4})
    assert {row.row for row in (await table.rows(key))[1]} == {key, "r"}
    await table.write(key, [Write("delete", key)])
    assert (await table.get(key, key))[1] is None


@pytest.mark.parametrize("value", [2**31, -(2**31) - 1, b"x", ["x"]])
async def test_values_that_no_property_holds_here(account: Account, value: Any) -> None:
    table = await account.table()
    if isinstance(value, bytes) and account.name == "azurite":
        return  # Azure has a type for them; Value does not
    with pytest.raises(TypeError):
        await put(table, a=value)


@pytest.mark.parametrize("name", ["", "a-b", "1a", "a b", "RowKey", "Timestamp", "x" * 256])
async def test_names_that_azure_refuses(name: str) -> None:
    """Azurite takes them all, so only memory is asked."""
    with pytest.raises(RefusedError):
        await put(MemoryTable("table", Clock()), "r", **{name: 1})


async def test_252_properties_and_no_more() -> None:
    """Azurite takes more, so only memory is asked."""
    table = MemoryTable("table", Clock())
    await put(table, "r", **{f"a{number}": 1 for number in range(252)})
    with pytest.raises(RefusedError, match="TooManyProperties"):
        await table.write("p", [Write("merge", "r", {"b": 1})])


async def test_an_etag_that_is_none_is_refused_otherwise(account: Account) -> None:
    table = await account.table()
    await put(table)
    with pytest.raises(account.refused):
        await table.write("p", [Write("merge", "r", {}, "garbage")])


async def test_rows_come_in_order_of_utf_16(account: Account) -> None:
    table = await account.table()
    keys = ["b", "B", "10", "2", "1", "~", "|", "!", "é", "😀", "\uffee", "a", "A", "_"]
    await table.write("p", [Write("insert", key, {}) for key in keys])
    await table.write("q", [Write("insert", "x", {})])
    assert [row.row for row in (await table.rows("p"))[1]] == sorted(keys, key=lambda key: key.encode("utf-16-be"))


async def test_only_the_selected_properties_come(account: Account) -> None:
    table = await account.table()
    await table.write("p", [Write("insert", "r", {"a": 1, "b": 2}), Write("insert", "s", {"b": 3})])
    _, rows = await table.rows("p", ["a"])
    assert [(row.row, row.values, bool(row.etag)) for row in rows] == [("r", {"a": 1}, True), ("s", {}, True)]
    scanned = [(row.partition, row.row, row.values) async for row in table.scan(["b", "zz"])]
    assert scanned == [("p", "r", {"b": 2}), ("p", "s", {"b": 3})]


async def test_more_rows_than_a_page_has(account: Account) -> None:
    table = await account.table()
    for start in range(0, 1_100, 100):
        await table.write("p", [Write("insert", f"{start + number:04}", {"a": 1}) for number in range(100)])
    await table.write("o", [Write("insert", "x", {})])
    _, rows = await table.rows("p", [])
    assert [row.row for row in rows] == [f"{number:04}" for number in range(1_100)]
    scanned = [(row.partition, row.row) async for row in table.scan([])]
    assert scanned == [("o", "x"), *(("p", row.row) for row in rows)]
