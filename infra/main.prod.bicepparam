// Production: over the zones of uksouth, with copies in ukwest, keys of the trust, and nothing that one person can
// delete. Every line with example.nhs.uk is the trust's to change; so are environments/prod and the sizes
// (docs/operations: cost and capacity).

using 'main.bicep'

param environment = 'prod'

param tags = {
  service: 'healthcare-data-exchange'
  environment: 'prod'
  owner: 'integration-team'
  dataClassification: 'patient'
  costCentre: 'unassigned'
}

param features = {
  entrance: 'internet'
  zoneRedundant: true
  secondRegion: true
  customerManagedKeys: true
  fixedEgressAddress: true
  privateTelemetry: true
  defender: true
  policies: true
  locks: true
}

param sizes = {
  cosmosCapacity: 'autoscale'
  cosmosMaxThroughput: { shared: 4000, records: 20000, messages: 10000, audit: 10000 }
  serviceBusTier: 'Premium'
  serviceBusUnits: 1
  maximumInstances: 200
  instanceMemoryMB: 2048
  alwaysReady: { http: 2, worker: 2 }
  // Never stops: an attack must not be able to silence the logs. The budget tells when they grow.
  dailyLogGigabytes: -1
  logDays: 365
  immutableDays: 365
  apiManagementUnits: 2
  monthlyBudget: 12000
}

param network = {
  addressPrefix: '10.80.8.0/22'
  operatorRanges: []
}

// As large, in ukwest: features.secondRegion.
param secondNetwork = {
  addressPrefix: '10.80.12.0/22'
  operatorRanges: []
}

param gateway = {
  openIdConfigurations: []
  requestsPerMinute: 6000
  hostName: 'exchange.example.nhs.uk'
  allowedCountries: ['GB']
  requestsPerAddress: 30000
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
  HDE_PUBLIC_URL: 'https://exchange.example.nhs.uk'
  HDE_FEEDS: string(loadJsonContent('environments/prod/feeds.json'))
  HDE_ACCESS_POLICY: string(loadJsonContent('environments/prod/access-policy.json'))
  HDE_WATCH_SCHEDULE: '0 5 * * * *'
  HDE_LEDGER_SCHEDULE: '0 30 2 * * *'
  HDE_RECONCILE_SCHEDULE: '0 */5 * * * *'
}
