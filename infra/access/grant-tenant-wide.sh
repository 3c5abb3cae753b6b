#!/usr/bin/env bash
# Lets the app read and write the calendars of the whole tenant. docs/access.md says when that is right, and why never both.
#
#   grant-tenant-wide.sh --principal-id ID --no-scoped-role [--what-if]     grants Graph's Calendars.ReadWrite
#   grant-tenant-wide.sh --principal-id ID --revoke [--what-if]             takes it back
#
# ID: the deployment's output identityPrincipalId. Who runs it is signed in (az login) as Privileged Role Administrator.
# --what-if reads, and says what would be written. Run twice, it writes once.
set -euo pipefail

GRAPH=https://graph.microsoft.com/v1.0
GRAPH_APP=00000003-0000-0000-c000-000000000000
ROLE=ef54d2bf-783f-4e0f-bca1-3210c0444d99 # Calendars.ReadWrite, as application

fail() {
    echo "grant-tenant-wide: $1" >&2
    exit "${2:-1}"
}

principal='' what_if=false revoke=false no_scoped_role=false
while [ $# -gt 0 ]; do
    case $1 in
        --principal-id) principal=${2:-}; shift; [ $# -gt 0 ] && shift ;;
        --what-if) what_if=true; shift ;;
        --revoke) revoke=true; shift ;;
        --no-scoped-role) no_scoped_role=true; shift ;;
        *) fail "unknown: $1" 2 ;;
    esac
done
[[ $principal =~ ^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$ ]] || fail "--principal-id wants an object id" 2
command -v az >/dev/null || fail "the Azure CLI (az) is not there" 2

# Exchange keeps the scoped role where az cannot see it, and adds up what either side grants.
if ! $revoke && ! $no_scoped_role; then
    fail "if the scoped role is there, this grant makes its scope meaningless. Look first, in Exchange Online PowerShell:
  Get-ManagementRoleAssignment -RoleAssignee $principal
It must list no 'Application Calendars.ReadWrite'. Then say so: --no-scoped-role" 2
fi

write() {
    if $what_if; then
        echo "what if: az rest $*"
    else
        az rest "$@" --output none
    fi
}

granted=$(az rest --method GET --url "$GRAPH/servicePrincipals/$principal/appRoleAssignments" \
    --query "value[?appRoleId=='$ROLE'].id | [0]" --output tsv)

if $revoke; then
    if [ -z "$granted" ]; then
        echo "nothing to take back: Calendars.ReadWrite is not granted"
    else
        write --method DELETE --url "$GRAPH/servicePrincipals/$principal/appRoleAssignments/$granted"
        $what_if || echo "taken back. Tokens that are out work for up to a day."
    fi
elif [ -n "$granted" ]; then
    echo "nothing to do: Calendars.ReadWrite is granted already"
else
    resource=$(az rest --method GET --url "$GRAPH/servicePrincipals(appId='$GRAPH_APP')?\$select=id" --query id --output tsv)
    [ -n "$resource" ] || fail "Microsoft Graph's service principal was not found in this tenant"
    write --method POST --url "$GRAPH/servicePrincipals/$principal/appRoleAssignments" \
        --headers Content-Type=application/json \
        --body "{\"principalId\": \"$principal\", \"resourceId\": \"$resource\", \"appRoleId\": \"$ROLE\"}"
    $what_if || echo "granted: Calendars.ReadWrite, in every mailbox of the tenant"
fi
