metadata description = 'One alert for each query of infra/queries/alerts. Every query returns rows only where there is something to tell.'

@description('Part of the names.')
@maxLength(40)
param name string

@description('Region.')
@maxLength(40)
param location string

@description('Tags.')
param tags object

@description('Log Analytics workspace.')
@maxLength(63)
param workspaceName string

@description('Who is mailed.')
@maxLength(20)
param emails string[]

@description('Whether the rules run.')
param enabled bool

@description('Whether everybody\'s calendar is written. If not, much is due, and is meant to be.')
param writing bool

@description('Where the status page is. It stands in each alert.')
@maxLength(300)
param statusPage string

@description('Where it is said what each alert means.')
@maxLength(300)
param runBook string

// severity: 0 critical, 1 error, 2 warning, 3 informational. An alert that mitigates itself mails once when it fires and
// once when it is over; the daily report mails each day.
var rules = [
  {
    name: 'poison-message'
    text: 'A message lies in a poison queue.'
    severity: 1
    every: 'PT10M'
    window: 'PT30M'
    mitigates: true
    tells: ['queue']
    query: loadTextContent('../queries/alerts/poison_message.kql')
  }
  {
    name: 'hold'
    text: 'Removals are held until somebody decides.'
    severity: 2
    every: 'PT10M'
    window: 'PT30M'
    mitigates: true
    tells: ['view', 'schedule', 'month', 'hold', 'cause']
    query: loadTextContent('../queries/alerts/hold.kql')
  }
  {
    name: 'oldest-due'
    text: 'A calendar has been out of step for more than 30 minutes.'
    severity: 2
    every: 'PT10M'
    window: 'PT30M'
    mitigates: true
    tells: ['view']
    query: loadTextContent('../queries/alerts/oldest_due.kql')
  }
  {
    name: 'no-read'
    text: 'No month of a view could be read for two hours.'
    severity: 1
    every: 'PT15M'
    window: 'P1D'
    mitigates: true
    tells: ['view']
    query: loadTextContent('../queries/alerts/no_read.kql')
  }
  {
    name: 'failure-share'
    text: 'More than a tenth of the calendars that were worked on, or of a function\'s runs, failed.'
    severity: 2
    every: 'PT10M'
    window: 'PT30M'
    mitigates: true
    tells: ['what']
    query: loadTextContent('../queries/alerts/failure_share.kql')
  }
  {
    name: 'publish-to-calendar-p95'
    text: 'One in twenty calendars is in step only five minutes or more after a publish.'
    severity: 2
    every: 'PT15M'
    window: 'PT1H'
    mitigates: true
    tells: []
    query: loadTextContent('../queries/alerts/publish_to_calendar_p95.kql')
  }
  {
    name: 'graph-authorisation'
    text: 'Graph refuses the app itself. Nobody\'s calendar is written.'
    severity: 1
    every: 'PT5M'
    window: 'PT15M'
    mitigates: true
    tells: ['status', 'code']
    query: loadTextContent('../queries/alerts/graph_authorisation.kql')
  }
  {
    name: 'callback-signature-storm'
    text: 'Callbacks with a wrong signature come in numbers.'
    severity: 2
    every: 'PT5M'
    window: 'PT15M'
    mitigates: true
    tells: []
    query: loadTextContent('../queries/alerts/callback_signature_storm.kql')
  }
  {
    name: 'mapping-report'
    text: 'Daily: people who get nothing, because their Microsoft ID is missing, unusable or out of reach.'
    severity: 3
    every: 'P1D'
    window: 'P1D'
    mitigates: false
    tells: ['view', 'people', 'unmapped', 'unusable', 'unreachable']
    query: loadTextContent('../queries/alerts/mapping_report.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: '${name}-operators'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'lb-outlook'
    enabled: true
    emailReceivers: [
      for (email, i) in emails: {
        name: 'operator-${i + 1}'
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${name}-${rule.name}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: rule.text
      description: '${rule.text} Status page: ${statusPage} What to do: ${runBook}'
      severity: rule.severity
      enabled: enabled && (writing || rule.name != 'oldest-due')
      scopes: [workspace.id]
      evaluationFrequency: rule.every
      windowSize: rule.window
      autoMitigate: rule.mitigates
      // Tables that have had no row yet would fail the check that Azure makes; each query has passed the project's own.
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: rule.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            dimensions: [
              for column in rule.tells: {
                name: column
                operator: 'Include'
                values: ['*']
              }
            ]
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [operators.id]
        customProperties: {
          status_page: statusPage
          run_book: runBook
        }
      }
    }
  }
]
