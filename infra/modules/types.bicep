// Types and role ids that the modules share.

@export()
@description('Which deployment of the exchange this is.')
type environmentName = 'dev' | 'test' | 'prod'

@export()
@description('Regions that patient data may be in.')
type ukRegion = 'uksouth' | 'ukwest'

@export()
@description('What every resource is labelled with: who answers for it, who pays, and what it holds.')
type tagsType = {
  @description('Always the name of the exchange.')
  service: string
  @description('Which deployment.')
  environment: environmentName
  @description('Team that answers for it.')
  owner: string
  @description('What it holds, in the words of the trust: patient data, or synthetic data only.')
  dataClassification: 'patient' | 'synthetic'
  @description('Who pays.')
  costCentre: string
}

@export()
@description('How clients reach the exchange. direct: the function app itself, for trials; private: API Management inside the network (HSCN) only; internet: Front Door with a web application firewall before that.')
type entranceType = 'direct' | 'private' | 'internet'

@export()
@description('Parts that cost money, or that a trust may have from its landing zone already.')
type featuresType = {
  @description('How clients reach the exchange.')
  entrance: entranceType
  @description('Everything over at least two zones of the region, where the region has zones.')
  zoneRedundant: bool
  @description('Copies in the second region: Cosmos DB, storage, and the Service Bus namespace.')
  secondRegion: bool
  @description('Data encrypted with keys of the trust, held in its Key Vault (HSM).')
  customerManagedKeys: bool
  @description('Fixed outgoing address, for allow-lists of others.')
  fixedEgressAddress: bool
  @description('Telemetry goes in over a private link only.')
  privateTelemetry: bool
  @description('Microsoft Defender plans of the subscription.')
  defender: bool
  @description('Policy assignments on the resource group: UK OFFICIAL and UK NHS, and the regions allowed.')
  policies: bool
  @description('Locks against deletion on whatever holds data.')
  locks: bool
}

@export()
@description('How much of everything.')
type sizesType = {
  @description('Cosmos DB: paid by request, or throughput that scales by itself between a tenth of the most and the most.')
  cosmosCapacity: 'serverless' | 'autoscale'
  @description('Most request units a second, with autoscale only: of each container named here, and `shared` of all others together. Multiples of 1000.')
  cosmosMaxThroughput: { shared: int, *: int }
  @description('Service Bus tier. Standard has no private endpoint: identities alone keep others out.')
  serviceBusTier: 'Standard' | 'Premium'
  @description('Messaging units; Premium only.')
  serviceBusUnits: 1 | 2 | 4 | 8 | 16
  @description('Most instances of the function app.')
  @minValue(40)
  @maxValue(1000)
  maximumInstances: int
  @description('Memory of an instance, in MB.')
  instanceMemoryMB: 512 | 2048 | 4096
  @description('Instances that are always ready for HTTP, and for the worker.')
  alwaysReady: { http: int, worker: int }
  @description('Gigabytes of logs a day after which ingestion stops; -1 for no limit.')
  dailyLogGigabytes: int
  @description('Days that logs are kept.')
  @minValue(30)
  @maxValue(730)
  logDays: int
  @description('Days in which nobody can change or delete a raw message or an exported audit trail; 0 for no such policy.')
  @minValue(0)
  immutableDays: int
  @description('Units of API Management.')
  @minValue(1)
  apiManagementUnits: int
  @description('Budget of a month, in the currency of the subscription.')
  monthlyBudget: int
}

@export()
@description('Who is told.')
type contactsType = {
  @description('E-mail addresses of those on call.')
  onCall: string[]
  @description('E-mail addresses of those who watch over privacy: they hear of broken glass, and of reads past the exchange.')
  privacy: string[]
  @description('Address of the incident tool that takes alerts (common alert schema); absent: e-mail only.')
  webhook: string?
  @description('Name of the publisher that API Management shows.')
  publisher: string
  @description('E-mail address that API Management shows and sends notices to.')
  publisherEmail: string
}

@export()
@description('Where the network is, and who may come to its endpoints.')
type networkType = {
  @description('Addresses in CIDR notation, /22 or larger; agreed with whoever runs the hub.')
  addressPrefix: string
  @description('Address ranges of operators and of deployment runners; they reach the app and the data services.')
  operatorRanges: string[]
  @description('Resource ids of the private DNS zones of the hub, by zone name: all that dnsZones lists. Absent: zones of our own.')
  hubZoneIds: { *: string }?
}

@export()
@description('Whose tokens the gateway takes, and what it demands of clients.')
type gatewayType = {
  @description('Addresses of the OpenID configurations of issuers beside the tenant of the subscription, such as NHS login.')
  openIdConfigurations: string[]
  @description('Requests a minute of one client.')
  requestsPerMinute: int
  @description('Host name of the exchange on the internet, such as exchange.example.nhs.uk; absent: the one that Front Door gives.')
  hostName: string?
  @description('Countries whose addresses may come in from the internet (ISO 3166).')
  allowedCountries: string[]
  @description('Requests in five minutes of one address on the internet.')
  requestsPerAddress: int
}

@export()
@description('What a private endpoint needs to know of the network.')
type privateLinkType = {
  @description('Subnet of private endpoints.')
  subnetId: string
  @description('Resource ids of the private DNS zones, by zone name.')
  zoneIds: { *: string }
}

@export()
@description('Resource ids of the subnets.')
type subnetsType = {
  @description('What the function app calls goes out here.')
  functionsId: string
  @description('Private endpoints of data services and of the function app.')
  endpointsId: string
  @description('API Management reaches the function app from here.')
  gatewayId: string
  @description('Partners inside the network find API Management here.')
  entranceId: string
}

@export()
@description('A function app that takes the package.')
type appType = {
  resourceGroup: string
  name: string
  @description('Host name of the app itself, without a gateway.')
  hostName: string
}

@export()
@description('Where the data is.')
type dataType = {
  @description('Address of the Key Vault.')
  vaultUri: string
  @description('Address of the Cosmos DB account.')
  cosmosEndpoint: string
  @description('Host name of the Service Bus namespace.')
  serviceBusHostName: string
  @description('Address of the blobs of the data account.')
  blobEndpoint: string
}

@export()
@description('A key of the vault with which a service encrypts, and the identity that may use it.')
type encryptionType = {
  @description('Address of the key, without a version: new versions are taken up by themselves.')
  keyUri: string
  @description('Address of the vault.')
  vaultUri: string
  @description('Name of the key.')
  keyName: string
  @description('Resource id of the identity that wraps and unwraps with it.')
  identityId: string
}

@export()
@description('Built-in roles that workloads get; never Owner, Contributor or anything that hands out keys.')
var roleIds = {
  keyVaultSecretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  keyVaultCryptoServiceEncryptionUser: 'e147488a-f6f5-4113-8e2d-b22465e65bf6'
  monitoringMetricsPublisher: '3913510d-42f4-4e42-8a64-420c390055eb'
  serviceBusDataOwner: '090c5cfd-751d-490a-894a-3ce6f1109419'
  serviceBusDataReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  serviceBusDataSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
  storageBlobDataContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  storageBlobDataOwner: 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
  storageQueueDataContributor: '974c5e8b-45b9-4653-ba55-5f855dd0fb88'
  storageTableDataContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3'
}
