using '../../../infra/main.bicep'

// Warm instances, and go-live behind it: writing, to two people.
param environmentName = 'test'
param installationId = 'test'
param earlierInstallationIds = ['test-before']
param lightningBoltUrl = 'https://data.lightning-bolt.example'
param lightningBoltTokenUrl = 'https://login.lightning-bolt.example/token'
param lightningBoltViews = [
  { view_id: 50, time_zone: 'America/Chicago' }
  { view_id: 51, time_zone: 'America/New_York' }
]
param alwaysReady = [
  { name: 'http', instanceCount: 1 }
  { name: 'function:plan_schedule', instanceCount: 1 }
  { name: 'function:write_calendar', instanceCount: 2 }
]
param instanceMemoryMB = 4096
param maximumInstances = 100
param paused = false
param pilotPeople = [2101, 2102]
param eventReminderMinutes = 30
param shrinkLimitPercent = 5
