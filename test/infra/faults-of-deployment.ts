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

const prod = 'infra/main.prod.bicepparam';

const ofAzure: readonly Fault[] = [
  {
    rule: 'front-door-links',
    what: 'a private link from a region that has none',
    file: `${modules}/front-door-origin.bicep`,
    from: "ukwest: 'uksouth'",
    to: "ukwest: 'ukwest'",
  },
  {
    rule: 'availability-tests',
    what: 'a test from Ireland that the firewall refuses',
    file: `${modules}/activity-alerts.bicep`,
    from: "'emea-se-sto-edge'",
    to: "'emea-gb-db3-azr'",
  },
  {
    rule: 'gateway-zones',
    what: 'a gateway that gets its zones after it was made',
    file: `${modules}/api-management-first.bicep`,
    from: '  zones: zones\n',
    to: '  zones: empty(zones) ? [] : []\n',
  },
  {
    rule: 'gateway-zones',
    what: 'one unit over zones',
    file: prod,
    from: 'apiManagementUnits: 2',
    to: 'apiManagementUnits: 1',
  },
  {
    rule: 'combinations',
    what: 'serverless records with a second region',
    file: prod,
    from: "cosmosCapacity: 'autoscale'",
    to: "cosmosCapacity: 'serverless'",
  },
  {
    rule: 'names',
    what: 'a name that Azure does not take',
    file: `${modules}/naming.bicep`,
    from: "'sthde${environment}data${take(unique, 8)}'",
    to: "'sthealthexchange${environment}data${take(unique, 8)}'",
  },
  {
    rule: 'flex-consumption',
    what: 'instances for a function that is not there',
    file: `${modules}/function-app.bicep`,
    from: "'function:normalise'",
    to: "'function:normalize'",
  },
  {
    rule: 'flex-consumption',
    what: 'a setting that the plan refuses',
    file: `${modules}/compute.bicep`,
    from: "AzureWebJobsStorage__credential: 'managedidentity'",
    to: "AzureWebJobsStorage__credential: 'managedidentity'\n      WEBSITE_CONTENTSHARE: 'app'",
  },
  {
    rule: 'regions-watched',
    what: 'a second region whose logs alert nobody',
    file: 'infra/main.bicep',
    from: "module secondAlerts 'modules/log-alerts.bicep' = if (features.secondRegion)",
    to: "module secondAlerts 'modules/log-alerts.bicep' = if (environment == 'none')",
  },
  {
    rule: 'regions-watched',
    what: 'a second region in which rights are given unseen',
    file: 'infra/main.bicep',
    from: 'features.secondRegion ? [group.name, secondGroup.name] : [group.name]',
    to: '[group.name]',
  },
  {
    rule: 'containers',
    what: 'names of patients in an index',
    file: `${modules}/cosmos-database.bicep`,
    from: 'excludedPaths: map(container.excludedPaths, path => { path: path })',
    to: 'excludedPaths: []',
  },
];

export const deploymentFaults: readonly Fault[] = [...ofTopology, ...ofAzure];
