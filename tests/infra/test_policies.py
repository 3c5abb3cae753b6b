"""The policies hold of every snapshot, and each refuses a snapshot that is broken on purpose.

The snapshots are known to be what would be deployed (test_snapshots.py).
"""

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.infra.compiler import SETS
from tests.infra.policies import POLICIES
from tests.infra.template import Template, committed, of, settings_of

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("policy", POLICIES)
def test_what_is_deployed_keeps_the_policy(policy: str, name: str) -> None:
    assert POLICIES[policy](committed(name)) == []


def _first(template: Template, kind: str) -> dict[str, Any]:
    properties: dict[str, Any] = of(template, kind)[0]["properties"]
    return properties


def _account(template: Template) -> dict[str, Any]:
    return _first(template, "Microsoft.Storage/storageAccounts")


def _site(template: Template) -> dict[str, Any]:
    return _first(template, "Microsoft.Web/sites")


def _auth(template: Template) -> dict[str, Any]:
    [auth] = [item for item in of(template, "Microsoft.Web/sites/config") if item["name"].endswith("/authsettingsV2")]
    properties: dict[str, Any] = auth["properties"]
    return properties


def _drop(template: Template, ending: str) -> None:
    resources = template["predictedResources"]
    kept = [resource for resource in resources if not resource["name"].endswith(ending)]
    assert len(kept) == len(resources) - 1, f"{ending} is not one resource"
    template["predictedResources"] = kept


def _drop_kind(template: Template, kind: str) -> None:
    template["predictedResources"] = [item for item in template["predictedResources"] if item["type"] != kind]


def _everybody(template: Template) -> None:
    policy = _auth(template)["identityProviders"]["azureActiveDirectory"]["validation"]["defaultAuthorizationPolicy"]
    policy["allowedPrincipals"] = {"identities": [], "groups": []}


def _on_the_group(template: Template) -> None:
    role = of(template, "Microsoft.Authorization/roleAssignments")[0]
    group, _, _ = role["id"].partition("/providers/")
    role["id"] = f"{group}/providers/Microsoft.Authorization/roleAssignments/{role['name']}"


def _contributor(template: Template) -> None:
    role = copy.deepcopy(of(template, "Microsoft.Authorization/roleAssignments")[0])
    before, _, _ = role["properties"]["roleDefinitionId"].rpartition("/")
    role["properties"]["roleDefinitionId"] = f"{before}/b24988ac-6180-42a0-ab88-20f7382dd24c"
    template["predictedResources"].append(role)


def _rule(template: Template) -> dict[str, Any]:
    return _first(template, "Microsoft.Insights/scheduledQueryRules")


type Break = Callable[[Template], object]

BREAKS: list[tuple[str, str, str, Break]] = [
    ("no_shared_keys", "default", "keys open the account", lambda t: _account(t).update(allowSharedKeyAccess=True)),
    ("no_shared_keys", "default", "the property is not there", lambda t: _account(t).pop("allowSharedKeyAccess")),
    (
        "no_shared_keys",
        "default",
        "a connection string",
        lambda t: settings_of(t).update(AzureWebJobsStorage="AccountName=a;AccountKey=b"),
    ),
    ("no_public_blobs", "default", "account", lambda t: _account(t).update(allowBlobPublicAccess=True)),
    (
        "no_public_blobs",
        "default",
        "container",
        lambda t: _first(t, "Microsoft.Storage/storageAccounts/blobServices/containers").update(publicAccess="Blob"),
    ),
    ("tls_1_2", "default", "storage", lambda t: _account(t).update(minimumTlsVersion="TLS1_0")),
    ("tls_1_2", "default", "site", lambda t: _site(t)["siteConfig"].update(minTlsVersion="1.1")),
    ("https_only", "default", "site", lambda t: _site(t).update(httpsOnly=False)),
    ("https_only", "default", "storage", lambda t: _account(t).update(supportsHttpsTrafficOnly=False)),
    ("https_only", "default", "a setting", lambda t: settings_of(t).update(GRAPH_URL="http://graph.example")),
    (
        "no_secret_in_a_setting",
        "default",
        "in clear",
        lambda t: settings_of(t).update(LIGHTNING_BOLT_CLIENT_SECRET="hunter2"),
    ),
    (
        "no_secret_in_a_setting",
        "default",
        "by parameter",
        lambda t: settings_of(t).update(EVENT_CATEGORY="[parameters('publishSecret')]"),
    ),
    (
        "no_secret_in_an_output",
        "default",
        "keys",
        lambda t: t["outputs"].update(key="[listKeys('st', '2025-01-01').keys[0].value]"),
    ),
    (
        "no_secret_in_an_output",
        "default",
        "connection string",
        lambda t: t["outputs"].update(insights="[reference('appi').ConnectionString]"),
    ),
    (
        "secrets_only_in_the_vault",
        "guarded",
        "in a tag",
        lambda t: of(t, "Microsoft.Web/sites")[0]["tags"].update(note="[parameters('publishSecret')]"),
    ),
    (
        "secrets_only_in_the_vault",
        "guarded",
        "an empty one overwrites",
        lambda t: of(t, "Microsoft.KeyVault/vaults/secrets")[0].pop("condition"),
    ),
    ("least_roles_at_least_scope", "default", "a role on the group", _on_the_group),
    ("least_roles_at_least_scope", "default", "Contributor besides", _contributor),
    (
        "least_roles_at_least_scope",
        "default",
        "none at all",
        lambda t: _drop_kind(t, "Microsoft.Authorization/roleAssignments"),
    ),
    (
        "least_roles_at_least_scope",
        "default",
        "somebody else",
        lambda t: _first(t, "Microsoft.Authorization/roleAssignments").update(principalId="a-person"),
    ),
    (
        "queues_and_tables_of_the_code",
        "default",
        "a poison queue is missing",
        lambda t: _drop(t, "/calendar-changes-poison"),
    ),
    ("queues_and_tables_of_the_code", "default", "a table is missing", lambda t: _drop(t, "/shiftevents")),
    (
        "queues_and_tables_of_the_code",
        "default",
        "a table is misspelt",
        lambda t: of(t, "Microsoft.Storage/storageAccounts/tableServices/tables")[0].update(name="st/default/persons"),
    ),
    ("settings_of_the_code", "default", "one is missing", lambda t: settings_of(t).pop("READ_AGAIN_SECONDS")),
    ("settings_of_the_code", "default", "one is nobody's", lambda t: settings_of(t).update(MONTH_AHEAD="3")),
    ("settings_of_the_code", "default", "one is refused", lambda t: settings_of(t).update(MONTHS_AHEAD="99")),
    (
        "settings_of_the_code",
        "guarded",
        "sign-in has no proof",
        lambda t: settings_of(t).pop("OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"),
    ),
    (
        "nothing_that_flex_refuses",
        "default",
        "runtime",
        lambda t: settings_of(t).update(FUNCTIONS_WORKER_RUNTIME="python"),
    ),
    (
        "nothing_that_flex_refuses",
        "default",
        "content share",
        lambda t: settings_of(t).update(WEBSITE_CONTENTSHARE="x"),
    ),
    (
        "nothing_that_flex_refuses",
        "default",
        "site property",
        lambda t: _site(t)["siteConfig"].update(linuxFxVersion="PYTHON|3.13"),
    ),
    (
        "flex_consumption_with_bounds",
        "always_ready",
        "no bound",
        lambda t: _site(t)["functionAppConfig"]["scaleAndConcurrency"].pop("maximumInstanceCount"),
    ),
    (
        "flex_consumption_with_bounds",
        "default",
        "package by key",
        lambda t: _site(t)["functionAppConfig"]["deployment"]["storage"].update(
            authentication={"type": "StorageAccountConnectionString"}
        ),
    ),
    (
        "telemetry_by_identity",
        "default",
        "keys open it",
        lambda t: _first(t, "Microsoft.Insights/components").update(DisableLocalAuth=False),
    ),
    ("no_password_publishes", "default", "scm is open", lambda t: _drop(t, "/scm")),
    ("no_password_publishes", "default", "ftp", lambda t: _site(t)["siteConfig"].update(ftpsState="AllAllowed")),
    (
        "vault_keeps_what_is_deleted",
        "default",
        "no purge protection",
        lambda t: _first(t, "Microsoft.KeyVault/vaults").pop("enablePurgeProtection"),
    ),
    (
        "strangers_get_401",
        "guarded",
        "strangers pass",
        lambda t: _auth(t)["globalValidation"].update(unauthenticatedClientAction="AllowAnonymous"),
    ),
    (
        "strangers_get_401",
        "guarded",
        "one path more is open",
        lambda t: _auth(t)["globalValidation"]["excludedPaths"].append("/api/operate"),
    ),
    ("strangers_get_401", "guarded", "every colleague", _everybody),
    (
        "isolated_or_not_at_all",
        "isolated",
        "storage is public",
        lambda t: _account(t).update(publicNetworkAccess="Enabled"),
    ),
    ("isolated_or_not_at_all", "isolated", "no endpoint for tables", lambda t: _drop(t, "-table")),
    ("isolated_or_not_at_all", "isolated", "the app is outside", lambda t: _site(t).pop("virtualNetworkSubnetId")),
    ("alerts_reach_somebody", "default", "nobody is told", lambda t: _rule(t)["actions"].update(actionGroups=[])),
    (
        "alerts_reach_somebody",
        "default",
        "no status page",
        lambda t: _rule(t).update(description="Something is wrong."),
    ),
    (
        "alerts_reach_somebody",
        "default",
        "two rows are wanted",
        lambda t: _rule(t)["criteria"]["allOf"][0].update(threshold=1),
    ),
]


@pytest.mark.parametrize(
    ("policy", "name", "harm"), [(p, n, b) for p, n, _, b in BREAKS], ids=[f"{p}: {what}" for p, _, what, _ in BREAKS]
)
def test_the_policy_refuses(policy: str, name: str, harm: Break) -> None:
    template = committed(name)
    harm(template)
    assert POLICIES[policy](template) != []


def test_every_policy_has_something_that_it_refuses() -> None:
    assert {policy for policy, *_ in BREAKS} == POLICIES.keys()


def test_a_setting_that_the_code_gets_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(
        POLICIES["settings_of_the_code"].__globals__, "TIMER_SCHEDULES", {"NEW_SCHEDULE": "0 0 3 * * *"}
    )
    found = POLICIES["settings_of_the_code"](committed("default"))
    assert "NEW_SCHEDULE is not set" in found
    assert "SWEEP_SCHEDULE is read by nobody" in found
