// Queues, topics, subscriptions and their rules, all from infra/topology/service-bus.json.

import { serviceBusTopology } from 'topology-types.bicep'

@description('Name of the namespace.')
param namespaceName string

@description('Topics take nothing for now. Azure makes a subscription before its rule, and until then it takes the events of everybody.')
param topicsClosed bool

var topology serviceBusTopology = loadJsonContent('../topology/service-bus.json')

// One row a subscription: Bicep has no loops in loops.
var subscriptionRows = flatten(map(
  topology.topics,
  topic => map(topic.subscriptions, subscription => { topic: topic.name, subscription: subscription })
))

resource namespace 'Microsoft.ServiceBus/namespaces@2026-01-01' existing = {
  name: namespaceName
}

resource queues 'Microsoft.ServiceBus/namespaces/queues@2026-01-01' = [
  for queue in topology.queues: {
    parent: namespace
    name: queue.name
    properties: {
      requiresSession: queue.?requiresSession ?? false
      requiresDuplicateDetection: queue.?requiresDuplicateDetection ?? false
      duplicateDetectionHistoryTimeWindow: queue.?duplicateDetectionHistoryTimeWindow
      lockDuration: queue.lockDuration
      maxDeliveryCount: queue.maxDeliveryCount
      defaultMessageTimeToLive: queue.defaultMessageTimeToLive
      deadLetteringOnMessageExpiration: queue.deadLetteringOnMessageExpiration
    }
  }
]

resource topics 'Microsoft.ServiceBus/namespaces/topics@2026-01-01' = [
  for topic in topology.topics: {
    parent: namespace
    name: topic.name
    properties: {
      requiresDuplicateDetection: topic.?requiresDuplicateDetection ?? false
      duplicateDetectionHistoryTimeWindow: topic.?duplicateDetectionHistoryTimeWindow
      defaultMessageTimeToLive: topic.defaultMessageTimeToLive
      status: topicsClosed ? 'SendDisabled' : 'Active'
    }
  }
]

resource subscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2026-01-01' = [
  for row in subscriptionRows: {
    #disable-next-line use-parent-property // the parent is one of many
    name: '${namespaceName}/${row.topic}/${row.subscription.name}'
    properties: {
      lockDuration: row.subscription.lockDuration
      maxDeliveryCount: row.subscription.maxDeliveryCount
      defaultMessageTimeToLive: row.subscription.defaultMessageTimeToLive
      deadLetteringOnMessageExpiration: row.subscription.deadLetteringOnMessageExpiration
      // A rule that fails must not let a message through, nor lose it.
      deadLetteringOnFilterEvaluationExceptions: true
    }
    dependsOn: [topics]
  }
]

// A rule named $Default takes the place of the one that lets everything through: consumers see only what is theirs.
resource filters 'Microsoft.ServiceBus/namespaces/topics/subscriptions/rules@2026-01-01' = [
  for row in subscriptionRows: {
    #disable-next-line use-parent-property // as above
    name: '${namespaceName}/${row.topic}/${row.subscription.name}/${row.subscription.rules[0].name}'
    properties: {
      filterType: row.subscription.rules[0].filterType
      correlationFilter: row.subscription.rules[0].correlationFilter
    }
    dependsOn: [subscriptions]
  }
]

@description('Names of the queues.')
output queueNames string[] = [for queue in topology.queues: queue.name]
