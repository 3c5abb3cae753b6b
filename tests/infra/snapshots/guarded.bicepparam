using '../../../infra/main.bicep'

// Sign-in, locks, an address list, alerts by mail, the secrets given, and everybody written to.
param environmentName = 'test'
param installationId = 'test'
param lightningBoltUrl = 'https://data.lightning-bolt.example'
param lightningBoltTokenUrl = 'https://login.lightning-bolt.example/token'
param lightningBoltViews = [
  { view_id: 50, time_zone: 'America/Chicago' }
]
param lightningBoltClientId = 'a-client-id-that-must-not-be-seen'
param lightningBoltClientSecret = 'a-client-secret-that-must-not-be-seen'
param publishSecret = 'a-publish-secret-that-must-not-be-seen'
param signInClientId = '00000000-0000-0000-0000-00000000c11e'
param operatorIds = ['00000000-0000-0000-0000-0000000000a1']
param operatorGroupIds = ['00000000-0000-0000-0000-0000000000b1']
param lockResources = true
param allowedAddresses = ['192.0.2.0/28', '198.51.100.7/32']
param restrictPublishing = true
param alertEmails = ['operators@hospital.example']
param paused = false
param tags = { owner: 'scheduling' }
