// Shapes of the files of infra/topology. The compiler holds the outermost part of a file to them, not what stands in its
// lists; that is left to the rules of tools/infra/rules (docs/reference/infrastructure.md).

@export()
@description('infra/topology/service-bus.json')
type serviceBusTopology = {
  queues: queueType[]
  topics: topicType[]
}

type queueType = {
  name: string
  description: string
  requiresSession: bool?
  requiresDuplicateDetection: bool?
  duplicateDetectionHistoryTimeWindow: string?
  lockDuration: string
  maxDeliveryCount: int
  defaultMessageTimeToLive: string
  deadLetteringOnMessageExpiration: bool
}

type topicType = {
  name: string
  description: string
  requiresDuplicateDetection: bool?
  duplicateDetectionHistoryTimeWindow: string?
  defaultMessageTimeToLive: string
  subscriptions: subscriptionType[]
}

type subscriptionType = {
  name: string
  description: string
  lockDuration: string
  maxDeliveryCount: int
  defaultMessageTimeToLive: string
  deadLetteringOnMessageExpiration: bool
  @description('Which events it takes. Exactly one rule: without it every event of every consumer would come in.')
  @minLength(1)
  @maxLength(1)
  rules: ruleType[]
}

type ruleType = {
  @description('The name of the rule that lets everything through: this one takes its place.')
  name: '$Default'
  filterType: 'CorrelationFilter'
  correlationFilter: { properties: { *: string } }
}

@export()
@description('infra/topology/cosmos.json')
type cosmosTopology = {
  database: string
  containers: containerType[]
}

type containerType = {
  name: string
  description: string
  partitionKey: string
  includedPaths: string[]
  excludedPaths: string[]
  compositeIndexes: { path: string, order: 'ascending' | 'descending' }[][]
  @description('-1: nothing expires unless it says so itself.')
  defaultTtlSeconds: int
}

@export()
@description('infra/topology/storage.json')
type storageTopology = {
  containers: { name: string, description: string }[]
}

@export()
@description('infra/topology/settings.json')
type settingsTopology = {
  settings: settingType[]
}

type settingType = {
  name: string
  kind: 'connection' | 'secret' | 'value'
  required: bool
  description: string
}

@export()
@description('infra/retention.json')
type retentionSchedule = {
  schedule: retentionType[]
}

type retentionType = {
  @description('Blob container.')
  container: string
  @description('Which of its blobs: how their names begin.')
  prefix: string
  coolAfterDays: int?
  coldAfterDays: int?
  deleteAfterDays: int
  @description('Why: the rule that it follows from.')
  reason: string
}
