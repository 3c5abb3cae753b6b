metadata description = 'The workbook: the usual questions, each a query of infra/queries/workbook.'

@description('Its title.')
@maxLength(100)
param title string

@description('Region.')
@maxLength(40)
param location string

@description('Tags.')
param tags object

@description('Log Analytics workspace.')
@maxLength(63)
param workspaceName string

var parts = [
  {
    title: 'Flow: publishes, months read, events written'
    shown: 'linechart'
    query: loadTextContent('../queries/workbook/flow.kql')
  }
  {
    title: 'Latency: seconds from publish to calendar'
    shown: 'linechart'
    query: loadTextContent('../queries/workbook/latency.kql')
  }
  {
    title: 'Failures by kind'
    shown: 'barchart'
    query: loadTextContent('../queries/workbook/failures_by_kind.kql')
  }
  {
    title: 'Throttling: requests to Graph, and those that were told to wait'
    shown: 'linechart'
    query: loadTextContent('../queries/workbook/throttling.kql')
  }
  {
    title: 'Per schedule'
    shown: 'table'
    query: loadTextContent('../queries/workbook/per_schedule.kql')
  }
  {
    title: 'Cost: seconds of runs, megabytes of telemetry'
    shown: 'table'
    query: loadTextContent('../queries/workbook/cost.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: workspaceName
}

// The numbers are the workbook format's: 9 parameters, 3 a query; queryType 0 logs; parameter type 4 a time range.
var period = {
  type: 9
  name: 'period'
  content: {
    version: 'KqlParameterItem/1.0'
    parameters: [
      {
        id: guid(title, 'period')
        version: 'KqlParameterItem/1.0'
        name: 'Period'
        type: 4
        isRequired: true
        value: { durationMs: 86400000 }
        typeSettings: {
          selectableValues: [
            { durationMs: 3600000 }
            { durationMs: 14400000 }
            { durationMs: 86400000 }
            { durationMs: 604800000 }
            { durationMs: 2592000000 }
          ]
          allowCustom: true
        }
      }
    ]
  }
}

var queries = [
  for (part, i) in parts: {
    type: 3
    name: 'part-${i + 1}'
    content: {
      version: 'KqlItem/1.0'
      title: part.title
      query: part.query
      size: 0
      timeContextFromParameter: 'Period'
      queryType: 0
      resourceType: 'microsoft.operationalinsights/workspaces'
      crossComponentResources: [workspace.id]
      visualization: part.shown
      noDataMessage: 'Nothing in this period.'
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(resourceGroup().id, title)
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    category: 'workbook'
    displayName: title
    sourceId: workspace.id
    version: 'Notebook/1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: concat([period], queries)
      fallbackResourceIds: [workspace.id]
    })
  }
}
