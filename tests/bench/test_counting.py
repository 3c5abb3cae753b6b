"""What a storage request is counted as, and whose a sample of the profile is."""

import pytest

from tests.bench.counting import EMPTY, LENGTH, SET_UP, difference, kind_of, of, total
from tests.bench.profile import REST, ROOT, share_of, shares

TABLES, QUEUES = "http://127.0.0.1:1/account", "http://127.0.0.1:2/account"


@pytest.mark.parametrize(
    ("method", "url", "kind"),
    [
        ("GET", f"{QUEUES}/calendar-changes/messages?numofmessages=8", "queue get calendar-changes"),
        ("POST", f"{QUEUES}/schedule-changes/messages?visibilitytimeout=0", "queue put schedule-changes"),
        ("DELETE", f"{QUEUES}/calendar-changes/messages/id?popreceipt=r", "queue delete calendar-changes"),
        ("GET", f"{QUEUES}/calendar-changes?comp=metadata", LENGTH),
        ("PUT", f"{QUEUES}/calendar-changes", SET_UP),
        ("POST", f"{TABLES}/Tables", SET_UP),
        ("POST", f"{TABLES}/$batch", "table transaction"),
        ("GET", f"{TABLES}/personmonths(PartitionKey='5%7C2026-12',RowKey='1')", "table get personmonths"),
        ("GET", f"{TABLES}/personmonths()?%24filter=PartitionKey%20eq%20%275%27", "table query personmonths"),
        ("GET", f"{TABLES}/personmonths()?%24select=RowKey", "table scan personmonths"),
        ("POST", f"{TABLES}/shiftevents", "table write shiftevents"),
        ("PUT", f"{TABLES}/problems(PartitionKey='1',RowKey='2')", "table write problems"),
        ("PATCH", f"{TABLES}/shiftevents(PartitionKey='1',RowKey='%21')", "table write shiftevents"),
    ],
)
def test_kinds_of_requests(method: str, url: str, kind: str) -> None:
    assert kind_of(method, url) == kind


def test_empty_polls_our_own_looking_and_set_up_do_not_count() -> None:
    counts = {"queue get calendar-changes": 2, "table get personmonths": 3, EMPTY: 50, LENGTH: 40, SET_UP: 6}
    assert total(counts) == 5
    assert of(counts, "queue") == 2
    assert of(counts, "table get") == 3


def test_what_came_between() -> None:
    assert difference({"a": 3, "b": 1, "c": 2}, {"a": 1, "b": 1}) == {"a": 2, "c": 2}


def test_a_sample_is_the_innermost_known_folders() -> None:
    files = ["/usr/lib/python/json/decoder.py", f"{ROOT}/shared/state/tables.py", f"{ROOT}/shared/sync/plan.py"]
    assert share_of(files) == "our code: tables and queues"
    assert share_of(["/x/site-packages/azure/data/tables/aio/_base.py", *files]) == "table client: azure-data-tables"
    assert share_of(["/usr/lib/python/asyncio/events.py"]) == REST


def test_shares_are_of_all_samples_largest_first() -> None:
    assert list(shares({"a": 1, "b": 3}).items()) == [("b", 0.75), ("a", 0.25)]
    assert shares({}) == {}
