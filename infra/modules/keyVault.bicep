metadata description = 'The vault of the three secrets. A secret that is not given is left as it is, and can be put there by hand.'

@description('Name of the vault.')
@minLength(3)
@maxLength(24)
param name string

@description('Region.')
@maxLength(40)
param location string

@description('Tags.')
param tags object

@description('Only a private endpoint leads to it.')
param isolated bool

@description('Log Analytics workspace.')
@maxLength(63)
param workspaceName string

@description('Lightning Bolt\'s client id; empty: left alone.')
@secure()
param lightningBoltClientId string

@description('Lightning Bolt\'s client secret; empty: left alone.')
@secure()
param lightningBoltClientSecret string

@description('Key of the callback\'s signature; empty: left alone.')
@secure()
param publishSecret string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enablePurgeProtection: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enabledForDeployment: false
    enabledForDiskEncryption: false
    enabledForTemplateDeployment: false
    publicNetworkAccess: isolated ? 'Disabled' : 'Enabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: isolated ? 'Deny' : 'Allow'
    }
  }
}

resource clientId 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(lightningBoltClientId)) {
  parent: vault
  name: 'lightning-bolt-client-id'
  properties: { value: lightningBoltClientId, contentType: 'text/plain' }
}

resource clientSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(lightningBoltClientSecret)) {
  parent: vault
  name: 'lightning-bolt-client-secret'
  properties: { value: lightningBoltClientSecret, contentType: 'text/plain' }
}

resource signingKey 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = if (!empty(publishSecret)) {
  parent: vault
  name: 'publish-secret'
  properties: { value: publishSecret, contentType: 'text/plain' }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: vault
  name: 'to-workspace'
  properties: {
    workspaceId: workspace.id
    logs: [{ category: 'AuditEvent', enabled: true }]
  }
}
