"""What must hold of anything that is deployed. Each policy takes a snapshot and says what it finds wrong."""

import json
import re
from collections.abc import Callable

from shared.errors import SettingsError
from shared.settings import TIMER_SCHEDULES, Settings, read_settings
from shared.state.connection import NAME, QUEUES, TABLES
from tests.infra.template import Template, of, settings_of, wanting

type Policy = Callable[[Template], list[str]]

FOR_THE_HOST = {
    f"{NAME}__blobServiceUri",
    f"{NAME}__queueServiceUri",
    f"{NAME}__tableServiceUri",
    f"{NAME}__credential",
    f"{NAME}__clientId",
}
"""Storage by identity: the host reads all of them, the app two addresses and the client id."""
FOR_LIBRARIES = {
    "APPLICATIONINSIGHTS_CONNECTION_STRING",
    "APPLICATIONINSIGHTS_AUTHENTICATION_STRING",
    "PYTHON_ENABLE_OPENTELEMETRY",
    "AZURE_CLIENT_ID",
}
FOR_SIGN_IN = {"OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID"}

FLEX_REFUSES = {
    "FUNCTIONS_WORKER_RUNTIME",
    "FUNCTIONS_EXTENSION_VERSION",
    "WEBSITE_RUN_FROM_PACKAGE",
    "SCM_DO_BUILD_DURING_DEPLOYMENT",
    "ENABLE_ORYX_BUILD",
    "TZ",
    "WEBSITE_TIME_ZONE",
}
"""https://learn.microsoft.com/azure/azure-functions/functions-app-settings, "Flex Consumption plan deprecations"."""

ROLES = {
    ("b7e6dc6d-f1e8-4753-8033-0f276bb0955b", "Microsoft.Storage/storageAccounts"),  # Storage Blob Data Owner
    ("974c5e8b-45b9-4653-ba55-5f855dd0fb88", "Microsoft.Storage/storageAccounts"),  # Storage Queue Data Contributor
    ("0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3", "Microsoft.Storage/storageAccounts"),  # Storage Table Data Contributor
    ("4633458b-17de-408a-b874-0445c86b69e6", "Microsoft.KeyVault/vaults"),  # Key Vault Secrets User
    ("3913510d-42f4-4e42-8a64-420c390055eb", "Microsoft.Insights/components"),  # Monitoring Metrics Publisher
}
SECRETS = {"LIGHTNING_BOLT_CLIENT_ID", "LIGHTNING_BOLT_CLIENT_SECRET", "PUBLISH_SECRET"}
_IS_SECRET = re.compile(
    r"accountkey=|sharedaccess|list\w*(?:keys|secrets)\(|must-not-be-seen|"
    r"parameters\('(?:lightningBoltClientId|lightningBoltClientSecret|publishSecret)'\)",
    re.IGNORECASE,
)


def no_shared_keys(template: Template) -> list[str]:
    """The storage account has no key that opens it."""
    accounts = of(template, "Microsoft.Storage/storageAccounts")
    return [
        *wanting(accounts, {"allowSharedKeyAccess": False, "isLocalUserEnabled": False}),
        *(f"{NAME} is a connection string" for name in settings_of(template) if name == NAME),
    ]


def no_public_blobs(template: Template) -> list[str]:
    """No blob can be read without an identity."""
    return [
        *wanting(of(template, "Microsoft.Storage/storageAccounts"), {"allowBlobPublicAccess": False}),
        *wanting(of(template, "Microsoft.Storage/storageAccounts/blobServices/containers"), {"publicAccess": "None"}),
    ]


def tls_1_2(template: Template) -> list[str]:
    """Nothing older is spoken."""
    return [
        *wanting(of(template, "Microsoft.Storage/storageAccounts"), {"minimumTlsVersion": "TLS1_2"}),
        *wanting(
            of(template, "Microsoft.Web/sites"),
            {"siteConfig.minTlsVersion": "1.2", "siteConfig.scmMinTlsVersion": "1.2"},
        ),
    ]


def https_only(template: Template) -> list[str]:
    """Nothing goes unencrypted, neither to us nor from us."""
    return [
        *wanting(of(template, "Microsoft.Storage/storageAccounts"), {"supportsHttpsTrafficOnly": True}),
        *wanting(of(template, "Microsoft.Web/sites"), {"httpsOnly": True}),
        *(f"{name} is http" for name, value in settings_of(template).items() if value.startswith("http://")),
    ]


def no_secret_in_a_setting(template: Template) -> list[str]:
    """Credentials stand in the vault; settings refer to it."""
    found = []
    for name, value in settings_of(template).items():
        if name in SECRETS and value and not value.startswith("@Microsoft.KeyVault("):
            found.append(f"{name} is no reference to the vault")
        if _IS_SECRET.search(value):
            found.append(f"{name} holds a secret")
    return found


def no_secret_in_an_output(template: Template) -> list[str]:
    """Whoever may read deployments reads outputs."""
    return [
        name
        for name, value in template["outputs"].items()
        if _IS_SECRET.search(json.dumps(value)) or re.search(r"connectionstring|instrumentationkey", value.lower())
    ]


def secrets_only_in_the_vault(template: Template) -> list[str]:
    """What a secure parameter brings goes nowhere else."""
    return [
        resource["name"]
        for resource in template["predictedResources"]
        if resource["type"] != "Microsoft.KeyVault/vaults/secrets" and _IS_SECRET.search(json.dumps(resource))
    ] + [
        f"{resource['name']} is written though nothing is given"
        for resource in of(template, "Microsoft.KeyVault/vaults/secrets")
        if "empty(parameters(" not in resource.get("condition", "")
    ]


def least_roles_at_least_scope(template: Template) -> list[str]:
    """The app's identity has exactly these roles, each on one resource, and nobody else has any."""
    found, wrong = set(), []
    for resource in of(template, "Microsoft.Authorization/roleAssignments"):
        scope, _, _ = resource["id"].partition("/providers/Microsoft.Authorization/roleAssignments/")
        kind = "/".join(scope.rpartition("/providers/")[2].split("/")[:-1]) if "/providers/" in scope else scope
        found.add((resource["properties"]["roleDefinitionId"].rpartition("/")[2], kind))
        if not re.search(r"userAssignedIdentities/id-[^']+'.*\.principalId\]$", resource["properties"]["principalId"]):
            wrong.append(f"{resource['name']} is somebody else's")
    wrong += [f"{role} on {scope} is not needed" for role, scope in sorted(found - ROLES)]
    return wrong + [f"{role} on {scope} is missing" for role, scope in sorted(ROLES - found)]


def queues_and_tables_of_the_code(template: Template) -> list[str]:
    """Whatever the code opens is there; it may not make them itself."""
    base = "Microsoft.Storage/storageAccounts"
    queues = {resource["name"].rpartition("/")[2] for resource in of(template, f"{base}/queueServices/queues")}
    tables = {resource["name"].rpartition("/")[2] for resource in of(template, f"{base}/tableServices/tables")}
    wanted = {*QUEUES, *(f"{queue}-poison" for queue in QUEUES)}
    return [
        *(f"queue {name} is missing" for name in sorted(wanted - queues)),
        *(f"queue {name} is nobody's" for name in sorted(queues - wanted)),
        *(f"table {name} is missing" for name in sorted({*TABLES} - tables)),
        *(f"table {name} is nobody's" for name in sorted(tables - {*TABLES})),
    ]


def settings_of_the_code(template: Template) -> list[str]:
    """Every setting that the code or the host reads is set, no other is, and the app starts with them."""
    settings = settings_of(template)
    signs_in = any(item["name"].endswith("/authsettingsV2") for item in of(template, "Microsoft.Web/sites/config"))
    ours = {name.upper() for name in Settings.model_fields} | TIMER_SCHEDULES.keys()
    wanted = ours | FOR_THE_HOST | FOR_LIBRARIES | (FOR_SIGN_IN if signs_in else set())
    found = [f"{name} is not set" for name in sorted(wanted - settings.keys())]
    found += [f"{name} is read by nobody" for name in sorted(settings.keys() - wanted)]
    try:
        read_settings(settings)
    except SettingsError as error:
        found.append(str(error))
    return found


def nothing_that_flex_refuses(template: Template) -> list[str]:
    """Flex Consumption fails to deploy, or to start, with these."""
    settings = settings_of(template)
    found = [name for name in settings if name in FLEX_REFUSES or name.startswith("WEBSITE_CONTENT")]
    for site in of(template, "Microsoft.Web/sites"):
        config = site["properties"].get("siteConfig", {})
        found += [
            name for name in ("linuxFxVersion", "functionAppScaleLimit", "preWarmedInstanceCount") if name in config
        ]
        found += ["alwaysOn"] if config.get("alwaysOn") else []
        found += ["appSettings beside config/appsettings"] if "appSettings" in config else []
    return found + [slot["name"] for slot in of(template, "Microsoft.Web/sites/slots")]


def flex_consumption_with_bounds(template: Template) -> list[str]:
    """Python 3.13 on FC1, by identity throughout, and a bound on instances."""
    sites = of(template, "Microsoft.Web/sites")
    found = [
        *wanting(
            sites,
            {
                "functionAppConfig.runtime": {"name": "python", "version": "3.13"},
                "functionAppConfig.deployment.storage.authentication.type": "UserAssignedIdentity",
            },
        ),
        *(plan["name"] for plan in of(template, "Microsoft.Web/serverfarms") if plan["sku"]["name"] != "FC1"),
    ]
    for site in sites:
        most = site["properties"]["functionAppConfig"]["scaleAndConcurrency"].get("maximumInstanceCount")
        if not isinstance(most, int) or not 1 <= most <= 1000:
            found.append(f"{site['name']}: at most {most} instances")
        if site["identity"]["type"] != "UserAssigned":
            found.append(f"{site['name']}: identity is {site['identity']['type']}")
    return found


def telemetry_by_identity(template: Template) -> list[str]:
    """Who has the connection string can send nothing."""
    return [
        *wanting(of(template, "Microsoft.Insights/components"), {"DisableLocalAuth": True}),
        *wanting(of(template, "Microsoft.OperationalInsights/workspaces"), {"features.disableLocalAuth": True}),
        *(
            f"{name} is not by identity"
            for name, value in settings_of(template).items()
            if name == "APPLICATIONINSIGHTS_AUTHENTICATION_STRING" and "Authorization=AAD" not in value
        ),
    ]


def no_password_publishes(template: Template) -> list[str]:
    """Publishing wants an Entra identity; nobody debugs from afar."""
    doors = of(template, "Microsoft.Web/sites/basicPublishingCredentialsPolicies")
    names = {door["name"].rpartition("/")[2] for door in doors}
    return [
        *wanting(doors, {"allow": False}),
        *(f"{name} is open" for name in sorted({"ftp", "scm"} - names)),
        *wanting(of(template, "Microsoft.Web/sites"), {"siteConfig.ftpsState": "Disabled"}),
        *(
            f"{site['name']}: remote debugging"
            for site in of(template, "Microsoft.Web/sites")
            if site["properties"]["siteConfig"].get("remoteDebuggingEnabled")
        ),
    ]


def vault_keeps_what_is_deleted(template: Template) -> list[str]:
    """Access by role, and nothing in it is lost by mistake or malice."""
    return list(
        wanting(
            of(template, "Microsoft.KeyVault/vaults"),
            {"enableRbacAuthorization": True, "enablePurgeProtection": True, "enableSoftDelete": True},
        )
    )


def strangers_get_401(template: Template) -> list[str]:
    """Where people sign in: everything is closed but the callback and health, and not every colleague gets in."""
    auths = [item for item in of(template, "Microsoft.Web/sites/config") if item["name"].endswith("/authsettingsV2")]
    found: list[str] = []
    for auth in auths:
        found += wanting(
            [auth],
            {
                "platform.enabled": True,
                "globalValidation.requireAuthentication": True,
                "globalValidation.unauthenticatedClientAction": "Return401",
                "globalValidation.excludedPaths": ["/api/publish", "/api/health"],
                "httpSettings.requireHttps": True,
            },
        )
        validation = auth["properties"]["identityProviders"]["azureActiveDirectory"]["validation"]
        principals = validation["defaultAuthorizationPolicy"]["allowedPrincipals"]
        if not principals["identities"] and not principals["groups"]:
            found.append("everybody in the tenant may sign in")
    return found


def isolated_or_not_at_all(template: Template) -> list[str]:
    """Where there is a network, storage and vault are reached through it alone, and the app is in it."""
    if not of(template, "Microsoft.Network/virtualNetworks"):
        return []
    stores = of(template, "Microsoft.Storage/storageAccounts") + of(template, "Microsoft.KeyVault/vaults")
    private = of(template, "Microsoft.Network/privateEndpoints")
    connections = [part for end in private for part in end["properties"]["privateLinkServiceConnections"]]
    groups = {group for part in connections for group in part["properties"]["groupIds"]}
    return [
        *wanting(stores, {"publicNetworkAccess": "Disabled", "networkAcls.defaultAction": "Deny"}),
        *(f"no private endpoint for {name}" for name in sorted({"blob", "queue", "table", "vault"} - groups)),
        *(
            f"{site['name']} is outside"
            for site in of(template, "Microsoft.Web/sites")
            if not str(site["properties"].get("virtualNetworkSubnetId", "")).endswith("/subnets/app")
        ),
    ]


def alerts_reach_somebody(template: Template) -> list[str]:
    """Every rule has an action group, says where to look, and fires on any row."""
    found = []
    for rule in of(template, "Microsoft.Insights/scheduledQueryRules"):
        properties = rule["properties"]
        [criterion] = properties["criteria"]["allOf"]
        if not properties["actions"]["actionGroups"]:
            found.append(f"{rule['name']} tells nobody")
        if "/api/status" not in properties["description"]:
            found.append(f"{rule['name']} does not say where the status page is")
        if (criterion["timeAggregation"], criterion["operator"], criterion["threshold"]) != ("Count", "GreaterThan", 0):
            found.append(f"{rule['name']} does not fire on any row")
    return found or ([] if of(template, "Microsoft.Insights/actionGroups") else ["no action group"])


POLICIES: dict[str, Policy] = {
    policy.__name__: policy
    for policy in (
        no_shared_keys,
        no_public_blobs,
        tls_1_2,
        https_only,
        no_secret_in_a_setting,
        no_secret_in_an_output,
        secrets_only_in_the_vault,
        least_roles_at_least_scope,
        queues_and_tables_of_the_code,
        settings_of_the_code,
        nothing_that_flex_refuses,
        flex_consumption_with_bounds,
        telemetry_by_identity,
        no_password_publishes,
        vault_keeps_what_is_deleted,
        strangers_get_401,
        isolated_or_not_at_all,
        alerts_reach_somebody,
    )
}
