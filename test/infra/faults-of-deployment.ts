/** More faults: such as compile, look harmless in a review, and leak, lose or lock out. */
import type { Fault } from './faults.js';

const modules = 'infra/modules';
const topology = 'infra/topology';

const ofTopology: readonly Fault[] = [
  {
    rule: 'queues',
    what: 'a subscription that takes the events of every consumer',
    file: `${modules}/service-bus-entities.bicep`,
    from: "subscriptions/rules@2026-01-01' = [\n  for row in subscriptionRows:",
    to: "subscriptions/rules@2026-01-01' = [\n  for row in skip(subscriptionRows, 9):",
  },
  {
    rule: 'queues',
    what: 'a rule beside the one that lets everything through',
    file: `${topology}/service-bus.json`,
    from: '"name": "$Default"',
    to: '"name": "own"',
  },
  {
    rule: 'queues',
    what: 'a rule for another consumer than the topology says',
    file: `${modules}/service-bus-entities.bicep`,
    from: 'correlationFilter: row.subscription.rules[0].correlationFilter',
    to: 'correlationFilter: {}',
  },
];

export const deploymentFaults: readonly Fault[] = [...ofTopology];
