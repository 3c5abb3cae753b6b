<#
.SYNOPSIS
Lets the app read and write the calendars of one group's members, and of nobody else.

.DESCRIPTION
Exchange Online's RBAC for Applications: the app's service principal, a management scope of the group's members, and the
role "Application Calendars.ReadWrite" in that scope. Run again, it changes only what is not so yet. -WhatIf writes nothing.
It ends with a check that a member is within reach and somebody else is not. docs/access.md says when to use this script.

Who runs it is in the role group Organization Management and has called Connect-ExchangeOnline. Members of groups inside the
group are not in scope. A change may take two hours to work.

.PARAMETER PrincipalId
Object id of the app's identity: the deployment's output identityPrincipalId.

.PARAMETER ClientId
Its client id: the deployment's output identityClientId.

.PARAMETER Group
The mail-enabled security group whose members get shifts: name, alias or address.

.PARAMETER Member
Address of a direct member of the group, for the check.

.PARAMETER NonMember
Address of a mailbox outside the group, for the check.

.PARAMETER Name
Name of what is made in Exchange.

.PARAMETER NoTenantWideRole
Says that you have looked yourself whether Entra grants Calendars.ReadWrite, where the Azure CLI is not at hand to look.

.EXAMPLE
./Grant-ScopedAccess.ps1 -PrincipalId $principal -ClientId $client -Group lightning-bolt-calendars `
    -Member ann@hospital.example -NonMember bob@hospital.example -WhatIf
#>
[CmdletBinding(SupportsShouldProcess, ConfirmImpact = 'Medium')]
param(
    [Parameter(Mandatory)][guid] $PrincipalId,
    [Parameter(Mandatory)][guid] $ClientId,
    [Parameter(Mandatory)][ValidateNotNullOrEmpty()][string] $Group,
    [Parameter(Mandatory)][ValidateNotNullOrEmpty()][string] $Member,
    [Parameter(Mandatory)][ValidateNotNullOrEmpty()][string] $NonMember,
    [ValidateLength(1, 60)][string] $Name = 'Lightning Bolt to Outlook',
    [switch] $NoTenantWideRole
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

$role = 'Application Calendars.ReadWrite'
$tenantWideRole = 'ef54d2bf-783f-4e0f-bca1-3210c0444d99' # Calendars.ReadWrite of Microsoft Graph, as application

if (-not (Get-Command Get-ManagementScope -ErrorAction SilentlyContinue)) {
    throw 'Not connected to Exchange Online: Install-Module ExchangeOnlineManagement; Connect-ExchangeOnline'
}

# What Entra grants and what Exchange grants add up: with the tenant-wide role the scope below would mean nothing.
if (-not $NoTenantWideRole) {
    if (-not (Get-Command az -ErrorAction SilentlyContinue)) {
        throw 'The Azure CLI is not there to look for the tenant-wide role. Look yourself (Entra, Enterprise applications, ' +
            'the identity, Permissions: no Calendars.ReadWrite), and say so with -NoTenantWideRole.'
    }
    $url = "https://graph.microsoft.com/v1.0/servicePrincipals/$PrincipalId/appRoleAssignments"
    $granted = az rest --method GET --url $url --query "value[?appRoleId=='$tenantWideRole'].id | [0]" --output tsv
    if ($LASTEXITCODE -ne 0) { throw 'The Azure CLI could not read what Entra grants (az login?).' }
    if ($granted) {
        throw 'Entra grants Calendars.ReadWrite for the whole tenant. Take it back first: ' +
            "grant-tenant-wide.sh --principal-id $PrincipalId --revoke"
    }
}

# Which property holds the scope of an application's role differs between versions of the module.
function Get-Scope($Assignment) {
    foreach ($property in 'CustomResourceScope', 'CustomRecipientWriteScope') {
        $found = $Assignment.PSObject.Properties[$property]
        if ($found -and $found.Value) { return "$($found.Value)" }
    }
    return ''
}

$members = Get-Group -Identity $Group
$filter = "MemberOfGroup -eq '$($members.DistinguishedName.Replace("'", "''"))'"

$principal = Get-ServicePrincipal | Where-Object { $_.ObjectId -eq "$PrincipalId" }
if (-not $principal -and $PSCmdlet.ShouldProcess("$PrincipalId", 'Make the service principal known to Exchange')) {
    $principal = New-ServicePrincipal -AppId $ClientId -ObjectId $PrincipalId -DisplayName $Name
}

$scope = Get-ManagementScope | Where-Object { $_.Name -eq $Name }
if (-not $scope) {
    if ($PSCmdlet.ShouldProcess($Name, "Make a management scope: $filter")) {
        $scope = New-ManagementScope -Name $Name -RecipientRestrictionFilter $filter
    }
}
elseif ($scope.RecipientFilter -notlike "*$($members.DistinguishedName.Replace("'", "''"))*") {
    if ($PSCmdlet.ShouldProcess($Name, "Change the management scope to: $filter")) {
        Set-ManagementScope -Identity $Name -RecipientRestrictionFilter $filter
    }
}

$assignments = @(if ($principal) { Get-ManagementRoleAssignment -RoleAssignee "$PrincipalId" | Where-Object { $_.Role -eq $role } })
$elsewhere = @($assignments | Where-Object { (Get-Scope $_) -ne $Name })
if ($elsewhere) {
    throw "The app has the role in another scope, too: $($elsewhere.Name -join ', '). Remove it (Remove-ManagementRoleAssignment)."
}
if (-not $assignments -and $PSCmdlet.ShouldProcess("$PrincipalId", "Assign '$role' in scope '$Name'")) {
    New-ManagementRoleAssignment -Name "$Name calendars" -App $PrincipalId -Role $role -CustomResourceScope $Name | Out-Null
    $assignments = @('made')
}

if (-not $principal -or -not $assignments) {
    Write-Output 'Nothing to check yet: this run wrote nothing.'
    return
}

# Asks Exchange's rules, not its caches: what it says now holds in two hours at the latest.
function Test-Reach([string] $Mailbox) {
    $rows = Test-ServicePrincipalAuthorization -Identity "$PrincipalId" -Resource $Mailbox
    [bool]($rows | Where-Object { $_.RoleName -eq $role -and "$($_.InScope)" -eq 'True' })
}

$failures = @()
if (-not (Test-Reach $Member)) { $failures += "$Member is a member, and out of reach" }
if (Test-Reach $NonMember) { $failures += "$NonMember is no member, and within reach" }
if ($failures) { throw ($failures -join '; ') }
Write-Output "Checked: $Member is within reach, $NonMember is not."
