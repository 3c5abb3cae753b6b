"""The hospital's people, what their personnel records say of their mailboxes, and what Outlook has for them."""

import random
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID, uuid5

from tests.local.lightning_bolt.model import EMPTY_ID, PERSON_ID_FIELDS, Person

FIRST_EMP_ID = 2101
DOMAIN = "riverside.example"
_PEOPLE = UUID("c0f0e1a2-5d1e-4d0b-9a54-5b9d4e8f3c11")

_FIRST_NAMES = """
Ada Amir Anika Beatriz Bo Caleb Chiara Dalia Diego Elif Emeka Farah Femi Greta Hana Hugo Ines Ivan Jonas Jun
Kaya Kofi Lena Luca Maeve Malik Mina Nadia Noor Oskar Petra Priya Quentin Rosa Sami Tessa Thuy Uma Viktor Zoe
"""
_LAST_NAMES = """
Abara Alder Brandt Castellan Dahl Ekholm Farouk Grimaldi Halloran Ito Jankowski Karimi Lindqvist Marlow Nakamura
Okafor Osei Petrov Quill Rahman Sandoval Takeda Ueda Vance Whitlock Xiong Yamada Zielinski
"""
_FIRST, _LAST = _FIRST_NAMES.split(), _LAST_NAMES.split()


class Mail(StrEnum):
    """What Outlook has for a person."""

    OPEN = "open"
    ABSENT = "absent"
    """The address is nobody's."""
    OUT_OF_SCOPE = "out_of_scope"
    """There is a mailbox, and the app may not touch it."""


@dataclass(frozen=True, slots=True)
class MailboxPlan:
    """A person's mailbox, or the lack of one."""

    emp_id: int
    object_id: str
    address: str
    """Its UPN, in lower case."""
    name: str
    mail: Mail


@dataclass(frozen=True, slots=True)
class Staff:
    """A person with all that belongs to them."""

    person: Person
    mailbox: MailboxPlan
    opted_out: bool
    """Nothing in the personnel record's ID field."""


def make_staff(count: int, departments: tuple[int, ...], field: str, source: random.Random) -> list[Staff]:
    """So many people, dealt out to the departments.

    The fourth has no mailbox, the fifth's is out of the app's scope, every tenth is opted out; every sixth is named by
    object id, every seventh by a UPN in mixed case with blanks around it.
    """
    staff = []
    taken: set[str] = set()
    for index in range(count):
        first, last = source.choice(_FIRST), source.choice(_LAST)
        while (name := f"{first.lower()}.{last.lower()}") in taken:
            if len(taken) < len(_FIRST) * len(_LAST) // 2:
                first, last = source.choice(_FIRST), source.choice(_LAST)
            else:
                last = f"{source.choice(_LAST)}{index}"
        taken.add(name)
        emp_id = FIRST_EMP_ID + index
        title = ("MD", "DO", "NP", "PA")[index % 4]
        address = f"{name}@{DOMAIN}"
        object_id = str(uuid5(_PEOPLE, address))
        mail = {3: Mail.ABSENT, 4: Mail.OUT_OF_SCOPE}.get(index, Mail.OPEN)
        opted_out = index % 10 == 9
        person = Person(
            emp_id,
            first,
            last,
            f"{last}, {first} {title}",
            f"{first[0]} {last}",
            (departments[index % len(departments)],),
            ptype_id=1 if title in ("MD", "DO") else 3,
            fields={**dict.fromkeys(PERSON_ID_FIELDS), field: _written(index, opted_out, address, object_id)},
        )
        staff.append(Staff(person, MailboxPlan(emp_id, object_id, address, f"{first} {last}", mail), opted_out))
    return staff


def _written(index: int, opted_out: bool, address: str, object_id: str) -> Any:
    """What stands in the ID field."""
    if opted_out:
        return (None, "", "   ")[index // 10 % 3]
    if index in (3, 4):
        return address
    if index % 6 == 0:
        return object_id.upper() if index % 12 == 0 else object_id
    if index % 7 == 0:
        return f" {address.title()}  "
    return address


def placeholders(departments: tuple[int, ...]) -> list[Person]:
    """The fake people of open shifts."""
    fake = [Person.placeholder(2001 + n, f"OPEN {n + 1}", departments) for n in range(3)]
    return [Person.placeholder(EMPTY_ID, "EMPTY", departments), *fake]
