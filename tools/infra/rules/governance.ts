/** Who is told in earnest, what is paid, and what watches over the deployment. */
import { at, textOf } from '../../bicep/evaluate/values.js';
import { type Infrastructure, listOf, nameOf, ofType, property, propertiesOf } from '../infrastructure.js';
import { demands, type Rule } from './rule.js';

/** Action groups that are off, or reach nobody. */
const actionGroups = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Insights/actionGroups')
    .filter((group) => {
      const receivers = Object.entries(propertiesOf(property(group, 'properties')))
        .filter(([name]) => name.endsWith('Receivers'))
        .flatMap(([, list]) => listOf(list))
        .filter((one) => !/^$|^[^@]*$/.test(textOf(at(one, 'emailAddress') ?? '@')));
      return receivers.length === 0 || property(group, 'properties', 'enabled') !== true;
    })
    .map((group) => `${nameOf(group)} reaches nobody`);

/** Alerts that are about confidentiality: whoever watches over it hears of them, too. */
const confidential = ['glass-broken', 'records-read-past-the-exchange'];

const privacy = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Insights/scheduledQueryRules')
    .filter(({ name }) => confidential.some((ending) => name.endsWith(`-${ending}`)))
    .filter(
      (alert) =>
        !listOf(property(alert, 'properties', 'actions', 'actionGroups')).some((group) =>
          textOf(group).endsWith('-privacy'),
        ),
    )
    .map((alert) => `${nameOf(alert)} is not told to those who watch over privacy`);

/** Metrics that Azure has (https://learn.microsoft.com/azure/azure-monitor/reference/metrics-index). */
const azureMetrics: Readonly<Record<string, readonly string[]>> = {
  'Microsoft.ServiceBus/namespaces': [
    ...['ActiveMessages', 'DeadletteredMessages', 'IncomingMessages', 'Messages', 'OutgoingMessages'],
    ...['ScheduledMessages', 'ServerErrors', 'Size', 'SuccessfulRequests', 'ThrottledRequests', 'UserErrors'],
  ],
  'Microsoft.DocumentDB/databaseAccounts': [
    ...['DataUsage', 'NormalizedRUConsumption', 'ReplicationLatency', 'ServerSideLatency'],
    ...['ServiceAvailability', 'TotalRequests', 'TotalRequestUnits'],
  ],
  'Microsoft.Storage/storageAccounts': ['Availability', 'SuccessE2ELatency', 'Transactions', 'UsedCapacity'],
  'Microsoft.ApiManagement/service': [
    ...['BackendDuration', 'CpuPercent_Gateway', 'Duration', 'MemoryPercent_Gateway', 'Requests'],
  ],
  'Microsoft.Cdn/profiles': [
    ...['OriginHealthPercentage', 'OriginLatency', 'OriginRequestCount', 'Percentage4XX', 'Percentage5XX'],
    ...['RequestCount', 'TotalLatency', 'WebApplicationFirewallRequestCount'],
  ],
  'Microsoft.KeyVault/vaults': ['Availability', 'SaturationShoebox', 'ServiceApiHit', 'ServiceApiLatency'],
};

/** Windows that metric alerts take, and those of metrics that Azure adds up over few. */
const windows = new Set(['PT1M', 'PT5M', 'PT15M', 'PT30M', 'PT1H', 'PT6H', 'PT12H', 'P1D']);
const windowsOf: Readonly<Record<string, ReadonlySet<string>>> = {
  NormalizedRUConsumption: new Set(['PT1M', 'PT5M', 'PT1H', 'P1D']),
  ServiceAvailability: new Set(['PT1H']),
};

function metricAlerts(infra: Infrastructure): readonly string[] {
  return ofType(infra, 'Microsoft.Insights/metricAlerts').flatMap((alert) => {
    const window = textOf(property(alert, 'properties', 'windowSize') ?? null);
    const asked = listOf(property(alert, 'properties', 'criteria', 'allOf')).map(
      (one) => [textOf(at(one, 'metricNamespace') ?? null), textOf(at(one, 'metricName') ?? null)] as const,
    );
    return [
      ...asked
        .filter(([namespace, metric]) => !(azureMetrics[namespace] ?? []).includes(metric))
        .map(([namespace, metric]) => `${nameOf(alert)}: ${namespace} has no metric ${metric}`),
      ...(asked.length === 0 && !windows.has(window) ? [`${nameOf(alert)}: no window is ${window}`] : []),
      ...asked
        .filter(([, metric]) => !(windowsOf[metric] ?? windows).has(window))
        .map(([, metric]) => `${nameOf(alert)}: no window of ${metric} is ${window}`),
    ];
  });
}

/** Whatever clients or messages go through has an alert over its own metrics, in each region. */
const measured = [
  ...['Microsoft.ApiManagement/service', 'Microsoft.Cdn/profiles', 'Microsoft.DocumentDB/databaseAccounts'],
  ...['Microsoft.KeyVault/vaults', 'Microsoft.ServiceBus/namespaces'],
];

function partsWatched(infra: Infrastructure): readonly string[] {
  const watched = new Set(
    ofType(infra, 'Microsoft.Insights/metricAlerts').flatMap((alert) =>
      listOf(property(alert, 'properties', 'scopes')).map((scope) => textOf(scope).toLowerCase()),
    ),
  );
  return measured.flatMap((type) =>
    ofType(infra, type)
      .filter(({ id }) => !watched.has(id.toLowerCase()))
      .map((resource) => `no alert watches the metrics of ${nameOf(resource)}`),
  );
}

/** A budget of some money over every group of the exchange, from the first day of a month on, that tells somebody. */
const budgets = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Consumption/budgets').flatMap((budget) => {
    const start = textOf(property(budget, 'properties', 'timePeriod', 'startDate') ?? null);
    const told = Object.values(propertiesOf(property(budget, 'properties', 'notifications'))).filter(
      (one) =>
        at(one, 'enabled') === true &&
        [...listOf(at(one, 'contactEmails')), ...listOf(at(one, 'contactGroups'))].length > 0,
    );
    const counted = listOf(property(budget, 'properties', 'filter', 'dimensions', 'values')).map(textOf);
    const left = ofType(infra, 'Microsoft.Resources/resourceGroups').filter(
      ({ id, name }) => !counted.includes(name) && budget.scope.toLowerCase() !== id.toLowerCase(),
    );
    return [
      ...(Number(property(budget, 'properties', 'amount') ?? 0) > 0 ? [] : [`${nameOf(budget)} is nothing`]),
      ...(/^\d{4}-\d\d-01/.test(start) ? [] : [`${nameOf(budget)} begins within a month: ${start}`]),
      ...(property(budget, 'properties', 'timeGrain') === 'Monthly'
        ? []
        : [`${nameOf(budget)} is of no month`]),
      ...(told.length > 0 ? [] : [`${nameOf(budget)} tells nobody`]),
      ...left.map((group) => `${nameOf(budget)} leaves out what ${group.name} costs`),
    ];
  });

/** Built-in definitions: UK OFFICIAL and UK NHS, and the allowed locations. */
const assigned = ['3937f550-eedd-4639-9c5e-294358be442e', 'e56962a6-4747-49cd-b67b-bf8b01975c4c'];

/** Patients are watched over by policies in each group with an app, and by Defender. */
function policies(infra: Infrastructure): readonly string[] {
  if (at(infra.parameters['tags'], 'dataClassification') !== 'patient') return [];
  const assignments = ofType(infra, 'Microsoft.Authorization/policyAssignments');
  const missing = ofType(infra, 'Microsoft.Web/sites').flatMap(({ scope }) =>
    assigned
      .filter(
        (definition) =>
          !assignments.some(
            (one) =>
              one.scope.toLowerCase() === scope.toLowerCase() &&
              textOf(property(one, 'properties', 'policyDefinitionId') ?? null).endsWith(definition) &&
              property(one, 'properties', 'enforcementMode') === 'Default',
          ),
      )
      .map((definition) => `${scope} is not watched by policy ${definition}`),
  );
  const plans = new Set(
    ofType(infra, 'Microsoft.Security/pricings')
      .filter((plan) => property(plan, 'properties', 'pricingTier') === 'Standard')
      .map(({ name }) => name),
  );
  // Documents come in messages: new blobs are looked at for malware.
  const scanned = ofType(infra, 'Microsoft.Security/pricings')
    .flatMap((plan) => listOf(property(plan, 'properties', 'extensions')))
    .some((one) => at(one, 'name') === 'OnUploadMalwareScanning' && at(one, 'isEnabled') === 'True');
  const unplanned = ['Arm', 'KeyVaults', 'StorageAccounts', 'CosmosDbs', 'AppServices']
    .filter((name) => !plans.has(name))
    .map((name) => `there is no Defender plan ${name}`);
  return [...missing, ...unplanned, ...(scanned ? [] : ['no new blob is looked at for malware'])];
}

/** Whom Defender tells. */
function securityContacts(infra: Infrastructure): readonly string[] {
  if (at(infra.parameters['tags'], 'dataClassification') !== 'patient') return [];
  const reached = ofType(infra, 'Microsoft.Security/securityContacts').some(
    (contact) =>
      property(contact, 'properties', 'isEnabled') === true &&
      textOf(property(contact, 'properties', 'emails') ?? null).includes('@') &&
      listOf(property(contact, 'properties', 'notificationsSources')).some(
        (source) => at(source, 'sourceType') === 'Alert',
      ),
  );
  return reached ? [] : ['Defender tells nobody what it finds'];
}

/** Logs that questions are asked of, by the type of what sends them; `allLogs` is all of them. */
const needed: readonly (readonly [string, string])[] = [
  ['Microsoft.DocumentDB/databaseAccounts', 'DataPlaneRequests'],
  ['Microsoft.DocumentDB/databaseAccounts', 'ControlPlaneRequests'],
  ['Microsoft.KeyVault/vaults', 'AuditEvent'],
  ['Microsoft.ServiceBus/namespaces', 'OperationalLogs'],
  ['Microsoft.Storage/storageAccounts/blobServices', 'StorageRead'],
  ['Microsoft.Storage/storageAccounts/blobServices', 'StorageWrite'],
  ['Microsoft.Storage/storageAccounts/blobServices', 'StorageDelete'],
  ['Microsoft.Web/sites', 'FunctionAppLogs'],
  ['Microsoft.ApiManagement/service', 'GatewayLogs'],
  ['Microsoft.Cdn/profiles', 'FrontDoorWebApplicationFirewallLog'],
];

function logs(infra: Infrastructure): readonly string[] {
  const settings = ofType(infra, 'Microsoft.Insights/diagnosticSettings');
  return needed.flatMap(([type, category]) =>
    ofType(infra, type)
      .filter(({ id }) => {
        const kept = settings
          .filter(({ scope }) => scope.toLowerCase() === id.toLowerCase())
          .flatMap((setting) => listOf(property(setting, 'properties', 'logs')))
          .filter((log) => at(log, 'enabled') === true)
          .map((log) => at(log, 'category') ?? at(log, 'categoryGroup'));
        return !kept.includes(category) && !kept.includes('allLogs');
      })
      .map((resource) => `${nameOf(resource)} keeps no ${category}`),
  );
}

/** Who gave rights, took locks away and turned policies off stands in the activity log of the subscription only. */
function activity(infra: Infrastructure): readonly string[] {
  const kept = ofType(infra, 'Microsoft.Insights/diagnosticSettings')
    .filter(({ scope }) => /^\/subscriptions\/[^/]+$/i.test(scope))
    .flatMap((setting) => listOf(property(setting, 'properties', 'logs')))
    .filter((log) => at(log, 'enabled') === true)
    .map((log) => at(log, 'category'));
  return ['Administrative', 'Security', 'Policy']
    .filter((category) => !kept.includes(category))
    .map((category) => `the activity log of the subscription keeps no ${category}`);
}

/** Tables whose rows hold addresses of requests, and the columns that are emptied before they are stored. */
const cleaned: readonly (readonly [string, readonly string[]])[] = [
  ['AppRequests', ['Url']],
  ['AppDependencies', ['Data']],
  ['ApiManagementGatewayLogs', ['Url', 'BackendUrl']],
];

function cleaning(infra: Infrastructure): readonly string[] {
  return ofType(infra, 'Microsoft.OperationalInsights/workspaces').flatMap((workspace) => {
    const id = textOf(property(workspace, 'properties', 'defaultDataCollectionRuleResourceId') ?? null);
    const rule = ofType(infra, 'Microsoft.Insights/dataCollectionRules').find(
      (one) => one.id.toLowerCase() === id.toLowerCase(),
    );
    const flows = listOf(rule && property(rule, 'properties', 'dataFlows'));
    return cleaned.flatMap(([table, columns]) => {
      const flow = flows.find((one) => listOf(at(one, 'streams')).includes(`Microsoft-Table-${table}`));
      const query = textOf(at(flow ?? null, 'transformKql') ?? null);
      return columns
        .filter((column) => !new RegExp(`\\b${column} = ""`).test(query))
        .map((column) => `${nameOf(workspace)} stores ${column} of ${table}`);
    });
  });
}

const masked = demands([
  { type: 'Microsoft.Insights/components', path: ['properties', 'DisableIpMasking'], values: [false] },
]);

export const governanceRules: readonly Rule[] = [
  { name: 'action-groups', says: 'each action group is on and reaches somebody', check: actionGroups },
  { name: 'privacy-told', says: 'whoever watches over privacy hears of what concerns it', check: privacy },
  {
    name: 'metric-alerts',
    says: 'metric alerts ask for metrics and windows that Azure has',
    check: metricAlerts,
  },
  {
    name: 'parts-watched',
    says: 'what clients and messages go through has an alert over its own metrics, in each region',
    check: partsWatched,
  },
  {
    name: 'budgets',
    says: 'the budget of a month is one over every region, begins with a month, and tells somebody',
    check: budgets,
  },
  {
    name: 'policies',
    says: 'patients are watched over by policies and Defender plans, and somebody hears of what these find',
    check: (infra) => [...policies(infra), ...securityContacts(infra)],
  },
  {
    name: 'logs-kept',
    says: 'the logs that questions are asked of are kept, also of who gave rights and took locks away',
    check: (infra) => [...logs(infra), ...activity(infra)],
  },
  {
    name: 'addresses-cleaned',
    says: 'addresses of requests, and of who sent them, are emptied before telemetry is stored',
    check: (infra) => [...cleaning(infra), ...masked(infra)],
  },
];
