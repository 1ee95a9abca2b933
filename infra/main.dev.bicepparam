// A trial: synthetic people only, a few pounds a day while nothing happens. What that gives up, beside production:
//   - clients reach the function app itself: no gateway, no firewall, no client certificates; tokens are checked as ever
//   - Service Bus Standard has no private endpoint: identities alone keep others out of it
//   - one copy in one place, no second region, nothing immutable, no locks; keys of Microsoft
//   - no Defender plans: they are of the whole subscription
// What it keeps: identities instead of keys everywhere, private endpoints for records, messages and secrets, logs
// without addresses, alerts.

using 'main.bicep'

param environment = 'dev'

param tags = {
  service: 'healthcare-data-exchange'
  environment: 'dev'
  owner: 'integration-team'
  dataClassification: 'synthetic'
  costCentre: 'unassigned'
}

param features = {
  entrance: 'direct'
  zoneRedundant: false
  secondRegion: false
  customerManagedKeys: false
  fixedEgressAddress: false
  privateTelemetry: false
  defender: false
  policies: true
  locks: false
}

param sizes = {
  cosmosCapacity: 'serverless'
  cosmosMaxThroughput: { shared: 1000 }
  serviceBusTier: 'Standard'
  serviceBusUnits: 1
  maximumInstances: 40
  instanceMemoryMB: 2048
  alwaysReady: { http: 0, worker: 0 }
  dailyLogGigabytes: 1
  logDays: 30
  immutableDays: 0
  apiManagementUnits: 1
  monthlyBudget: 150
}

param network = {
  addressPrefix: '10.80.0.0/22'
  operatorRanges: []
}

param gateway = {
  openIdConfigurations: []
  requestsPerMinute: 600
  allowedCountries: ['GB']
  requestsPerAddress: 3000
}

param contacts = {
  onCall: ['exchange@example.nhs.uk']
  privacy: ['privacy@example.nhs.uk']
  publisher: 'Example Acute Trust'
  publisherEmail: 'exchange@example.nhs.uk'
}

param budgetStart = '2026-12-01'

param runbooksUrl = 'https://github.com/example-trust/healthcare-data-exchange/blob/main/docs/operations/runbooks'

param settings = {
  // Application id of the exchange in Entra ID: docs/operations/deploy.md.
  HDE_TOKEN_AUDIENCE: 'api://hde'
  HDE_FEEDS: string(loadJsonContent('environments/dev/feeds.json'))
  HDE_ACCESS_POLICY: string(loadJsonContent('environments/dev/access-policy.json'))
  HDE_WATCH_SCHEDULE: '0 5 * * * *'
  HDE_LEDGER_SCHEDULE: '0 30 2 * * *'
  HDE_RECONCILE_SCHEDULE: '0 */5 * * * *'
}
