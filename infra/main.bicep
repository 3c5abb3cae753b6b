metadata name = 'Lightning Bolt to Outlook'
metadata description = 'All of it in one resource group. docs/deploy.md says how; docs/access.md what has to be granted besides.'

targetScope = 'resourceGroup'

// ---------------------------------------------------------------------------------------------- the installation

@description('Short name of this installation; part of the resources\' names.')
@minLength(2)
@maxLength(16)
param environmentName string

@description('Region of everything.')
@minLength(3)
@maxLength(40)
param location string = resourceGroup().location

@description('Tags of every resource.')
param tags object = {}

@description('Locks storage, vault, identity and app against deletion.')
param lockResources bool = false

// ---------------------------------------------------------------------------------------------- Lightning Bolt

@description('Lightning Bolt\'s data host, https.')
@minLength(9)
@maxLength(300)
param lightningBoltUrl string

@description('Where its tokens are had, https.')
@minLength(9)
@maxLength(300)
param lightningBoltTokenUrl string

@description('The views that are read, each with the zone of its wall clock. The first that shows a schedule answers for it.')
@minLength(1)
@maxLength(50)
param lightningBoltViews { view_id: int, time_zone: string }[]

@description('Personnel field that holds the Microsoft ID.')
@allowed(['unique_id', 'custom1', 'custom2', 'custom3', 'custom4'])
param personIdField string = 'unique_id'

@description('Lightning Bolt\'s JSON keys of our fields, where they differ.')
param lightningBoltFields object = {}

@description('Where IDs and the fields of assignments come from.')
@allowed(['lightning_bolt', 'table'])
param mappingSource string = 'lightning_bolt'

@description('Client id of the service account. Empty: the vault\'s secret lightning-bolt-client-id stays as it is.')
@secure()
param lightningBoltClientId string = ''

@description('Its secret. Empty: the vault\'s secret lightning-bolt-client-secret stays as it is.')
@secure()
param lightningBoltClientSecret string = ''

@description('Whether a callback must be signed, with the key in the vault\'s secret publish-secret.')
param callbackSigned bool = true

@description('That key; two, separated by a comma, while one replaces the other. Empty: it stays as it is.')
@secure()
param publishSecret string = ''

// ---------------------------------------------------------------------------------------------- what is written

@description('Goes into every mark. Two installations never touch each other\'s events. Change it with care (docs/operations.md).')
@minLength(1)
@maxLength(32)
param installationId string

@description('What it was before: events of these ids are ours.')
@maxLength(5)
param earlierInstallationIds string[] = []

@description('Months before the present one that are kept in step.')
@minValue(0)
@maxValue(12)
param monthsBack int = 1

@description('Months after it.')
@minValue(0)
@maxValue(24)
param monthsAhead int = 6

@description('Rows of months further back are purged. Not less than monthsBack.')
@minValue(1)
@maxValue(120)
param retentionMonths int = 13

@description('Plan, but write to nobody. The first deployment is paused unless it says otherwise.')
param paused bool = true

@description('Write only to these people (emp_id). null: to everybody; []: to nobody.')
@maxLength(1000)
param pilotPeople int[]?

@description('An event\'s subject: text with {assignment}, {assignment_short}, {schedule}.')
@minLength(1)
@maxLength(255)
param eventSubject string = '{assignment}'

@description('Outlook category of every event; empty: none.')
@maxLength(255)
param eventCategory string = ''

@description('Outlook sensitivity of every event.')
@allowed(['normal', 'personal', 'private', 'confidential'])
param eventSensitivity string = 'normal'

@description('Reminder, so many minutes before the start. null: no reminder.')
@minValue(0)
@maxValue(40320)
param eventReminderMinutes int?

// ---------------------------------------------------------------------------------------------- how it runs

@description('Percent of a schedule\'s month that one read may take away; more is held until an operator decides.')
@minValue(1)
@maxValue(100)
param shrinkLimitPercent int = 30

@description('Shifts that a read must take away in all before anything is held for that reason.')
@minValue(1)
@maxValue(100000)
param shrinkMinimum int = 10

@description('So many seconds after a publish has been read, its months are read once more. 0: off.')
@minValue(0)
@maxValue(3600)
param readAgainSeconds int = 120

@description('Seconds that a writer has a person without renewal.')
@minValue(60)
@maxValue(300)
param leaseSeconds int = 120

@description('Seconds after a lease has run out in which a request may still take effect.')
@minValue(300)
@maxValue(3600)
param lookAgainSeconds int = 600

@description('When near months are swept: NCRONTAB, six fields, UTC.')
@minLength(11)
@maxLength(100)
param sweepSchedule string = '0 */10 * * * *'

@description('When the whole window is swept: NCRONTAB, six fields, UTC.')
@minLength(11)
@maxLength(100)
param windowSchedule string = '0 0 2 * * *'

@description('When every calendar is held against what is desired: NCRONTAB, six fields, UTC.')
@minLength(11)
@maxLength(100)
param auditSchedule string = '0 0 3 * * *'

@description('Minutes over which that is spread. 0: at once.')
@minValue(0)
@maxValue(1440)
param auditSpreadMinutes int = 240

@description('What it does about changes by hand: undo them, or report them.')
@allowed(['repair', 'report'])
param drift string = 'repair'

@description('Microsoft Graph\'s address, with its version. Another cloud has another.')
@minLength(9)
@maxLength(100)
param graphUrl string = 'https://graph.microsoft.com/v1.0'

@description('Megabytes of memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('The most instances at a time.')
@minValue(1)
@maxValue(1000)
param maximumInstances int = 40

@description('Instances that are kept warm, by group: "http", "function:plan_schedule", "function:write_calendar".')
@maxLength(10)
param alwaysReady { name: string, instanceCount: int }[] = []

@description('HTTP calls that one instance serves at a time.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 16

// ---------------------------------------------------------------------------------------------- who gets in

@description('Client id of the Entra app registration that people sign in to. Empty: no sign-in is deployed.')
@maxLength(36)
param signInClientId string = ''

@description('Object ids of people who may sign in.')
@maxLength(100)
param operatorIds string[] = []

@description('Object ids of groups whose members may sign in.')
@maxLength(20)
param operatorGroupIds string[] = []

@description('Client ids of programs whose tokens are taken. The default is the Azure CLI.')
@maxLength(20)
param operatorPrograms string[] = ['04b07795-8ddb-461a-bbee-02f9e1bf7b46']

@description('Addresses (CIDR) that may call the app, Lightning Bolt\'s among them. Empty: all.')
@maxLength(200)
param allowedAddresses string[] = []

@description('Whether that list holds for publishing as well.')
param restrictPublishing bool = false

@description('A virtual network, private endpoints for storage and vault, no public way to either.')
param networkIsolated bool = false

@description('The network\'s address range, /25 or larger.')
@minLength(9)
@maxLength(18)
param addressPrefix string = '10.70.0.0/24'

@description('How many copies of queues and tables are kept, and where.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageRedundancy string = 'Standard_LRS'

// ---------------------------------------------------------------------------------------------- who watches

@description('Who is mailed when an alert fires.')
@maxLength(20)
param alertEmails string[] = []

@description('Whether the alert rules run.')
param alertsEnabled bool = true

@description('Where docs/operations.md is read; stands in each alert.')
@maxLength(300)
param runBook string = 'docs/operations.md'

@description('Days that telemetry is kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

@description('Gigabytes of telemetry a day, after which no more is taken until the next.')
@minValue(1)
@maxValue(100)
param logDailyCapGb int = 5

@description('Whether every access to tables and queues is logged. The app\'s own are thousands a day.')
param logStorageAccess bool = false

// ---------------------------------------------------------------------------------------------- names

var unique = uniqueString(resourceGroup().id, environmentName)
var allTags = union({ application: 'lightning-bolt-outlook', 'azd-env-name': environmentName }, tags)
var identityName = 'id-${environmentName}-${unique}'
var workspaceName = 'log-${environmentName}-${unique}'
var insightsName = 'appi-${environmentName}-${unique}'
var storageName = 'st${unique}'
var vaultName = 'kv-${unique}'
var planName = 'plan-${environmentName}-${unique}'
var appName = 'func-${environmentName}-${unique}'
var networkName = 'vnet-${environmentName}-${unique}'
var containerName = 'app-package'
var signIn = !empty(signInClientId)

// ---------------------------------------------------------------------------------------------- the app's settings

// Every setting of shared/settings.py. An empty one counts as absent.
var settings = {
  LIGHTNING_BOLT_URL: lightningBoltUrl
  LIGHTNING_BOLT_TOKEN_URL: lightningBoltTokenUrl
  LIGHTNING_BOLT_CLIENT_ID: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=lightning-bolt-client-id)'
  LIGHTNING_BOLT_CLIENT_SECRET: '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=lightning-bolt-client-secret)'
  LIGHTNING_BOLT_VIEWS: string(lightningBoltViews)
  LIGHTNING_BOLT_PERSON_ID_FIELD: personIdField
  LIGHTNING_BOLT_FIELDS: string(lightningBoltFields)
  MAPPING_SOURCE: mappingSource
  GRAPH_URL: graphUrl
  GRAPH_AUTH: 'default'
  INSTALLATION_ID: installationId
  EARLIER_INSTALLATION_IDS: string(earlierInstallationIds)
  MONTHS_BACK: string(monthsBack)
  MONTHS_AHEAD: string(monthsAhead)
  RETENTION_MONTHS: string(retentionMonths)
  PAUSED: toLower(string(paused))
  PILOT_PEOPLE: pilotPeople == null ? '' : string(pilotPeople)
  EVENT_SUBJECT: eventSubject
  EVENT_CATEGORY: eventCategory
  EVENT_SENSITIVITY: eventSensitivity
  EVENT_REMINDER_MINUTES: eventReminderMinutes == null ? '' : string(eventReminderMinutes)
  // There are no fractions in this language.
  SHRINK_LIMIT: shrinkLimitPercent == 100 ? '1' : '0.${padLeft(shrinkLimitPercent, 2, '0')}'
  SHRINK_MINIMUM: string(shrinkMinimum)
  READ_AGAIN_SECONDS: string(readAgainSeconds)
  LEASE_SECONDS: string(leaseSeconds)
  LOOK_AGAIN_SECONDS: string(lookAgainSeconds)
  PUBLISH_SECRET: callbackSigned ? '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=publish-secret)' : ''
  SWEEP_SCHEDULE: sweepSchedule
  WINDOW_SCHEDULE: windowSchedule
  AUDIT_SCHEDULE: auditSchedule
  AUDIT_SPREAD_MINUTES: string(auditSpreadMinutes)
  DRIFT: drift
}

// ---------------------------------------------------------------------------------------------- what there is

module identity 'modules/identity.bicep' = {
  params: {
    name: identityName
    location: location
    tags: allTags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  params: {
    workspaceName: workspaceName
    insightsName: insightsName
    location: location
    tags: allTags
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module storage 'modules/storage.bicep' = {
  params: {
    name: storageName
    location: location
    tags: allTags
    redundancy: storageRedundancy
    isolated: networkIsolated
    containerName: containerName
    workspaceName: workspaceName
    logAccess: logStorageAccess
  }
  dependsOn: [monitoring]
}

module keyVault 'modules/keyVault.bicep' = {
  params: {
    name: vaultName
    location: location
    tags: allTags
    isolated: networkIsolated
    workspaceName: workspaceName
    lightningBoltClientId: lightningBoltClientId
    lightningBoltClientSecret: lightningBoltClientSecret
    publishSecret: publishSecret
  }
  dependsOn: [monitoring]
}

module roles 'modules/roles.bicep' = {
  params: {
    identityName: identityName
    storageName: storageName
    vaultName: vaultName
    insightsName: insightsName
  }
  dependsOn: [identity, storage, keyVault, monitoring]
}

module network 'modules/network.bicep' = if (networkIsolated) {
  params: {
    name: networkName
    location: location
    tags: allTags
    addressPrefix: addressPrefix
    storageName: storageName
    vaultName: vaultName
  }
  dependsOn: [storage, keyVault]
}

module functionApp 'modules/functionApp.bicep' = {
  params: {
    name: appName
    planName: planName
    location: location
    tags: allTags
    identityName: identityName
    storageName: storageName
    containerName: containerName
    insightsName: insightsName
    instanceMemoryMB: instanceMemoryMB
    maximumInstances: maximumInstances
    alwaysReady: alwaysReady
    httpConcurrency: httpConcurrency
    allowedAddresses: allowedAddresses
    restrictPublishing: restrictPublishing
    subnetId: networkIsolated ? resourceId('Microsoft.Network/virtualNetworks/subnets', networkName, 'app') : ''
    settings: settings
    signIn: signIn
  }
  dependsOn: [roles, network]
}

module signInFirst 'modules/signIn.bicep' = if (signIn) {
  params: {
    appName: appName
    clientId: signInClientId
    people: signIn && empty(operatorIds) && empty(operatorGroupIds)
      ? fail('operatorIds or operatorGroupIds must name somebody: without either, everybody in the tenant could sign in.')
      : operatorIds
    groups: operatorGroupIds
    programs: operatorPrograms
  }
  dependsOn: [functionApp]
}

var address = 'https://${functionApp.outputs.hostName}'
var statusAddress = signIn ? '${address}/.auth/login/aad?post_login_redirect_uri=/api/status' : '${address}/api/status'

module alerts 'modules/alerts.bicep' = {
  params: {
    name: environmentName
    location: location
    tags: allTags
    workspaceName: workspaceName
    emails: alertEmails
    enabled: alertsEnabled
    writing: !paused && pilotPeople == null
    statusPage: statusAddress
    runBook: runBook
  }
}

module workbook 'modules/workbook.bicep' = {
  params: {
    title: 'Lightning Bolt to Outlook: ${environmentName}'
    location: location
    tags: allTags
    workspaceName: workspaceName
  }
  dependsOn: [monitoring]
}

module locks 'modules/locks.bicep' = if (lockResources) {
  params: {
    storageName: storageName
    vaultName: vaultName
    identityName: identityName
    appName: appName
  }
  dependsOn: [functionApp]
}

// ---------------------------------------------------------------------------------------------- what to know

@description('Name of the app: what the package is published to.')
output functionAppName string = appName

@description('Where Lightning Bolt sends its callback; the function\'s key goes with it.')
output callbackAddress string = '${address}/api/publish'

@description('For a probe.')
output healthAddress string = '${address}/api/health'

@description('For people.')
output statusPage string = statusAddress

@description('Object id of the app\'s identity: what access to calendars is granted to (docs/access.md).')
output identityPrincipalId string = identity.outputs.principalId

@description('Its client id.')
output identityClientId string = identity.outputs.clientId

@description('The vault that the credentials go into.')
output vault string = vaultName

@description('The account of queues and tables.')
output storageAccount string = storageName

@description('The workspace of the telemetry.')
output logWorkspace string = workspaceName

@description('The address from which the app calls others; empty where it has no fixed one.')
output outwardAddress string = network.?outputs.outwardAddress ?? ''
