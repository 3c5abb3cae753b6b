"""Who we say we are, and to whom; and what libraries may log."""

import asyncio
import logging
import subprocess
import sys
from collections.abc import AsyncIterator
from datetime import date

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from shared.errors import SettingsError
from shared.outlook.access import NoTokenError, Tokens, default_credential, scope_of
from shared.outlook.batch import Delete
from shared.outlook.found import Found
from shared.outlook.graph import Graph, quiet_loggers
from shared.outlook.outcome import Kind
from tests.unit.wire import Answer, Answering, Asked, Wire, batch, page, status, wire

WRITE = Delete("person.one@example.org", "AAMk1")


class Credential:
    """Gives one token as long as it lives."""

    def __init__(self, number: int) -> None:
        self.token = f"token-{number}"
        self.scopes: list[tuple[str, ...]] = []
        self.closed = False
        self.error: Exception | None = None

    async def get_token(self, *scopes: str, **_: object) -> AccessToken:
        assert not self.closed
        if self.error:
            raise self.error
        self.scopes.append(scopes)
        return AccessToken(self.token, 4_000_000_000)

    async def close(self) -> None:
        self.closed = True


class Credentials:
    """Makes them, one after the other."""

    def __init__(self) -> None:
        self.made: list[Credential] = []
        self.error: Exception | None = None

    def __call__(self) -> Credential:
        credential = Credential(len(self.made) + 1)
        credential.error = self.error
        self.made.append(credential)
        return credential


@pytest.fixture
async def server() -> AsyncIterator[Wire]:
    async with wire() as running:
        yield running


@pytest.fixture
def credentials() -> Credentials:
    return Credentials()


@pytest.fixture
async def graph(server: Wire, credentials: Credentials) -> AsyncIterator[Graph]:
    client = Graph.connect(server.url + "/v1.0", "default", "north", credential=credentials)  # type: ignore[arg-type]
    yield client
    await client.aclose()
    assert all(credential.closed for credential in credentials.made)


def accepts(*tokens: str) -> Answering:
    def answer(asked: Asked) -> Answer:
        if asked.headers["authorization"] in {f"Bearer {token}" for token in tokens}:
            return batch(204)(asked)
        return status(401, "InvalidAuthenticationToken")(asked)

    return answer


async def test_a_token_is_sent_and_kept(server: Wire, graph: Graph, credentials: Credentials) -> None:
    server.will(batch(204))
    for _ in range(3):
        await graph.write([WRITE], timeout=5)
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer token-1"] * 3
    [credential] = credentials.made
    assert set(credential.scopes) == {("https://127.0.0.1/.default",)}


async def test_a_refused_token_is_replaced_once(server: Wire, graph: Graph, credentials: Credentials) -> None:
    server.will(accepts("token-2"))
    [outcome] = await graph.write([WRITE], timeout=5)
    assert outcome.kind is Kind.DONE
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer token-1", "Bearer token-2"]
    assert [credential.closed for credential in credentials.made] == [True, False]


async def test_a_read_replaces_it_as_well(server: Wire, graph: Graph) -> None:
    server.will(status(401), page())
    assert await graph.marked("a", "1", date(2026, 11, 1), date(2026, 11, 2), timeout=5) == Found(())
    assert [asked.headers["authorization"] for asked in server.asked] == ["Bearer token-1", "Bearer token-2"]


async def test_a_second_refusal_is_the_installations(server: Wire, graph: Graph, credentials: Credentials) -> None:
    server.will(accepts())
    [outcome] = await graph.write([WRITE], timeout=5)
    assert (outcome.kind, outcome.status) == (Kind.INSTALLATION_REFUSED, 401)
    assert len(server.asked) == len(credentials.made) == 2


async def test_many_that_are_refused_together_replace_it_once(
    server: Wire, graph: Graph, credentials: Credentials
) -> None:
    server.will(accepts("token-2"))
    answers = await asyncio.gather(*(graph.write([WRITE], timeout=10) for _ in range(20)))
    assert {outcome.kind for [outcome] in answers} == {Kind.DONE}
    assert len(credentials.made) == 2


@pytest.mark.parametrize("error", [ClientAuthenticationError("tenant x, secret y"), ValueError("AZURE_CLIENT_ID")])
async def test_without_a_token_nothing_is_sent(
    server: Wire, graph: Graph, credentials: Credentials, error: Exception
) -> None:
    credentials.error = error
    [outcome] = await graph.write([WRITE], timeout=5)
    assert (outcome.kind, outcome.status, outcome.code) == (Kind.INSTALLATION_REFUSED, None, "NoToken")
    assert server.asked == []


async def test_an_error_of_the_credential_says_nothing_of_its_text() -> None:
    credentials = Credentials()
    credentials.error = ClientAuthenticationError("tenant x, secret y")
    async with Tokens(credentials) as tokens:  # type: ignore[arg-type]
        with pytest.raises(NoTokenError, match=r"^ClientAuthenticationError$") as caught:
            await tokens.get_token("scope")
    assert caught.value.__suppress_context__


async def test_a_claims_challenge_does_not_loop(server: Wire, graph: Graph) -> None:
    server.will(status(401, WWW_Authenticate='Bearer claims="eyJhIjoxfQ=="'))
    [outcome] = await graph.write([WRITE], timeout=5)
    assert outcome.kind is Kind.INSTALLATION_REFUSED
    assert len(server.asked) <= 4


@pytest.mark.parametrize(
    ("url", "scope"),
    [
        ("https://graph.microsoft.com/v1.0", "https://graph.microsoft.com/.default"),
        ("https://GRAPH.microsoft.com:443/v1.0", "https://graph.microsoft.com/.default"),
        ("https://graph.microsoft.us/v1.0", "https://graph.microsoft.us/.default"),
        ("https://dod-graph.microsoft.us/v1.0", "https://dod-graph.microsoft.us/.default"),
        ("https://microsoftgraph.chinacloudapi.cn/v1.0", "https://microsoftgraph.chinacloudapi.cn/.default"),
    ],
)
def test_the_scope_follows_the_cloud(url: str, scope: str) -> None:
    assert scope_of(url) == scope


async def test_without_tokens_to_this_machine_only() -> None:
    with pytest.raises(SettingsError, match="GRAPH_AUTH"):
        Graph.connect("https://graph.microsoft.com/v1.0", "none", "north")


async def test_the_default_credential_is_made_without_a_request() -> None:
    await default_credential().close()


CHEAP = """
import asyncio, sys
from shared.outlook.graph import Graph
print([name for name in ("msgraph", "azure.identity") if name in sys.modules])
async def main():
    client = Graph.connect("http://127.0.0.1:9", "none", "north")
    await client.aclose()
asyncio.run(main())
print([name for name in ("msgraph", "msgraph.generated.models.event", "azure.identity") if name in sys.modules])
"""


def test_importing_is_cheap_and_connecting_imports_no_models() -> None:
    """The first decoding of an event takes a second and 1,200 modules."""
    process = subprocess.run([sys.executable, "-c", CHEAP], capture_output=True, text=True, check=True)
    assert process.stdout.splitlines() == ["[]", "['msgraph']"]


async def test_no_mailbox_in_any_log(server: Wire, graph: Graph, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    quiet_loggers()
    server.will(batch(204), status(503), lambda _: None, page())
    for _ in range(3):
        await graph.write([WRITE], timeout=5)
    await graph.marked(WRITE.mailbox, "1", date(2026, 11, 1), date(2026, 11, 2), timeout=5)
    logging.getLogger("tests").info("planted %s", "person.one")
    text = "\n".join(f"{record.name} {record.getMessage()}" for record in caplog.records)
    assert [line for line in text.splitlines() if "person.one" in line] == ["tests planted person.one"]
    assert "token-" not in text
