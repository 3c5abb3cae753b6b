metadata description = 'The app\'s identity: all that it may do, it may do as this one.'

@description('Its name.')
@maxLength(128)
param name string

@description('Region.')
@maxLength(40)
param location string

@description('Tags.')
param tags object

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: name
  location: location
  tags: tags
}

@description('Object id of its service principal: what access to calendars is granted to.')
output principalId string = identity.properties.principalId

@description('Client id (application id) of its service principal.')
output clientId string = identity.properties.clientId
