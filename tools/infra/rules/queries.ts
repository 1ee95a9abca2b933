/** Queries of alerts and of the workbook go by names: one that nothing writes would be silent for ever. */
import { at, isProperties, textOf, type Value } from '../../bicep/evaluate/values.js';
import { type Infrastructure, listOf, nameOf, ofType, property } from '../infrastructure.js';
import type { Rule } from './rule.js';

interface Query {
  readonly who: string;
  readonly text: string;
}

function textsIn(value: Value): readonly string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  return isProperties(value) ? Object.values(value).flatMap(textsIn) : [];
}

/** All queries of alerts and of the workbook. */
function queriesOf(infra: Infrastructure): readonly Query[] {
  const rules = ofType(infra, 'Microsoft.Insights/scheduledQueryRules').flatMap((rule) =>
    listOf(property(rule, 'properties', 'criteria', 'allOf')).map((one) => ({
      who: nameOf(rule),
      text: textOf(at(one, 'query') ?? null),
    })),
  );
  const books = ofType(infra, 'Microsoft.Insights/workbooks').flatMap((book) => {
    const content = JSON.parse(textOf(property(book, 'properties', 'serializedData') ?? '{}')) as Value;
    return textsIn(content)
      .filter((text) => text.includes('|'))
      .map((text) => ({ who: nameOf(book), text }));
  });
  return [...rules, ...books];
}

const quoted = (list: string): readonly string[] =>
  [...list.matchAll(/"([^"]+)"/g)].map(([, name = '']) => name);

/** Texts that something is compared with: `name == "a"`, `tostring(x.name) in ("a", "b")`. */
const comparedWith = (query: string, name: string): readonly string[] =>
  [
    ...query.matchAll(
      new RegExp(`\\b${name}\\)? (?:in|==|=~|has|has_any)~? ?\\(?((?:"[^"]+"(?:, )?)+)`, 'g'),
    ),
  ].flatMap(([, list = '']) => quoted(list));

const fieldsOf = (query: string, holder: string): readonly string[] =>
  [...query.matchAll(new RegExp(`\\b${holder}(?:\\.(\\w+)|\\["(\\w+)"\\])`, 'g'))].map(
    ([, plain, other]) => plain ?? other ?? '',
  );

const unknown = (found: readonly string[], known: ReadonlySet<string>): readonly string[] =>
  found.filter((name) => !known.has(name));

/** Tables of the platform that queries may ask, each with the log that fills it; `allLogs` fills all of them. */
const tables: Readonly<Record<string, readonly [type: string, log: string]>> = {
  AZKVAuditLogs: ['Microsoft.KeyVault/vaults', 'AuditEvent'],
  CDBDataPlaneRequests: ['Microsoft.DocumentDB/databaseAccounts', 'DataPlaneRequests'],
  FunctionAppLogs: ['Microsoft.Web/sites', 'FunctionAppLogs'],
};

/** Rows get into tables of their own only where the setting says Dedicated, if the service knows both ways. */
const dedicated = new Set(['AZKVAuditLogs', 'CDBDataPlaneRequests']);

function unfilled(infra: Infrastructure, { who, text }: Query): readonly string[] {
  const table = /^\w+/.exec(text)?.[0] ?? '';
  if (table === 'AppMetrics') return [];
  const [type = '', log = ''] = tables[table] ?? [];
  const isFilled = ofType(infra, 'Microsoft.Insights/diagnosticSettings').some((setting) => {
    const isOfType = ofType(infra, type).some(({ id }) => id.toLowerCase() === setting.scope.toLowerCase());
    const kept = listOf(property(setting, 'properties', 'logs'))
      .filter((one) => at(one, 'enabled') === true)
      .map((one) => at(one, 'category') ?? at(one, 'categoryGroup'));
    const goesThere =
      !dedicated.has(table) || property(setting, 'properties', 'logAnalyticsDestinationType') === 'Dedicated';
    return isOfType && goesThere && (kept.includes(log) || kept.includes('allLogs'));
  });
  return isFilled ? [] : [`${who} asks ${table || 'no table'}, which nothing fills`];
}

/** What a query waits for, and nothing gives. */
export function wrongNames(infra: Infrastructure, query: string): readonly string[] {
  const text = query.replaceAll("'", '"');
  const metrics = comparedWith(text, 'Name');
  const attributes = new Set(metrics.flatMap((name) => infra.metrics.get(name) ?? []));
  const values = new Set(
    ['outcome', 'phase', 'stage'].flatMap((name) => infra.attributeValues.get(name) ?? []),
  );
  return [
    ...unknown(comparedWith(text, 'event'), infra.events).map((name) => `'${name}', which no code logs`),
    ...unknown(metrics, new Set(infra.metrics.keys())).map((name) => `'${name}', which no code emits`),
    ...(text.startsWith('AppMetrics') && metrics.length === 0 ? ['every metric'] : []),
    ...unknown(fieldsOf(text, 'Properties'), attributes).map(
      (name) => `attribute ${name}, which its metric has not`,
    ),
    ...unknown(comparedWith(text, 'Properties.outcome'), values).map(
      (name) => `outcome '${name}', which there is not`,
    ),
    ...unknown(fieldsOf(text, 'entry'), infra.logFields).map((name) => `field ${name}, which no line has`),
    ...unknown(comparedWith(text, 'entry.errorCode'), infra.errorCodes).map(
      (name) => `code ${name}, which there is not`,
    ),
  ];
}

/** Whoever may read documents is no stranger: the alert on strangers names the app of each region. */
function strangers(infra: Infrastructure): readonly string[] {
  const apps = ofType(infra, 'Microsoft.Web/sites').flatMap((site) => {
    const users = property(site, 'identity', 'userAssignedIdentities');
    return Object.keys(isProperties(users) ? users : {});
  });
  return queriesOf(infra)
    .filter(({ text }) => text.includes('AadPrincipalId !in'))
    .flatMap(({ who, text }) =>
      apps
        .filter((identity) => !text.includes(`{${identity}.`))
        .map((identity) => `${who} takes ${identity} for a stranger`),
    );
}

/** Windows and intervals of alerts over logs. */
const windows = [1, 5, 10, 15, 30, 45, 60, 120, 180, 240, 300, 360, 1440, 2880];

function minutesOf(duration: string): number {
  const [, days = '0', hours = '0', minutes = '0'] =
    /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration) ?? [];
  return (Number(days) * 24 + Number(hours)) * 60 + Number(minutes);
}

/** An alert that looks back for less time than it waits between looks misses what happens meanwhile. */
const looks = (infra: Infrastructure): readonly string[] =>
  ['Microsoft.Insights/scheduledQueryRules', 'Microsoft.Insights/metricAlerts']
    .flatMap((type) => ofType(infra, type))
    .flatMap((alert) => {
      const window = minutesOf(textOf(property(alert, 'properties', 'windowSize') ?? null));
      const frequency = minutesOf(textOf(property(alert, 'properties', 'evaluationFrequency') ?? null));
      const severity = property(alert, 'properties', 'severity');
      const isKnown = windows.includes(window) && windows.includes(frequency);
      return [
        ...([0, 1, 2, 3, 4].includes(Number(severity))
          ? []
          : [`${nameOf(alert)} is of no severity: ${textOf(severity ?? null)}`]),
        ...(isKnown ? [] : [`${nameOf(alert)}: Azure has no window of ${window} minutes every ${frequency}`]),
        ...(frequency <= window ? [] : [`${nameOf(alert)} looks at ${window} minutes every ${frequency}`]),
      ];
    });

export const queryRules: readonly Rule[] = [
  {
    name: 'names-in-queries',
    says: 'alerts and workbook wait for events, fields, codes, metrics and attributes that the code gives',
    check: (infra) =>
      queriesOf(infra).flatMap(({ who, text }) =>
        wrongNames(infra, text).map((what) => `${who} waits for ${what}`),
      ),
  },
  {
    name: 'tables-in-queries',
    says: 'alerts and workbook ask tables that a diagnostic setting fills',
    check: (infra) => queriesOf(infra).flatMap((query) => unfilled(infra, query)),
  },
  {
    name: 'strangers',
    says: 'the alert on reads past the exchange knows the app of each region',
    check: strangers,
  },
  {
    name: 'looks',
    says: 'alerts have a severity, and look at windows that Azure has, without gaps',
    check: looks,
  },
];
