metadata description = 'Locks against deletion by mistake. Whoever means it removes the lock first.'

@description('Name of the storage account.')
@maxLength(24)
param storageName string

@description('Name of the vault.')
@maxLength(24)
param vaultName string

@description('Name of the app\'s identity.')
@maxLength(128)
param identityName string

@description('Name of the app.')
@maxLength(60)
param appName string

var level = 'CanNotDelete'

resource account 'Microsoft.Storage/storageAccounts@2025-01-01' existing = {
  name: storageName
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vaultName
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' existing = {
  name: identityName
}

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource onStorage 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: account
  name: 'keep'
  properties: { level: level, notes: 'What calendars should hold, and what they are known to hold.' }
}

resource onVault 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: vault
  name: 'keep'
  properties: { level: level, notes: 'Credentials of Lightning Bolt, key of the callback.' }
}

resource onIdentity 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: identity
  name: 'keep'
  properties: { level: level, notes: 'A new identity would have no access to calendars.' }
}

resource onApp 'Microsoft.Authorization/locks@2020-05-01' = {
  scope: app
  name: 'keep'
  properties: { level: level, notes: 'Its function key is in Lightning Bolt\'s settings.' }
}
