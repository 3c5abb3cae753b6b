"""Who may do what with which mailbox: unknown, refused and full ones."""

from tests.local.graph.answers import GraphError
from tests.local.graph.mailboxes import Mailbox, MailboxState
from tests.local.graph.state import State

_NO_MAILBOX = {
    MailboxState.INVALID_USER: "ErrorInvalidUser",
    MailboxState.NOT_ENABLED: "MailboxNotEnabledForRESTAPI",
    MailboxState.NOT_FOUND: "Request_ResourceNotFound",
}


def open_mailbox(state: State, name: str, method: str) -> Mailbox:
    """The mailbox of that address or object id. Raises GraphError where it is not there or refuses the method."""
    mailbox = state.directory.find(name)
    if mailbox is None:
        if not state.behaviour.any_mailbox:
            raise _nobody(name, state.behaviour.unknown_mailbox)
        mailbox = state.directory.put(name)
    if mailbox.state is MailboxState.OPEN:
        return mailbox
    if mailbox.state in _NO_MAILBOX:
        raise _nobody(name, _NO_MAILBOX[mailbox.state])
    if mailbox.state is MailboxState.OUT_OF_SCOPE:
        raise GraphError(
            403,
            "ErrorAccessDenied",
            "Access to OData is disabled: [RAOP] : Blocked by tenant configured AppOnly AccessPolicy settings.",
        )
    if method in ("POST", "PATCH"):
        status = 507 if mailbox.state is MailboxState.FULL_507 else 403
        raise GraphError(status, "ErrorQuotaExceeded", "The process failed to get the correct properties.")
    return mailbox


def check_token(state: State, authorization: str | None) -> None:
    """Raises GraphError (401) for a missing or stale bearer token, where tokens are asked for."""
    if not state.behaviour.require_token:
        return
    scheme, _, token = (authorization or "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise stale_token("Access token is empty.")
    if token.strip() in state.behaviour.stale_tokens:
        raise stale_token("Lifetime validation failed, the token is expired.")


def stale_token(message: str) -> GraphError:
    """401."""
    return GraphError(401, "InvalidAuthenticationToken", message, headers={"WWW-Authenticate": 'Bearer realm=""'})


def _nobody(name: str, code: str) -> GraphError:
    messages = {
        "ErrorInvalidUser": f"The requested user '{name}' is invalid.",
        "MailboxNotEnabledForRESTAPI": "The mailbox is either inactive, soft-deleted, or is hosted on-premise.",
        "Request_ResourceNotFound": f"Resource '{name}' does not exist or one of its queried reference-property "
        "objects are not present.",
    }
    return GraphError(404, code, messages[code])
