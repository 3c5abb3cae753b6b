"""What the adversary draws from: small numbers, so that its doings meet."""

from typing import Literal

from hypothesis import strategies as st

from tests.local.graph.behaviour import Behaviour
from tests.local.graph.faults import Fault
from tests.local.graph.mailboxes import MailboxState
from tests.property.place import ADDRESSES, BOUND, DAY, DAYS, LEAVE, MEETING, NIGHT, PEOPLE, TYPO

End = Literal["finish", "stall", "crash", "fail"]
"""What becomes of a handler at an await: it goes on to its end, waits there, dies there, or its request is lost."""

numbers = st.integers(0, 11)
people = st.sampled_from(PEOPLE)
days = st.sampled_from(DAYS)
kinds = st.sampled_from((DAY, NIGHT, LEAVE, MEETING))
ends: st.SearchStrategy[End] = st.sampled_from(("crash", "stall", "finish", "fail"))
gates = st.integers(0, 24)
seconds = st.sampled_from((1, 2, 30, 46, 121, 130, 300, 725, 850, 3600, 43_200))
notes = st.sampled_from((None, "Bring keys", "Second floor"))
addresses = st.sampled_from((*ADDRESSES, *ADDRESSES, "", "  ", TYPO))
states = st.sampled_from(
    (MailboxState.OUT_OF_SCOPE, MailboxState.FULL, MailboxState.FULL_507, MailboxState.NOT_ENABLED, MailboxState.OPEN)
)
behaviours = st.builds(
    Behaviour,
    transaction_memory=st.sampled_from(("mailbox", "event", "none")),
    repeat_of_deleted=st.sampled_from(("duplicate", "deleted_event")),
    duplicate_status=st.sampled_from((400, 409)),
    duplicate_names_existing=st.booleans(),
    second_delete=st.sampled_from(("not_found", "cannot_delete")),
)
late = st.sampled_from((1.0, 60.0, 200.0, BOUND))
writes = st.sampled_from(("POST", "PATCH", "DELETE"))
duplicates = st.builds(
    Fault,
    st.just("error"),
    method=st.just("POST"),
    status=st.sampled_from((400, 409)),
    code=st.just("ErrorDuplicateTransactionId"),
    done=st.just("yes"),
)
unknowns = st.one_of(
    st.builds(Fault, st.just("cut_before"), path=st.just("$batch")),
    st.builds(Fault, st.just("cut_after"), path=st.just("$batch"), items=st.sampled_from((None, 1, 2))),
    st.builds(Fault, st.just("late"), path=st.just("$batch"), seconds=late),
    st.builds(Fault, st.just("unavailable"), method=writes, done=st.sampled_from(("no", "yes", "late")), seconds=late),
)
"""Of a write: what leaves the writer in the dark."""
refusals = st.one_of(
    st.sampled_from((MailboxState.OUT_OF_SCOPE, MailboxState.FULL, MailboxState.FULL_507, MailboxState.NOT_ENABLED)),
    st.builds(
        Fault, st.just("error"), where=st.sampled_from(("item", "request")), status=st.sampled_from((401, 403, 503))
    ),
    st.builds(
        Fault, st.just("error"), method=writes, status=st.sampled_from((400, 403)), code=st.just("ErrorInvalidRequest")
    ),
    st.builds(Fault, st.just("throttled"), where=st.sampled_from(("item", "request")), retry_after=st.just(20)),
)
"""What a mailbox, or Graph as a whole, may say to everything for a while."""
faults = st.one_of(
    unknowns,
    duplicates,
    st.builds(Fault, st.just("cut_before")),
    st.builds(Fault, st.just("garbage")),
    st.builds(Fault, st.just("throttled"), where=st.sampled_from(("item", "request")), retry_after=st.just(20)),
    st.builds(Fault, st.just("error"), method=writes, status=st.sampled_from((409, 412, 424))),
    st.builds(Fault, st.just("error"), method=st.just("PATCH"), status=st.just(404)),
    st.builds(Fault, st.just("error"), where=st.sampled_from(("item", "request")), status=st.just(401)),
    st.builds(Fault, st.just("error"), method=writes, status=st.just(403)),
)
