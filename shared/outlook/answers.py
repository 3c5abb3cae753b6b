"""What Graph's HTTP answers mean, or what was known where none came."""

from collections.abc import Sequence

import httpx

from shared.decode import decoded
from shared.outlook.batch import Write, code_and_id, read_answers
from shared.outlook.outcome import Outcome, outcome_of, outcome_of_batch


def outcomes_of_batch(answer: httpx.Response | Outcome, writes: Sequence[Write]) -> list[Outcome]:
    """What an answer to a batch means for each of its items."""
    if isinstance(answer, Outcome):
        return [answer] * len(writes)
    if answer.status_code == 200:
        return read_answers(answer.content, writes, answer.headers.get("date"))
    headers = answer.headers
    return [outcome_of_batch(answer.status_code, _code(answer), headers.get("retry-after"), headers.get("date"))] * len(
        writes
    )


def outcome_of_read(answer: httpx.Response | Outcome) -> Outcome:
    """What an answer to a read means that is no page."""
    if isinstance(answer, Outcome):
        return answer
    headers = answer.headers
    return outcome_of(
        "GET", answer.status_code, _code(answer), retry_after=headers.get("retry-after"), date=headers.get("date")
    )


def _code(answer: httpx.Response) -> str:
    """Graph's error code, if the answer is in its form."""
    try:
        return code_and_id(decoded(answer.content))[0]
    except (ValueError, RecursionError):
        return ""
