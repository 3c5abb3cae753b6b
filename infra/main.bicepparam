using 'main.bicep'

// What every installation must say. All else has a default; main.bicep lists it, docs/deploy.md explains it.

param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'prod')
param installationId = 'hospital-prod'
param lightningBoltUrl = 'https://data.lightning-bolt.example'
param lightningBoltTokenUrl = 'https://login.lightning-bolt.example/token'
param lightningBoltViews = [
  { view_id: 50, time_zone: 'America/Chicago' }
]
param alertEmails = []

// Go-live, step by step (docs/deploy.md): first this, then [2101, 2102] with paused = false, then null.
param paused = true
param pilotPeople = []

// Secrets come from the environment of whoever deploys, and stay out of every file. Empty: the vault's are left alone.
param lightningBoltClientId = readEnvironmentVariable('LIGHTNING_BOLT_CLIENT_ID', '')
param lightningBoltClientSecret = readEnvironmentVariable('LIGHTNING_BOLT_CLIENT_SECRET', '')
param publishSecret = readEnvironmentVariable('PUBLISH_SECRET', '')
