"""What an import of mappings would change, for the one who is about to do it. Pure."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from shared.ops.mapping_file import COLUMNS, MappingFile
from shared.schedule.own_mappings import FLAGS, MICROSOFT_ID, Fields, Kind
from shared.sync.guard import FEWEST_PEOPLE, Limits

SEND = FLAGS[0]
CHANGES = ("added", "changed", "opted_out", "dropped")
MOST_IDS = 50
"""Ids that are shown of each kind of change; the rest are counted."""


@dataclass(frozen=True, slots=True)
class Preview:
    """Ids are `emp_id`s or `assign_structure_id`s."""

    kind: Kind
    rows: int
    """In the file; in force afterwards: `total`."""
    total: int
    added: tuple[str, ...]
    """People who had no ID and get one; assignments that were not there."""
    changed: tuple[str, ...]
    """People who get another ID; assignments with another field."""
    opted_out: tuple[str, ...]
    """People whose ID is emptied: their future events go. Of assignments: none."""
    dropped: tuple[str, ...]
    """Not in a file that replaces the whole: people who lose their ID, assignments that are sent no longer."""
    unchanged: tuple[str, ...]
    duplicates: tuple[str, ...]
    """Stand in the file more than once, each time the same."""
    shared: tuple[tuple[str, ...], ...]
    """People who would have one mailbox between them."""
    changes: Mapping[str, tuple[str, ...]]
    """Of a changed assignment: `send_as_free: false → true`."""
    begin: tuple[str, ...]
    """Assignments that are sent from now on. Who works them is not known before Lightning Bolt is read."""
    warnings: tuple[str, ...]
    calendars: tuple[str, ...]
    """Whose calendars change, by `emp_id`. Of assignments: who has stored shifts of those changed or dropped."""

    def lines(self) -> list[str]:
        """To be printed."""
        person = self.kind == "people"
        table = [
            ("added", self.added),
            ("changed", self.changed),
            *([("opted out", self.opted_out)] if person else []),
            ("dropped", self.dropped),
            ("unchanged", self.unchanged),
            ("duplicates", self.duplicates),
            *([] if person else [("sent now", self.begin), ("calendars", self.calendars)]),
        ]
        return [
            f"{self.rows} {self.kind} in the file, {self.total} afterwards; "
            f"calendars of {len(self.calendars)} people change",
            *(f"  {name:<11}{len(ids):>6}{_shown(ids) if name != 'unchanged' else ''}" for name, ids in table),
            *(f"  {row}: {', '.join(fields)}" for row, fields in [*self.changes.items()][:MOST_IDS]),
            *(f"warning: {warning}" for warning in self.warnings),
        ]


def preview(file: MappingFile, before: Mapping[str, Fields], after: Mapping[str, Fields], limits: Limits) -> Preview:
    """What changes from `before` to `after`, all rows that are in force. Of assignments: not yet whose calendars."""
    groups: dict[str, list[str]] = defaultdict(list)
    for row in {**after, **before}:
        if row in file.rows or row not in after:
            groups[_change(file.kind, before.get(row), after.get(row))].append(row)
    shared = _shared(file, after) if file.kind == "people" else ()
    assignments = file.kind == "assignments"
    lost = len(groups["opted_out"]) + len(groups["dropped"])
    return Preview(
        kind=file.kind,
        rows=len(file.rows),
        total=len(after),
        added=tuple(groups["added"]),
        changed=tuple(groups["changed"]),
        opted_out=tuple(groups["opted_out"]),
        dropped=tuple(groups["dropped"]),
        unchanged=tuple(groups["unchanged"]),
        duplicates=file.duplicates,
        shared=shared,
        changes={row: _fields(before[row], after[row]) for row in groups["changed"] if assignments},
        begin=tuple(row for row in file.rows if assignments and _sent(after, row) and not _sent(before, row)),
        warnings=() if assignments else (*_mailboxes(shared), *_guard(lost, before, limits)),
        calendars=() if assignments else tuple(row for name in CHANGES for row in groups[name]),
    )


def _change(kind: Kind, before: Fields | None, after: Fields | None) -> str:
    """
    people: ID before | ID after | change
    --- | --- | ---
    none | one | added
    one | another | changed
    one | none | opted out, or dropped where the row goes
    the same, or none | the same, or none | unchanged
    """
    if kind == "assignments":
        if before is None or after is None:
            return "added" if before is None else "dropped"
        return "changed" if _fields(before, after) else "unchanged"
    old, new = ((fields or {}).get(MICROSOFT_ID) or "" for fields in (before, after))
    if old == new:
        return "unchanged"
    if not new:
        return "dropped" if after is None else "opted_out"
    return "changed" if old else "added"


def _fields(before: Fields, after: Fields) -> tuple[str, ...]:
    return tuple(
        f"{name}: {_word(before.get(name))} → {_word(after.get(name))}"
        for name in COLUMNS["assignments"]
        if before.get(name) != after.get(name)
    )


def _sent(rows: Mapping[str, Fields], assignment: str) -> bool:
    return rows.get(assignment, {}).get(SEND) is True


def _word(value: object) -> str:
    return "nothing" if value is None else str(value).lower()


def _shared(file: MappingFile, after: Mapping[str, Fields]) -> tuple[tuple[str, ...], ...]:
    """People with one mailbox, as far as the file has a part in it."""
    people: dict[object, list[str]] = defaultdict(list)
    for person, fields in after.items():
        if mailbox := fields.get(MICROSOFT_ID):
            people[mailbox].append(person)
    return tuple(tuple(some) for some in people.values() if len(some) > 1 and any(each in file.rows for each in some))


def _mailboxes(shared: tuple[tuple[str, ...], ...]) -> list[str]:
    lines = [f"{' and '.join(people)} have one mailbox" for people in shared[:MOST_IDS]]
    return [*lines, *([f"… and {len(shared) - MOST_IDS} more mailboxes"] if len(shared) > MOST_IDS else [])]


def _guard(lost: int, before: Mapping[str, Fields], limits: Limits) -> list[str]:
    mapped = sum(bool(fields.get(MICROSOFT_ID)) for fields in before.values())
    if lost < FEWEST_PEOPLE or lost <= limits.share * mapped:
        return []
    return [f"{lost} of {mapped} people lose their ID: such removals are held until an operator releases them"]


def _shown(ids: tuple[str, ...]) -> str:
    more = f", … and {len(ids) - MOST_IDS} more" if len(ids) > MOST_IDS else ""
    return f"  {', '.join(ids[:MOST_IDS])}{more}" if ids else ""
