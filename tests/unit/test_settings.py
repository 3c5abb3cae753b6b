"""Settings: defaults, what each of them accepts, and that all problems come at once and give no secret away."""

import json

import pytest

from shared.errors import SettingsError
from shared.settings import (
    FIELD_NAMES,
    PERSON_ID_FIELDS,
    TIMER_SCHEDULES,
    Settings,
    View,
    is_loopback,
    read_settings,
    timer_schedule,
)
from shared.state.connection import Connection

SECRET = "hunter2-Grüße"
VIEWS = '[{"view_id": 50, "time_zone": "America/Chicago"}]'
LEAST = {
    "LIGHTNING_BOLT_URL": "https://lb.example.org",
    "LIGHTNING_BOLT_TOKEN_URL": "https://lb.example.org/token",
    "LIGHTNING_BOLT_CLIENT_ID": "outlook",
    "LIGHTNING_BOLT_CLIENT_SECRET": SECRET,
    "LIGHTNING_BOLT_VIEWS": VIEWS,
    "INSTALLATION_ID": "county-1",
}


def _read(**settings: str) -> Settings:
    return read_settings(LEAST | settings)


def _problems(environment: dict[str, str]) -> list[str]:
    with pytest.raises(SettingsError) as raised:
        read_settings(environment)
    return raised.value.problems


def _one_problem(name: str, value: str) -> str:
    (problem,) = _problems(LEAST | {name: value})
    assert problem.startswith(name), f"{problem!r} does not begin with the setting's name"
    return problem


def test_defaults() -> None:
    settings = _read()
    assert settings.model_dump(exclude={name.lower() for name in LEAST}) == {
        "lightning_bolt_person_id_field": "unique_id",
        "lightning_bolt_fields": {},
        "mapping_source": "lightning_bolt",
        "graph_url": "https://graph.microsoft.com/v1.0",
        "graph_auth": "default",
        "earlier_installation_ids": [],
        "months_back": 1,
        "months_ahead": 6,
        "paused": False,
        "pilot_people": None,
        "event_subject": "{assignment}",
        "event_category": None,
        "event_sensitivity": "normal",
        "event_reminder_minutes": None,
        "shrink_limit": 0.3,
        "shrink_minimum": 10,
        "lease_seconds": 120,
        "look_again_seconds": 600,
        "read_again_seconds": 120,
        "drift": "repair",
        "audit_spread_minutes": 240,
        "retention_months": 13,
        "publish_secret": None,
    }
    assert settings.lightning_bolt_views == (View(view_id=50, time_zone="America/Chicago"),)
    assert (settings.lease.total_seconds(), settings.late.total_seconds()) == (120, 720)


def test_an_empty_or_blank_variable_counts_as_absent() -> None:
    optional = {name.upper(): "" for name in Settings.model_fields if name.upper() not in LEAST}
    assert _read(**optional) == _read()
    assert _problems(LEAST | {"INSTALLATION_ID": "  "}) == ["INSTALLATION_ID: is not set"]


def test_other_variables_are_let_be() -> None:
    assert _read(PATH="/usr/bin", paused="true", RETENTION_MONTHS_OF_OLD="x") == _read()


def test_everything_that_is_missing_is_named() -> None:
    assert _problems({}) == [f"{name}: is not set" for name in LEAST]


def test_every_problem_is_reported_at_once() -> None:
    wrong = {
        "LIGHTNING_BOLT_URL": "lb.example.org",
        "LIGHTNING_BOLT_VIEWS": '[{"view_id": -1, "time_zone": "Mars/Olympus", "zone": 1}]',
        "MONTHS_BACK": "many",
        "PAUSED": "perhaps",
        "EVENT_SUBJECT": "{name}",
        "LEASE_SECONDS": "1",
    }
    environment = LEAST | wrong
    del environment["INSTALLATION_ID"]
    named = [problem.partition(":")[0] for problem in _problems(environment)]
    assert sorted(named) == [
        "EVENT_SUBJECT",
        "INSTALLATION_ID",
        "LEASE_SECONDS",
        "LIGHTNING_BOLT_URL",
        "LIGHTNING_BOLT_VIEWS[0].time_zone",
        "LIGHTNING_BOLT_VIEWS[0].view_id",
        "LIGHTNING_BOLT_VIEWS[0].zone",
        "MONTHS_BACK",
        "PAUSED",
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PILOT_PEOPLE", "[2101"),
        ("LIGHTNING_BOLT_FIELDS", '{"uniqueid": "x"}'),
        ("LIGHTNING_BOLT_VIEWS", f"{VIEWS[:-1]}, {VIEWS[1:]}"),
        ("GRAPH_AUTH", "none"),
        ("EARLIER_INSTALLATION_IDS", '["county-1"]'),
    ],
)
def test_a_problem_that_takes_two_values_to_see_hides_no_other_and_is_not_hidden(name: str, value: str) -> None:
    problems = _problems(LEAST | {name: value, "MONTHS_BACK": "many"})
    assert sorted(problem.partition(":")[0] for problem in problems) == sorted([name, "MONTHS_BACK"])


def test_the_message_of_the_error_has_a_line_per_problem() -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({})
    assert str(raised.value).splitlines()[1:] == [f"  - {name}: is not set" for name in LEAST]


def test_no_secret_in_any_message_or_representation() -> None:
    """Whatever is wrong, and even where a secret was put into the wrong variable."""
    settings = _read(PUBLISH_SECRET=f"{SECRET}, older")
    assert SECRET not in repr(settings) + str(settings) + settings.model_dump_json()
    for name in (field.upper() for field in Settings.model_fields):
        for value in (SECRET, f"{{{SECRET}", json.dumps([SECRET]), json.dumps([{"view_id": SECRET}])):
            with pytest.raises(SettingsError) as raised:
                read_settings(LEAST | {name: value, "MONTHS_AHEAD": SECRET})
            error = raised.value
            assert error.__suppress_context__, "pydantic's own error, with the values, would be logged with it"
            assert SECRET not in "\n".join([str(error), *error.problems, repr(error), repr(error.__cause__)]), name


@pytest.mark.parametrize("name", ["LIGHTNING_BOLT_URL", "LIGHTNING_BOLT_TOKEN_URL", "GRAPH_URL"])
def test_addresses(name: str) -> None:
    def read(value: str) -> object:
        return getattr(_read(**{name: value}), name.lower())

    assert read("https://a.example.org/v1.0/") == "https://a.example.org/v1.0"
    for local in ("http://127.0.0.1:8081", "http://localhost:8081/x", "http://[::1]:1"):
        assert read(local) == local
    for wrong in ("http://a.example.org", "http://127.0.0.1.example.org", "http://localhost@a.example.org"):
        assert _one_problem(name, wrong) == f"{name}: must be https (http only on this machine)"
    for wrong in ("a.example.org", "ftp://a.example.org", "https://", "file:///etc/passwd"):
        assert _one_problem(name, wrong) == f"{name}: must be an http(s) address"


def test_loopback() -> None:
    assert [is_loopback(url) for url in ("http://127.0.0.1:1/", "http://LOCALHOST", "http://[::1]")] == [True] * 3
    assert [is_loopback(url) for url in ("http://127.0.0.1.nip.io", "http://10.0.0.1", "")] == [False] * 3


def test_views() -> None:
    two = '[{"view_id": 50, "time_zone": "America/Detroit"}, {"view_id": 7, "time_zone": "US/Central"}]'
    settings = _read(LIGHTNING_BOLT_VIEWS=two)
    assert [view.view_id for view in settings.lightning_bolt_views] == [50, 7]
    assert settings.view(7) == View(view_id=7, time_zone="US/Central")
    assert settings.view(8) is None


@pytest.mark.parametrize(
    ("value", "problem"),
    [
        ("view 50", "LIGHTNING_BOLT_VIEWS: is not JSON ("),
        ("[]", "LIGHTNING_BOLT_VIEWS: "),
        ("{}", "LIGHTNING_BOLT_VIEWS: "),
        ('[{"time_zone": "America/Chicago"}]', "LIGHTNING_BOLT_VIEWS[0].view_id: "),
        ('[{"view_id": 50}]', "LIGHTNING_BOLT_VIEWS[0].time_zone: "),
        ('[{"view_id": 50, "time_zone": "Central"}]', "LIGHTNING_BOLT_VIEWS[0].time_zone: 'Central' is no time zone"),
        ('[{"view_id": 50, "time_zone": "../UTC"}]', "LIGHTNING_BOLT_VIEWS[0].time_zone: '../UTC' is no time zone"),
        ('[{"view_id": 50, "time_zone": "EST5EDT"}]', "LIGHTNING_BOLT_VIEWS[0].time_zone: 'EST5EDT' has no Windows"),
        (f"{VIEWS[:-1]}, {VIEWS[1:]}", "LIGHTNING_BOLT_VIEWS: view 50 stands there twice"),
    ],
)
def test_views_that_are_refused(value: str, problem: str) -> None:
    assert _one_problem("LIGHTNING_BOLT_VIEWS", value).startswith(problem)


def test_fields() -> None:
    settings = _read(LIGHTNING_BOLT_FIELDS='{"custom2": "Custom 2", "send_as_free": "outlook_free"}')
    assert [settings.key_of(name) for name in ("custom2", "send_as_free", "custom1")] == [
        "Custom 2",
        "outlook_free",
        "custom1",
    ]
    assert set(PERSON_ID_FIELDS) < set(FIELD_NAMES)
    for name in FIELD_NAMES:
        assert _read(LIGHTNING_BOLT_FIELDS=json.dumps({name: "x"})).key_of(name) == "x"


@pytest.mark.parametrize("value", ["unique_id", "[]", "null", '{"unique_id": 5}', '{"uniqueid": "x"}'])
def test_fields_that_are_refused(value: str) -> None:
    _one_problem("LIGHTNING_BOLT_FIELDS", value)


@pytest.mark.parametrize(
    ("name", "accepted", "refused"),
    [
        ("LIGHTNING_BOLT_PERSON_ID_FIELD", list(PERSON_ID_FIELDS), ["custom5", "UniqueID"]),
        ("MAPPING_SOURCE", ["lightning_bolt", "table"], ["csv", "Table"]),
        ("EVENT_SENSITIVITY", ["normal", "personal", "private", "confidential"], ["secret"]),
        ("INSTALLATION_ID", ["a", "county-1", "x" * 32], ["x" * 33, "County", "a b", "a:b", "a\n", "ä"]),
        (
            "EVENT_SUBJECT",
            ["{assignment}", "Shift", "{assignment_short} ({schedule})"],
            ["{name}", "{}", "{assignment", "{{assignment}}", "{assignment!r}"],
        ),
    ],
)
def test_texts(name: str, accepted: list[str], refused: list[str]) -> None:
    assert [getattr(_read(**{name: value}), name.lower()) for value in accepted] == accepted
    for value in refused:
        _one_problem(name, value)


@pytest.mark.parametrize(
    ("name", "least", "most"),
    [
        ("MONTHS_BACK", 0, 12),
        ("MONTHS_AHEAD", 0, 24),
        ("EVENT_REMINDER_MINUTES", 0, 40320),
        ("LEASE_SECONDS", 2, 300),
        ("AUDIT_SPREAD_MINUTES", 0, 1440),
        ("RETENTION_MONTHS", 1, 120),
        ("LOOK_AGAIN_SECONDS", 0, None),
    ],
)
def test_numbers(name: str, least: int, most: int | None) -> None:
    for value in (least, 86400 if most is None else most):
        assert getattr(_read(**{name: str(value)}), name.lower()) == value
    for wrong in (str(least - 1), "1.5", "one", *([] if most is None else [str(most + 1)])):
        _one_problem(name, wrong)


def test_paused() -> None:
    assert [_read(PAUSED=value).paused for value in ("true", "True", "1", "yes", "on")] == [True] * 5
    assert [_read(PAUSED=value).paused for value in ("false", "FALSE", "0", "no", "off")] == [False] * 5
    for value in ("perhaps", "2", "paused"):
        _one_problem("PAUSED", value)


def test_pilot_people() -> None:
    """Numbers or texts; nobody is not everybody."""
    assert _read(PILOT_PEOPLE='[2101, "2102"]').pilot_people == frozenset({"2101", "2102"})
    assert _read(PILOT_PEOPLE="[]").pilot_people == frozenset()
    for value in ("2101", "{}", "2101, 2102", "[2101"):
        _one_problem("PILOT_PEOPLE", value)


def test_earlier_installation_ids() -> None:
    """Each is an id; the present one is none of them."""
    assert _read().earlier_installation_ids == []
    assert _read(EARLIER_INSTALLATION_IDS='["county-0", "a"]').earlier_installation_ids == ["county-0", "a"]
    for value in ("county-0", '"county-0"', "{}", "[1]", '["County"]', '["a:b"]', '[""]', '["a","b","c","d","e","f"]'):
        assert "county-0" not in _one_problem("EARLIER_INSTALLATION_IDS", value)
    assert "INSTALLATION_ID itself" in _one_problem("EARLIER_INSTALLATION_IDS", '["county-0", "county-1"]')


def test_who_may_be_written_to() -> None:
    assert _read().may_write_to("2101")
    assert not _read(PAUSED="true").may_write_to("2101")
    assert not _read(PAUSED="true", PILOT_PEOPLE="[2101]").may_write_to("2101")
    pilot = _read(PILOT_PEOPLE="[2101]")
    assert (pilot.may_write_to("2101"), pilot.may_write_to("2102")) == (True, False)
    assert not _read(PILOT_PEOPLE="[]").may_write_to("2101")


def test_no_sign_in_only_on_this_machine() -> None:
    assert _read(GRAPH_AUTH="none", GRAPH_URL="http://127.0.0.1:8082/v1.0").graph_auth == "none"
    assert "GRAPH_URL leads elsewhere" in _one_problem("GRAPH_AUTH", "none")
    assert _problems(LEAST | {"GRAPH_AUTH": "none", "GRAPH_URL": "https://127.0.0.1.example.org"}) == _problems(
        LEAST | {"GRAPH_AUTH": "none"}
    )
    _one_problem("GRAPH_AUTH", "anonymous")


def test_publish_secrets() -> None:
    assert _read().publish_secrets == ()
    assert _read(PUBLISH_SECRET="new").publish_secrets == ("new",)
    assert _read(PUBLISH_SECRET="new, old ,").publish_secrets == ("new", "old")


def test_a_publish_secret_that_holds_no_key_does_not_turn_signatures_off() -> None:
    _one_problem("PUBLISH_SECRET", " , ")


def test_timer_schedules() -> None:
    """The host resolves the setting; where there is none, the default stands in the binding itself."""
    for name, default in TIMER_SCHEDULES.items():
        assert timer_schedule({}, name) == timer_schedule({name: ""}, name) == default
        assert timer_schedule({name: "0 0 4 * * *"}, name) == f"%{name}%"


def test_storage_by_connection_string() -> None:
    text = "AccountName=a;AccountKey=a2V5"
    assert Connection.read({"AzureWebJobsStorage": text}) == Connection(text)
    with pytest.raises(SettingsError, match="is no connection string"):
        Connection.read({"AzureWebJobsStorage": "AccountName=a"})
    local = Connection.read({"AzureWebJobsStorage": "usedevelopmentstorage=TRUE"}).text
    assert "TableEndpoint=http://127.0.0.1:10002/devstoreaccount1" in local


def test_storage_by_identity() -> None:
    names = ("tableServiceUri", "queueServiceUri", "clientId")
    environment = {f"AzureWebJobsStorage__{name}": name for name in names}
    assert Connection.read(environment) == Connection("", *names)
    del environment["AzureWebJobsStorage__clientId"]
    assert Connection.read(environment).client_id is None
    for name in names[:2]:
        with pytest.raises(SettingsError, match="AzureWebJobsStorage: is not set"):
            Connection.read({f"AzureWebJobsStorage__{name}": name})
