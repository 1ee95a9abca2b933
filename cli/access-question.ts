/** Reads who asks for what, as `hde can` is told. */
import { z } from 'zod';
import { sharedTypes } from '../src/core/fhir/interactions.js';
import type { AccessPolicy } from '../src/core/governance/access-policy.js';
import type { AccessPrincipal, AccessRequest, RecordFacts } from '../src/core/governance/access-request.js';
import {
  actionsOfInteraction,
  labels,
  principalKinds,
  type Interaction,
} from '../src/core/governance/access-vocabulary.js';
import { parseScope } from '../src/core/governance/smart-scopes.js';
import { readJson } from '../src/platform/read-json.js';
import { readText } from './setting.js';
import { UsageError } from './terminal.js';

/** A sentence about what was not said. */
export type Assumption = string;

export interface Question extends Pick<AccessRequest, 'principal' | 'interaction'> {
  readonly record: RecordFacts;
  readonly assumed: readonly Assumption[];
}

const words = z.array(z.string()).default([]);
const labelList = z.array(z.enum(labels)).default([]);
const moment = z.iso
  .datetime({ offset: true })
  .or(z.iso.date())
  .transform((text) => Date.parse(text))
  .optional();
const term = { start: moment, end: moment };

const principalSchema = z.strictObject({
  subject: z.string(),
  kind: z.enum(principalKinds),
  organisation: z.string().optional(),
  roles: words,
  scopes: z
    .string()
    .transform((text) => text.split(/\s+/))
    .or(z.array(z.string())),
  assurance: z.number().optional(),
  ownRecord: z.string().optional(),
  patientInContext: z.string().optional(),
});

const recordSchema = z.strictObject({
  organisation: z.string().optional(),
  labels: labelList,
  codes: z.record(z.string(), z.array(z.string())).default({}),
  patient: z
    .strictObject({
      id: z.string().optional(),
      labels: labelList,
      optOut: z.enum(['may-be-used', 'opted-out']).optional(),
      consents: z.array(z.unknown()).default([]),
      relationships: z
        .array(z.strictObject({ organisation: z.string(), subject: z.string().optional(), ...term }))
        .default([]),
      proxies: z.array(z.strictObject({ subject: z.string(), ...term })).default([]),
    })
    .prefault({}),
});

/** What the options say. */
interface Options {
  readonly who: string;
  readonly what: string;
  readonly record: string | undefined;
}

/** @throws UsageError that says which option holds what it should not */
export function readQuestion({ who, what, record }: Options, policy: AccessPolicy): Question {
  const { principal, assumed } = readPrincipal(who, policy);
  const { interaction, type, id } = parseWhat(what);
  const facts = readRecord(record, { type, id }, principal);
  return { principal, interaction, record: facts.record, assumed: [...assumed, ...facts.assumed] };
}

/** A JSON text, or the file that holds it. */
function read<T>(option: string, given: string, schema: z.ZodType<T>): T {
  const text = given.trimStart().startsWith('{') ? given : readText(given);
  let json: unknown;
  try {
    json = readJson(text);
  } catch (error) {
    throw new UsageError(`--${option} ${error instanceof Error ? error.message : 'is not JSON'}`);
  }
  const parsed = schema.safeParse(json);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`.trim());
  throw new UsageError(`--${option}: ${faults.join(', ')}`);
}

function readPrincipal(
  who: string,
  policy: AccessPolicy,
): { readonly principal: AccessPrincipal; readonly assumed: readonly Assumption[] } {
  const { assurance, scopes, ...said } = read('who', who, principalSchema);
  const needed = policy.assurance[said.kind];
  const useless = scopes.filter((scope) => scope.includes('/') && parseScope(scope) === undefined);
  const assumed = [
    ...useless.map((scope) => `The scope ${scope} allows nothing: it is not well formed.`),
    ...(assurance === undefined ? [`They were authenticated as surely as the policy asks (${needed}).`] : []),
  ];
  const principal = {
    ...said,
    organisation: said.organisation,
    ownRecord: said.ownRecord,
    patientInContext: said.patientInContext,
    scopes: scopes.flatMap((scope) => parseScope(scope) ?? []),
    assurance: assurance ?? needed,
  };
  return { principal, assumed };
}

const shortNames: Readonly<Record<string, Interaction>> = {
  search: 'search-type',
  history: 'history-instance',
};

interface Target {
  readonly type: string;
  readonly id: string | undefined;
}

/** `read Observation/p1.abc`, `search Observation`, `$everything Patient/p1`. */
function parseWhat(what: string): Target & { readonly interaction: Interaction } {
  const [, name = '', type = '', id] =
    /^\$?(\S+)\s+([A-Z][A-Za-z]+)(?:\/([^\s/?]*))?\S*$/.exec(what.trim()) ?? [];
  const interaction = Object.hasOwn(shortNames, name) ? shortNames[name] : name;
  const known = (Object.keys(actionsOfInteraction) as Interaction[]).find((each) => each === interaction);
  if (known !== undefined) return { interaction: known, type, id };
  const names = [...Object.keys(shortNames), ...Object.keys(actionsOfInteraction)].join(', ');
  throw new UsageError(
    `--what takes an interaction and a record, such as "read Observation/p1.abc"; interactions are ${names}`,
  );
}

function readRecord(
  given: string | undefined,
  { type, id }: Target,
  principal: AccessPrincipal,
): { readonly record: RecordFacts; readonly assumed: readonly Assumption[] } {
  const said = given === undefined ? recordSchema.parse({}) : read('record', given, recordSchema);
  const { labels: own, codes, patient } = said;
  const organisation = given === undefined ? principal.organisation : said.organisation;
  // The id of a record about a patient begins with that of the patient (docs/adr/0003).
  const patientId = patient.id ?? id?.split('.')[0] ?? '';
  const isShared = sharedTypes.has(type);
  const about = {
    ...patient,
    ...{ id: patientId, linked: [] },
    optOut: patient.optOut,
    relationships: patient.relationships.map(({ organisation: ods, subject, start, end }) => ({
      ...{ organisation: ods, subject, start, end },
    })),
    proxies: patient.proxies.map(({ subject, start, end }) => ({ subject, start, end })),
  };
  const assumed = given === undefined && !isShared ? assumptions(principal.organisation, patientId) : [];
  return {
    record: { type, organisation, labels: own, codes, patient: isShared ? undefined : about },
    assumed,
  };
}

const assumptions = (organisation: string | undefined, patient: string): Assumption[] => [
  ...(organisation === undefined ? [] : [`The record belongs to ${organisation}.`]),
  patient === '' ? 'It is about some patient.' : `It is about Patient/${patient}.`,
  'It has no labels, and the patient has neither restrictions nor consents.',
  'Nobody is known to care for the patient, or to act for them, and there is no answer about an opt-out.',
  '(--record FILE|JSON says otherwise.)',
];
