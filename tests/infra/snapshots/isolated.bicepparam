using '../../../infra/main.bicep'

// Storage and vault in a network of their own, every access to tables and queues logged.
param environmentName = 'test'
param installationId = 'test'
param lightningBoltUrl = 'https://data.lightning-bolt.example'
param lightningBoltTokenUrl = 'https://login.lightning-bolt.example/token'
param lightningBoltViews = [
  { view_id: 50, time_zone: 'America/Chicago' }
]
param networkIsolated = true
param logStorageAccess = true
param storageRedundancy = 'Standard_ZRS'
