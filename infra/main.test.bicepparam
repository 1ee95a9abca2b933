// Where a release is tried before production: made as production is, in one region, without copies over zones and
// with keys of Microsoft. Synthetic people only.

using 'main.bicep'

param environment = 'test'

param tags = {
  service: 'healthcare-data-exchange'
  environment: 'test'
  owner: 'integration-team'
  dataClassification: 'synthetic'
  costCentre: 'unassigned'
}

param features = {
  entrance: 'internet'
  zoneRedundant: false
  secondRegion: false
  customerManagedKeys: false
  fixedEgressAddress: true
  privateTelemetry: true
  defender: false
  policies: true
  locks: false
}

param sizes = {
  cosmosCapacity: 'autoscale'
  cosmosMaxThroughput: { shared: 1000, records: 4000 }
  serviceBusTier: 'Premium'
  serviceBusUnits: 1
  maximumInstances: 40
  instanceMemoryMB: 2048
  alwaysReady: { http: 1, worker: 1 }
  dailyLogGigabytes: 5
  logDays: 90
  immutableDays: 1
  apiManagementUnits: 1
  monthlyBudget: 2500
}

param network = {
  addressPrefix: '10.80.4.0/22'
  operatorRanges: []
}

param gateway = {
  openIdConfigurations: []
  requestsPerMinute: 600
  hostName: 'exchange.test.example.nhs.uk'
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
  HDE_PUBLIC_URL: 'https://exchange.test.example.nhs.uk'
  HDE_FEEDS: string(loadJsonContent('environments/dev/feeds.json'))
  HDE_ACCESS_POLICY: string(loadJsonContent('environments/dev/access-policy.json'))
  HDE_WATCH_SCHEDULE: '0 5 * * * *'
  HDE_LEDGER_SCHEDULE: '0 30 2 * * *'
  HDE_RECONCILE_SCHEDULE: '0 */5 * * * *'
}
