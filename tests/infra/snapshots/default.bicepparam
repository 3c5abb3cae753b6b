using '../../../infra/main.bicep'

// Only what has no default.
param environmentName = 'test'
param installationId = 'test'
param lightningBoltUrl = 'https://data.lightning-bolt.example'
param lightningBoltTokenUrl = 'https://login.lightning-bolt.example/token'
param lightningBoltViews = [
  { view_id: 50, time_zone: 'America/Chicago' }
]
