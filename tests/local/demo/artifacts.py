"""What a run of the demonstration leaves behind, for tests that search it. Nothing of it is real."""

import json
from pathlib import Path

from tests.local.demo.changes import NOTE
from tests.local.demo.demo import Demo

JOURNAL = "journal.json"
PRIVATE = "private.json"


async def leave(demo: Demo, folder: Path) -> None:
    """`journal.json`: every request to Graph; `private.json`: what must not be in any log, by kind."""
    setup = demo.hospital.setup
    private = {
        "names": [
            text
            for person in setup.people
            if not person.is_placeholder
            for text in (person.display_name, f"{person.first_name} {person.last_name}", person.compact_name)
        ],
        "notes": [
            NOTE,
            *{
                line
                for slot in setup.slots
                for line in f"{slot.note or ''}\n{slot.request_note or ''}".splitlines()
                if line
            },
        ],
        "subjects": [kind.display_name for kind in setup.assignments],
        "mailboxes": [text for plan in demo.hospital.mailboxes for text in (plan.address, plan.object_id)],
        "tokens": [
            *await demo.stage.lightning_bolt.issued_tokens(),
            demo.stage.settings["LIGHTNING_BOLT_CLIENT_SECRET"],
            demo.stage.settings["PUBLISH_SECRET"],
        ],
    }
    (folder / PRIVATE).write_text(json.dumps(private, ensure_ascii=False, indent=1))
    (folder / JOURNAL).write_text(json.dumps([record.as_json() for record in demo.journal], ensure_ascii=False))
