metadata description = 'Entra sign-in in front of the app: whatever is not excluded answers 401 to strangers, so that a new route is protected from its first day.'

@description('Name of the app.')
@maxLength(60)
param appName string

@description('Client id of the Entra app registration that people sign in to.')
@minLength(36)
@maxLength(36)
param clientId string

@description('Object ids of people who may sign in.')
@maxLength(100)
param people string[]

@description('Object ids of groups whose members may sign in.')
@maxLength(20)
param groups string[]

@description('Client ids of programs, besides the app itself, whose tokens are taken.')
@maxLength(20)
param programs string[]

resource app 'Microsoft.Web/sites@2024-11-01' existing = {
  name: appName
}

resource auth 'Microsoft.Web/sites/config@2024-11-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // The callback has its key and its signature; health tells no secrets, and probes have no identity.
      excludedPaths: ['/api/publish', '/api/health']
    }
    httpSettings: { requireHttps: true }
    login: { tokenStore: { enabled: false } }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          clientSecretSettingName: 'OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID'
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: [clientId, 'api://${clientId}']
          defaultAuthorizationPolicy: {
            allowedApplications: concat([clientId], programs)
            allowedPrincipals: { identities: people, groups: groups }
          }
        }
      }
    }
  }
}
