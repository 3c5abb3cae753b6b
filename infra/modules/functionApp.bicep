metadata description = 'The app on Flex Consumption, with its settings.'

@description('Name of the app.')
@minLength(2)
@maxLength(60)
param name string

@description('Name of its plan.')
@minLength(1)
@maxLength(60)
param planName string

@description('Region.')
@maxLength(40)
param location string

@description('Tags.')
param tags object

@description('Name of the app\'s identity.')
@maxLength(128)
param identityName string

@description('Name of the storage account.')
@maxLength(24)
param storageName string

@description('Container of the deployed package.')
@maxLength(63)
param containerName string

@description('Name of the Application Insights component.')
@maxLength(255)
param insightsName string

@description('Megabytes of memory of an instance.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int

@description('The most instances at a time.')
@minValue(1)
@maxValue(1000)
param maximumInstances int

@description('Instances that are kept warm.')
@maxLength(10)
param alwaysReady { name: string, instanceCount: int }[]

@description('Calls that one instance serves at a time.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int

@description('Addresses that may call the app; empty: all.')
@maxLength(200)
param allowedAddresses string[]

@description('Whether the list holds for publishing as well.')
param restrictPublishing bool

@description('Id of the subnet that the app is in; empty: none.')
@maxLength(500)
param subnetId string

@description('The app\'s own settings (shared/settings.py), by name.')
param settings object

@description('Whether people sign in with Entra.')
param signIn bool

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-11-01' = {
  name: name
  location: location
  // azd finds the app that it publishes to by this tag.
  tags: union(tags, { 'azd-service-name': 'app' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identity.id
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: { name: 'python', version: '3.13' }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${account.properties.primaryEndpoints.blob}${containerName}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstances
        alwaysReady: alwaysReady
        triggers: {
          http: { perInstanceConcurrency: httpConcurrency }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      ftpsState: 'Disabled'
      ipSecurityRestrictionsDefaultAction: empty(allowedAddresses) ? 'Allow' : 'Deny'
      ipSecurityRestrictions: [
        for (address, i) in allowedAddresses: {
          name: 'allowed-${i + 1}'
          ipAddress: address
          action: 'Allow'
          priority: 100 + i
        }
      ]
      scmIpSecurityRestrictionsUseMain: restrictPublishing
    }
  }
}

// Publishing wants an Entra identity, too: no user name and password.
resource noPasswordFtp 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noPasswordScm 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-11-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

resource appSettings 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'appsettings'
  properties: union(
    settings,
    {
      AzureWebJobsStorage__blobServiceUri: account.properties.primaryEndpoints.blob
      AzureWebJobsStorage__queueServiceUri: account.properties.primaryEndpoints.queue
      AzureWebJobsStorage__tableServiceUri: account.properties.primaryEndpoints.table
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      // For Graph: azure-identity's own name for the identity to take.
      AZURE_CLIENT_ID: identity.properties.clientId
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      // Its like, PYTHON_APPLICATIONINSIGHTS_ENABLE_TELEMETRY, would record the addresses of all requests, mailboxes in them.
      PYTHON_ENABLE_OPENTELEMETRY: 'true'
    },
    // Sign-in proves itself by the identity in place of a client secret.
    signIn ? { OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identity.properties.clientId } : {}
  )
}

@description('Host name of the app.')
output hostName string = app.properties.defaultHostName
