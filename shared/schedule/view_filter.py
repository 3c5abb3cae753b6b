"""The digest of what a view lets through. Editing a view's filter takes rows away though no shift changed (rule 5)."""

import hashlib
import json

_LISTS = ("on_personnel", "on_assignments", "on_templates", "on_departments")
_VALUES = ("auto_add_personnel", "auto_add_assignments", "personnel_expression", "assignment_expression")


def filter_digest(view_context: dict[str, object]) -> str:
    """Digest of `view_context.filter`: who, which assignments, templates and departments, and how they are chosen.

    Lists count as sets. Presentation (colours, names, sort orders, tallies, stamps) does not count. Empty where the
    view has no filter (the Me view).
    """
    view_filter = view_context.get("filter")
    if not isinstance(view_filter, dict):
        return ""
    what = {key: _ids(view_filter.get(key)) for key in _LISTS} | {
        key: [_plain(view_filter.get(key))] for key in _VALUES
    }
    return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()[:32]


def _ids(value: object) -> list[str]:
    items = value if isinstance(value, list) else [] if value is None else [value]
    return sorted({_plain(item.get("id") if isinstance(item, dict) else item) for item in items})


def _plain(value: object) -> str:
    """A scalar with its type; of anything else the type alone."""
    if value is None or value == "":
        return ""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"int:{value:x}"
    if isinstance(value, str | float | bool):
        return f"{type(value).__name__}:{value}"
    return type(value).__name__
