"""What users do to our events by hand, and what an audit that only reports must not do about it."""

from datetime import date, timedelta
from typing import Literal, get_args

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from tests.local.graph.mailboxes import MailboxState
from tests.property.draws import numbers
from tests.property.invariants import require
from tests.property.place import BEYOND, DAYS, PEOPLE
from tests.property.scene import Scene
from tests.property.truth import RENAMED, agree, home_of, is_linked, is_ours, mark_of, shown

Hand = Literal["delete", "purge", "rename", "show", "copy", "drag", "calendar"]
"""Into Deleted Items; for good; another subject; shown otherwise; copied; to another day; to another calendar."""

hands = st.sampled_from(get_args(Hand))
targets = st.sampled_from((*DAYS, *BEYOND))


MOST_MISSED = 5
"""Events of a person that are changed by hand between two audits: so many a look goes after beyond its days."""


class Hands(Scene):
    """People in Outlook."""

    @rule(number=numbers, how=hands, day=targets, many=st.sampled_from((1, 1, 1, 12)))
    def user(self, number: int, how: Hand, day: date, many: int) -> None:
        """Somebody's hand, on one event of a person's or on all."""
        self.by_hand(number, how, day, many)

    def by_hand(self, number: int, how: Hand, day: date, many: int = 1) -> None:
        """Somebody does it to one of our events, or to so many of the same person's."""
        first = self.event_of_ours(number)
        if first is None:
            return
        mailbox, _, person = first
        there = self.hospital.graph.directory.find(mailbox)
        ours = (
            [event.immutable_id for event in there.present if is_ours(event) and mark_of(event)[2] == person]
            if there
            else []
        )
        for event in ours[:many] if many > 1 else [first[1]]:
            if self.hands[person] == MOST_MISSED:
                return
            self.hands[person] += 1
            self._touch(mailbox, event, person, how, day)

    def _touch(self, mailbox: str, key: str, person: str, how: Hand, day: date) -> None:
        owner = self.hospital.graph.owner
        self.touched[person] += 1
        match how:
            case "delete":
                owner.delete(mailbox, key)
            case "purge":
                owner.purge(mailbox, key)
            case "rename":  # never the same twice: that would be taken for Outlook's own way to show it
                self.renames += 1
                owner.edit(mailbox, key, {"subject": f"{RENAMED}{self.renames}"})
            case "show":
                owner.edit(mailbox, key, {"showAs": "oof"})
            case "copy":
                self._may_stray(mailbox, owner.copy(mailbox, key).immutable_id, person)
                self.copied.add((mailbox, person))
                if mailbox != home_of(self.hospital, person):  # about to be left
                    self.hospital.left_behind.add((mailbox, person))
            case "drag":
                self._drag(mailbox, key, day)
                self._may_stray(mailbox, key, person)
            case "calendar":
                owner.move(mailbox, key, "Clinic")
                self._may_stray(mailbox, key, person)

    def _drag(self, mailbox: str, key: str, day: date) -> None:
        times = self.hospital.graph.owner.event(mailbox, key).times
        by = timedelta(days=(day - times.first.local.date()).days)
        body = {
            name: {"dateTime": (moment.local + by).isoformat(), "timeZone": moment.zone}
            for name, moment in (("start", times.first), ("end", times.last))
        }
        self.hospital.graph.owner.edit(mailbox, key, body)
        self.hospital.dragged.add(key)

    def _may_stray(self, mailbox: str, key: str, person: str) -> None:
        """An event that no link names (no copy has one), or that may be let go of, is not found out of sight."""
        there = self.hospital.graph.directory.find(mailbox)
        if not is_linked(self.hospital, person, key) or (there and there.state is not MailboxState.OPEN):
            self.hospital.strayed.add(key)

    @precondition(lambda self: self.may_settle)
    @rule(number=numbers, how=hands, day=targets)
    def report_only(self, number: int, how: Hand, day: date) -> None:
        """DRIFT=report: an audit changes no calendar and no link; back in repair mode, the next one does."""
        self.settle()
        hospital = self.hospital
        self.by_hand(number, how, day)
        hospital.configure(DRIFT="report")
        have, written = shown(hospital), hospital.net.writes
        links, stored = [hospital.links(str(person)) for person in PEOPLE], hospital.stored()
        self.audit()
        hospital.sweep()
        require("an audit that reports changes no calendar", shown(hospital) == have)
        require("an audit that reports writes nothing", hospital.net.writes == written, hospital.net.writes - written)
        require("an audit that reports changes no link", [hospital.links(str(person)) for person in PEOPLE] == links)
        changed = {
            key
            for key, etag in hospital.stored().items()
            if stored.get(key) != etag and key[-1] != "!" and not key.endswith(" installation")  # a lost table's, anew
        }
        require("an audit that reports stores nothing but its lease", not changed, changed)
        hospital.configure(DRIFT="repair")
        self.audit()
        self.touched.clear()
        agree(hospital, self.touched)
