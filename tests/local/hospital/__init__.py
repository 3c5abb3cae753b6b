"""A made-up hospital, the same for the same seed: its Lightning Bolt, and its people's mailboxes."""

from tests.local.hospital.hospital import Hospital, make_hospital
from tests.local.hospital.people import MailboxPlan

__all__ = ["Hospital", "MailboxPlan", "make_hospital"]
