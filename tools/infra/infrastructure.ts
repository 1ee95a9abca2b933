/** All that the rules look at: what one environment would deploy, and the code and pages that have to agree with it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { planOf, type PlannedResource } from '../bicep/evaluate/plan.js';
import { at, isList, isProperties, type Properties, type Value } from '../bicep/evaluate/values.js';
import type { BicepProject } from '../bicep/project.js';
import { type Environment, parameterFile } from './files.js';

export interface QueueTopology {
  readonly name: string;
  readonly [setting: string]: unknown;
}

/** Rule of a subscription: which messages of the topic it takes. */
export interface RuleTopology {
  readonly name: string;
  readonly filterType: string;
  readonly correlationFilter: { readonly properties: Readonly<Record<string, string>> };
}

export interface SubscriptionTopology extends QueueTopology {
  readonly rules: readonly RuleTopology[];
}

export interface Topology {
  readonly serviceBus: {
    readonly queues: readonly QueueTopology[];
    readonly topics: readonly (QueueTopology & { readonly subscriptions: readonly SubscriptionTopology[] })[];
  };
  readonly cosmos: {
    readonly database: string;
    readonly containers: readonly {
      readonly name: string;
      readonly partitionKey: string;
      readonly includedPaths: readonly string[];
      readonly excludedPaths: readonly string[];
      readonly compositeIndexes: readonly unknown[];
      readonly defaultTtlSeconds: number;
    }[];
  };
  readonly storage: { readonly containers: readonly { readonly name: string }[] };
  readonly settings: {
    readonly settings: readonly {
      readonly name: string;
      readonly kind: 'connection' | 'secret' | 'value';
      readonly required: boolean;
    }[];
  };
}

export interface Infrastructure {
  readonly environment: Environment;
  /** One for each id: what a later module says of a resource goes over what an earlier one said. */
  readonly resources: readonly PlannedResource[];
  /** All of them: also what a later module overwrites. */
  readonly statements: readonly PlannedResource[];
  readonly outputs: Properties;
  readonly parameters: Properties;
  /** Text of the parameter file. */
  readonly parameterText: string;
  /** Texts of the templates in use, by path. */
  readonly templates: ReadonlyMap<string, string>;
  readonly topology: Topology;
  /** Names that the entry files of functions give to an option, such as `connection`. */
  readonly bindings: (option: string) => readonly string[];
  /** Names of the functions. */
  readonly functions: readonly string[];
  /** Those of them that answer HTTP. */
  readonly httpFunctions: readonly string[];
  /** Queues that a function takes by sessions. */
  readonly sessionQueues: readonly string[];
  /** What the code opens by its name: queues and topics, containers of documents, and of blobs. */
  readonly named: Readonly<Record<'entities' | 'documents' | 'blobs', readonly string[]>>;
  /** Events that the code logs. */
  readonly events: ReadonlySet<string>;
  /** Fields that a log line may have. */
  readonly logFields: ReadonlySet<string>;
  /** Codes of the registry of errors. */
  readonly errorCodes: ReadonlySet<string>;
  /** Metrics that the code emits, with their attributes. */
  readonly metrics: ReadonlyMap<string, readonly string[]>;
  /** Values of attributes that have a closed list of them. */
  readonly attributeValues: ReadonlyMap<string, readonly string[]>;
  /** Alerts that have a page in docs/operations/runbooks. */
  readonly runbooks: ReadonlySet<string>;
  /** Text of all pages of docs/operations. */
  readonly operations: string;
}

const readFolders = new Map<string, readonly string[]>();

/** Texts of the files of a folder, read once. */
function textsBelow(folder: string, ending: string): readonly string[] {
  const known = readFolders.get(folder);
  if (known !== undefined) return known;
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : [];
  const texts = names
    .filter((name) => name.endsWith(ending))
    .map((name) => readFileSync(join(folder, name), 'utf8'));
  readFolders.set(folder, texts);
  return texts;
}

const allMatches = (texts: readonly string[], pattern: RegExp): readonly string[] =>
  texts.flatMap((text) => [...text.matchAll(pattern)].map(([, found = '']) => found));

function topologyOf(project: BicepProject): Topology {
  const read = (name: string): unknown => JSON.parse(project.text(`infra/topology/${name}.json`));
  return {
    serviceBus: read('service-bus'),
    cosmos: read('cosmos'),
    storage: read('storage'),
    settings: read('settings'),
  } as Topology;
}

interface MetricsTopology {
  readonly attributes: Readonly<Record<string, { readonly values?: readonly string[] }>>;
  readonly metrics: Readonly<Record<string, { readonly attributes: readonly string[] }>>;
}

/** The closed tables of telemetry (docs/reference/telemetry.md). */
const metricsTopology = (project: BicepProject): MetricsTopology =>
  JSON.parse(project.text('infra/topology/metrics.json')) as MetricsTopology;

/** Events are logged with their name as the first argument: `logger.warn('feed-silent', ...)`. */
const loggedEvent = /\b(?:debug|info|warn|error)\(\s*'([a-z][a-z0-9-]+)'/g;
/** Or the name stands for itself, where it depends on what happened: `event: 'ledger-balanced'`, `? 'a-b' : 'c-d'`. */
const namedEvent = /'([a-z]+(?:-[a-z]+)+)'/g;

function merged(resources: readonly PlannedResource[]): readonly PlannedResource[] {
  const byId = new Map<string, PlannedResource>();
  for (const resource of resources) byId.set(resource.id.toLowerCase(), resource);
  return [...byId.values()];
}

/** Values of what a deployment reads from the environment, for plans without one. */
const placeholders: Readonly<Record<string, string>> = {};

/** Evaluates the templates of an environment and reads all that belongs to them. */
export function infrastructureOf(project: BicepProject, environment: Environment): Infrastructure {
  const plan = planOf(project, parameterFile(environment), placeholders);
  const functions = textsBelow('functions', '.ts');
  const sources = textsBelow('src', '.ts');
  const { attributes, metrics } = metricsTopology(project);
  return {
    environment,
    resources: merged(plan.resources),
    statements: plan.resources,
    outputs: plan.outputs,
    parameters: plan.parameters,
    parameterText: project.text(parameterFile(environment)),
    templates: new Map(plan.files.map((file) => [file, project.text(file)])),
    topology: topologyOf(project),
    bindings: (option) => [...new Set(allMatches(functions, new RegExp(`\\b${option}: '([^']+)'`, 'g')))],
    functions: allMatches(functions, /\bapp\.\w+\(\s*'([\w-]+)'/g),
    httpFunctions: allMatches(functions, /\bapp\.http\(\s*'([\w-]+)'/g),
    sessionQueues: allMatches(functions, /queueName: '([\w-]+)',\s*isSessionsEnabled: true/g),
    named: {
      entities: allMatches(allMatches(sources, /\bentities = \{([^}]+)\} as const/g), /'([\w-]+)'/g),
      documents: allMatches(sources, /\bcosmosContainer\(\w+, '([\w-]+)'\)/g),
      blobs: allMatches(sources, /\bblobContainerOf\(.+?, '([\w-]+)'\)/g),
    },
    events: new Set([...allMatches(sources, loggedEvent), ...allMatches(sources, namedEvent)]),
    logFields: new Set([
      'event',
      ...allMatches(allMatches(sources, /\bloggable = \{\n((?: {2}.*\n)+)\}/g), /^ *(\w+):/gm),
    ]),
    errorCodes: new Set(allMatches(sources, /\b(HDE_[A-Z0-9_]+)\b/g)),
    metrics: new Map(Object.entries(metrics).map(([name, row]) => [name, row.attributes])),
    attributeValues: new Map(Object.entries(attributes).map(([name, { values = [] }]) => [name, values])),
    runbooks: new Set(
      (existsSync('docs/operations/runbooks') ? readdirSync('docs/operations/runbooks') : []).map((name) =>
        name.replace(/\.md$/, ''),
      ),
    ),
    operations: textsBelow('docs/operations', '.md').join('\n'),
  };
}

/** Resources of a type, in any case of letters. */
export const ofType = ({ resources }: Infrastructure, type: string): readonly PlannedResource[] =>
  resources.filter((resource) => resource.type.toLowerCase() === type.toLowerCase());

/** A property of a resource: `property(account, 'properties', 'allowSharedKeyAccess')`. */
export const property = (
  { body }: PlannedResource,
  ...path: readonly (string | number)[]
): Value | undefined => at(body, ...path);

export const listOf = (value: Value | undefined): readonly Value[] => (isList(value) ? value : []);

export const propertiesOf = (value: Value | undefined): Properties => (isProperties(value) ? value : {});

/** How messages name a resource. */
export const nameOf = ({ type, name }: PlannedResource): string => `${type} ${name}`;

/** The app settings as they would be set, of the app of each region. */
export const appSettingsOf = (
  infra: Infrastructure,
): readonly { readonly app: string; readonly settings: Properties }[] =>
  ofType(infra, 'Microsoft.Web/sites/config')
    .filter(({ name }) => name.endsWith('/appsettings'))
    .map((config) => ({
      app: config.name.split('/')[0] ?? '',
      settings: propertiesOf(property(config, 'properties')),
    }));

/** Those of the first region. */
export const appSettings = (infra: Infrastructure): Properties => appSettingsOf(infra)[0]?.settings ?? {};
