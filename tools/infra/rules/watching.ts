/** What is seen, told and paid. */
import type { PlannedResource } from '../../bicep/evaluate/plan.js';
import { at, isProperties, textOf } from '../../bicep/evaluate/values.js';
import { type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import { present, type Rule } from './rule.js';

/** Types that can send logs or metrics to a workspace, and have to. */
const diagnosable = [
  'Microsoft.ApiManagement/service',
  'Microsoft.Cdn/profiles',
  'Microsoft.DocumentDB/databaseAccounts',
  'Microsoft.KeyVault/vaults',
  'Microsoft.Network/networkSecurityGroups',
  'Microsoft.Network/publicIPAddresses',
  'Microsoft.Network/virtualNetworks',
  'Microsoft.OperationalInsights/workspaces',
  'Microsoft.ServiceBus/namespaces',
  'Microsoft.Storage/storageAccounts',
  'Microsoft.Storage/storageAccounts/blobServices',
  'Microsoft.Storage/storageAccounts/queueServices',
  'Microsoft.Storage/storageAccounts/tableServices',
  'Microsoft.Web/sites',
];

function diagnostics(infra: Infrastructure): readonly string[] {
  const watched = new Set(
    ofType(infra, 'Microsoft.Insights/diagnosticSettings')
      .filter((setting) => property(setting, 'properties', 'workspaceId') !== undefined)
      .filter((setting) =>
        ['logs', 'metrics'].some((kind) =>
          listOf(property(setting, 'properties', kind)).some((one) => at(one, 'enabled') === true),
        ),
      )
      .map(({ scope }) => scope.toLowerCase()),
  );
  return diagnosable.flatMap((type) =>
    ofType(infra, type)
      .filter(({ id }) => !watched.has(id.toLowerCase()))
      .map((resource) => `${nameOf(resource)} sends no logs`),
  );
}

const alertTypes = [
  'Microsoft.Insights/metricAlerts',
  'Microsoft.Insights/scheduledQueryRules',
  'Microsoft.Insights/activityLogAlerts',
];

export const alertsOf = (infra: Infrastructure): readonly PlannedResource[] =>
  alertTypes.flatMap((type) => ofType(infra, type));

/** Ids of action groups, wherever the type of alert keeps them. */
function actionGroupsOf(alert: PlannedResource): readonly string[] {
  const actions = property(alert, 'properties', 'actions');
  const groups = isProperties(actions) ? listOf(actions['actionGroups']) : listOf(actions);
  return groups.map((group) => textOf(at(group, 'actionGroupId') ?? (isProperties(group) ? null : group)));
}

/** The name of an alert's page: it stands in what the alert says. */
function runbookOf(alert: PlannedResource): string | undefined {
  const description = textOf(property(alert, 'properties', 'description') ?? null);
  return /runbooks\/([a-z0-9-]+)\.md/.exec(description)?.[1] ?? /\/([a-z0-9-]+)\.md/.exec(description)?.[1];
}

function alerts(infra: Infrastructure): readonly string[] {
  const groups = new Set(ofType(infra, 'Microsoft.Insights/actionGroups').map(({ id }) => id));
  return alertsOf(infra).flatMap((alert) => {
    const told = actionGroupsOf(alert);
    const runbook = runbookOf(alert);
    const hasPage = runbook !== undefined && infra.runbooks.has(runbook);
    return [
      ...(told.length > 0 && told.every((id) => groups.has(id)) ? [] : [`${nameOf(alert)} tells nobody`]),
      ...(told.some((id) => !id.endsWith('-privacy'))
        ? []
        : [`${nameOf(alert)} is not told to those on call`]),
      ...(hasPage ? [] : [`${nameOf(alert)} has no runbook page (${runbook ?? 'none named'})`]),
      ...(property(alert, 'properties', 'enabled') === true ? [] : [`${nameOf(alert)} is off`]),
    ];
  });
}

/** What an app says alerts somebody in every region, and so does whoever gives rights in any of its groups. */
function regions(infra: Infrastructure): readonly string[] {
  const queries = ofType(infra, 'Microsoft.Insights/scheduledQueryRules');
  const workspaces = new Set(
    queries.flatMap((rule) => listOf(property(rule, 'properties', 'scopes')).map(textOf)),
  );
  const activity = JSON.stringify(
    ofType(infra, 'Microsoft.Insights/activityLogAlerts').map((alert) =>
      property(alert, 'properties', 'condition'),
    ),
  );
  const logs = ofType(infra, 'Microsoft.Insights/diagnosticSettings');
  return ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const sent = logs.find(({ scope }) => scope.toLowerCase() === site.id.toLowerCase());
    const workspace = sent && property(sent, 'properties', 'workspaceId');
    const isAsked = workspace !== undefined && workspaces.has(textOf(workspace));
    const group = site.scope.split('/').at(-1) ?? '';
    return [
      ...(isAsked ? [] : [`no alert asks the workspace of ${nameOf(site)}`]),
      ...(activity.includes(`"${group}"`) ? [] : [`changes of rights in ${group} alert nobody`]),
    ];
  });
}

/** Every page is of an alert: a page that none leads to is forgotten. */
function runbooks(infra: Infrastructure): readonly string[] {
  // Only production has every alert: some watch what smaller environments go without.
  if (infra.environment !== 'prod') return [];
  const named = new Set(alertsOf(infra).map(runbookOf));
  return [...infra.runbooks]
    .filter((page) => page !== 'README' && !named.has(page))
    .map((page) => `no alert leads to ${page}.md`);
}

const labels = ['service', 'environment', 'owner', 'dataClassification', 'costCentre'];

/** Types that take tags and are seen on bills. */
const tagged =
  /^Microsoft\.(ApiManagement\/service|Cdn\/profiles|DocumentDB\/databaseAccounts|Insights\/(components|actionGroups|dataCollectionRules|privateLinkScopes|metricAlerts|scheduledQueryRules|activityLogAlerts|workbooks|webtests)|KeyVault\/vaults|ManagedIdentity\/userAssignedIdentities|Network\/(virtualNetworks|networkSecurityGroups|privateEndpoints|privateDnsZones|natGateways|publicIPAddresses|FrontDoorWebApplicationFirewallPolicies)|OperationalInsights\/workspaces|Resources\/resourceGroups|ServiceBus\/namespaces|Storage\/storageAccounts|Web\/(sites|serverfarms))$/i;

const tags = (infra: Infrastructure): readonly string[] =>
  infra.resources
    .filter(({ type }) => tagged.test(type))
    .flatMap((resource) =>
      labels
        .filter((label) => property(resource, 'tags', label) === undefined)
        .map((label) => `${nameOf(resource)} has no tag ${label}`),
    );

/** Logs of the gateway and of HTTP hold addresses, and addresses may hold what was searched. */
const noAddresses = (infra: Infrastructure): readonly string[] =>
  ofType(infra, 'Microsoft.Insights/diagnosticSettings')
    .filter(({ scope }) => /\/Microsoft\.Web\/sites\/[^/]+$/i.test(scope))
    .flatMap((setting) =>
      listOf(property(setting, 'properties', 'logs'))
        .map((log) => textOf(at(log, 'category') ?? at(log, 'categoryGroup') ?? null))
        .filter((category) => category !== 'FunctionAppLogs')
        .map((category) => `${nameOf(setting)} keeps ${category} of the app`),
    );

/** Every statement of a workspace, its first and plain form included. */
const byIdentity = (infra: Infrastructure): readonly string[] =>
  infra.statements
    .filter(({ type }) => type === 'Microsoft.OperationalInsights/workspaces')
    .flatMap((workspace) => [
      ...(property(workspace, 'properties', 'features', 'disableLocalAuth') === true
        ? []
        : [`${nameOf(workspace)} (${workspace.file}) takes keys`]),
      ...(workspace.file.endsWith('-first.bicep') ||
      property(workspace, 'properties', 'features', 'enableLogAccessUsingOnlyResourcePermissions') === true
        ? []
        : [`${nameOf(workspace)} shows logs to whoever may see the workspace alone`]),
    ]);

export const watchingRules: readonly Rule[] = [
  { name: 'diagnostics', says: 'whatever has logs sends them to the workspace', check: diagnostics },
  {
    name: 'alerts',
    says: 'each alert is on, tells somebody, and has a page that says what to do',
    check: alerts,
  },
  { name: 'regions-watched', says: 'what happens in any region alerts somebody', check: regions },
  { name: 'runbooks', says: 'each page is of an alert', check: runbooks },
  { name: 'tags', says: 'everything says whose it is, who pays, and what it holds', check: tags },
  { name: 'no-addresses-logged', says: 'of the app only its own log lines are kept', check: noAddresses },
  {
    name: 'watched',
    says: 'there are alerts, somebody to tell, a workbook and a budget',
    check: present([
      ...alertTypes,
      'Microsoft.Insights/actionGroups',
      'Microsoft.Insights/workbooks',
      'Microsoft.Consumption/budgets',
    ]),
  },
  {
    name: 'log-retention',
    says: 'production keeps its logs for a year',
    check: (infra) => {
      if (infra.environment !== 'prod') return [];
      return ofType(infra, 'Microsoft.OperationalInsights/workspaces')
        .filter((workspace) => Number(property(workspace, 'properties', 'retentionInDays') ?? 0) < 365)
        .map((workspace) => `${nameOf(workspace)} keeps logs for less than a year`);
    },
  },
  {
    name: 'workspace-by-identity',
    says: 'logs are read and written by identity only, from the first moment on',
    check: byIdentity,
  },
];
