/**
 * Who may see what, by example: a table of everybody, everything and every purpose, from which
 * docs/reference/access-matrix.md is written.
 */
import type { AccessPolicy } from './access-policy.js';
import type { AccessPrincipal, AccessRequest, PatientFacts, RecordFacts } from './access-request.js';
import { purposes, type Interaction, type Purpose } from './access-vocabulary.js';
import { decide } from './decide.js';
import { decisionReasons, type ReasonCode } from './decision-reasons.js';
import { parseScopes } from './smart-scopes.js';

/** One question for each combination of these, but relations of patients, who have none. */
const dimensionNames = ['who', 'scope', 'relation', 'purpose', 'interaction'] as const;
type Dimension = (typeof dimensionNames)[number];
export type Coordinates = Readonly<Record<Dimension, string>>;

/** Combinations that are answered alike, whatever holds the record back. */
export interface MatrixRow {
  /** For each dimension, the values for which the answers hold. */
  readonly at: Readonly<Record<Dimension, readonly string[]>>;
  /** In the order of `matrixColumns`. */
  readonly reasons: readonly ReasonCode[];
}

const now = Date.UTC(2026, 5, 15, 12);
const day = 86_400_000;

const sharing = { with: ['RZZ'], types: ['*'], actions: ['r', 's'] } as const;

/** The policy of the table. */
export const matrixPolicy: AccessPolicy = {
  organisations: ['RZZ', 'RYY', 'RXX', 'RWW'].map((ods) => ({ ods, name: ods, isActive: true })),
  agreements: [
    { ...sharing, id: 'in force', from: 'RYY', purposes: ['direct-care'], start: now - day, end: now + day },
    { ...sharing, id: 'ended', from: 'RXX', purposes: ['direct-care'], start: now - day, end: now },
  ],
  roles: [
    {
      ...{ code: 'clinician', name: 'Clinician', types: ['*'], actions: ['c', 'r', 'u', 'd', 's'] },
      ...{ purposes: ['direct-care'], clearance: [], mayBreakGlass: true },
    },
    {
      ...{ code: 'clerk', name: 'Clerk', types: ['*'], actions: ['r', 'u', 's'] },
      ...{ purposes: ['care-administration'], clearance: [], mayBreakGlass: false },
    },
    {
      ...{ code: 'safeguarding', name: 'Safeguarding lead', types: ['*'], actions: ['r', 's'] },
      ...{ purposes: ['direct-care'], clearance: ['restricted', 'very-restricted', 'sensitive'] },
      mayBreakGlass: false,
    },
    {
      ...{ code: 'analyst', name: 'Analyst', types: ['*'], actions: ['r', 's'] },
      ...{ purposes: ['planning', 'research'], clearance: [], mayBreakGlass: false },
    },
  ],
  clients: [],
  assurance: { system: 1, staff: 2, patient: 3 },
  breakGlass: { minutes: 60, overridesConsent: false },
  optOut: { days: 7 },
  relationship: { days: 730 },
  consumers: [],
};

const staff = (role: string): AccessPrincipal => ({
  ...{ subject: 'staff-1', kind: 'staff', organisation: 'RZZ', roles: [role], scopes: [], assurance: 2 },
  ...{ ownRecord: undefined, patientInContext: undefined },
});

const system: AccessPrincipal = { ...staff(''), subject: 'system-1', kind: 'system' };
const own: AccessPrincipal = {
  ...{ ...staff(''), subject: 'person-1', kind: 'patient', organisation: undefined },
  ...{ assurance: 3, ownRecord: 'p1' },
};

const principals: Readonly<Record<string, AccessPrincipal>> = {
  clinician: staff('clinician'),
  clerk: staff('clerk'),
  'safeguarding lead': staff('safeguarding'),
  analyst: staff('analyst'),
  'staff without a role': staff(''),
  system,
  patient: own,
  proxy: { ...own, subject: 'proxy-1', ownRecord: 'p2' },
  'another patient': { ...own, subject: 'person-3', ownRecord: 'p3' },
};

/** After the slash; the context goes with the principal. */
const scopes: Readonly<Record<string, string>> = {
  none: '',
  'read and search': '*.rs',
  'read and search vital signs': '*.rs?category=vital-signs',
  everything: '*.cruds',
};

const contexts = { system: 'system', staff: 'user', patient: 'user' } as const;

/** Whose record it is, seen from the asker. */
const relations: Readonly<Record<string, string>> = {
  'own organisation': 'RZZ',
  'shares for direct care': 'RYY',
  'agreement ended': 'RXX',
  'no agreement': 'RWW',
};

/** One for each set of actions, and those that may not break the glass. */
const interactions: readonly Interaction[] = [
  ...(['read', 'search-type', 'everything', 'create', 'update', 'patch', 'delete'] as const),
  ...(['export', 'event'] as const),
];

const patient: PatientFacts = {
  ...{ id: 'p1', linked: [], labels: [], optOut: 'may-be-used', consents: [] },
  relationships: [{ organisation: 'RZZ', subject: undefined, start: undefined, end: undefined }],
  proxies: [{ subject: 'proxy-1', start: undefined, end: undefined }],
};

interface Condition {
  readonly patient?: Partial<PatientFacts>;
  readonly record?: Pick<RecordFacts, 'labels'>;
  readonly isGlassBroken?: true;
}

const refusal = { status: 'active', provision: { type: 'deny' } };

/** What may hold the record back. */
const conditions: Readonly<Record<string, Condition>> = {
  'nothing holds it back': {},
  'opted out, or no answer': { patient: { optOut: undefined } },
  'very restricted': { record: { labels: ['very-restricted'] } },
  restricted: { record: { labels: ['restricted'] } },
  'restricted, glass broken': { record: { labels: ['restricted'] }, isGlassBroken: true },
  'no relationship': { patient: { relationships: [] } },
  'no relationship, glass broken': { patient: { relationships: [] }, isGlassBroken: true },
  'consent refuses': { patient: { consents: [refusal] } },
  sensitive: { record: { labels: ['sensitive'] } },
  'not for patient': { record: { labels: ['not-for-patient'] } },
};

/** Heads of the columns that hold reasons. */
export const matrixColumns: readonly string[] = Object.keys(conditions);

/** The whole table; rows that answer alike are one. */
export function accessMatrix(): readonly MatrixRow[] {
  let rows = everyCombination().map((at): MatrixRow => {
    const values = dimensionNames.map((name) => [name, [at[name]]] as const);
    return { at: Object.fromEntries(values) as unknown as MatrixRow['at'], reasons: reasonsAt(at) };
  });
  for (const dimension of [...dimensionNames].reverse()) rows = joinAlong(dimension, rows);
  return rows;
}

/** Every question, one by one. */
export function everyCombination(): readonly Coordinates[] {
  return Object.keys(principals).flatMap((who) =>
    Object.keys(scopes).flatMap((scope) =>
      relationsOf(who).flatMap((relation) =>
        [...purposes, 'none'].flatMap((purpose) =>
          interactions.map((interaction) => ({ who, scope, relation, purpose, interaction })),
        ),
      ),
    ),
  );
}

const relationsOf = (who: string): readonly string[] =>
  principals[who]?.kind === 'patient' ? ['any'] : Object.keys(relations);

/** What is decided for one combination, in the order of `matrixColumns`. */
export const reasonsAt = (at: Coordinates): readonly ReasonCode[] =>
  questionsAt(at).map((question) => decide(question, matrixPolicy).reason);

/** A question of the table. */
export type MatrixQuestion = AccessRequest & { readonly record: RecordFacts };

/** The questions of one combination, in the order of `matrixColumns`. */
export function questionsAt({
  who,
  scope,
  relation,
  purpose,
  interaction,
}: Coordinates): readonly MatrixQuestion[] {
  const principal = principals[who] ?? own;
  const words = scopes[scope] ?? '';
  const request: AccessRequest = {
    principal: {
      ...principal,
      scopes: words === '' ? [] : parseScopes(`${contexts[principal.kind]}/${words}`),
    },
    interaction: interaction as Interaction,
    purpose: purpose === 'none' ? undefined : (purpose as Purpose),
    now,
    breakGlass: undefined,
  };
  return Object.values(conditions).map((condition) => {
    const record: RecordFacts = {
      ...{ type: 'Observation', organisation: relations[relation] ?? 'RWW', labels: [] },
      codes: { category: ['http://terminology.hl7.org/CodeSystem/observation-category|laboratory'] },
      ...condition.record,
      patient: { ...patient, ...condition.patient },
    };
    const glass = { patient: 'p1', reason: 'unconscious, allergies wanted', openedAt: now };
    return { ...request, breakGlass: condition.isGlassBroken === true ? glass : undefined, record };
  });
}

/** Makes one row of those that differ in one dimension only. */
function joinAlong(dimension: Dimension, rows: readonly MatrixRow[]): MatrixRow[] {
  const joined = new Map<string, MatrixRow>();
  for (const row of rows) {
    const others = dimensionNames.filter((name) => name !== dimension).map((name) => row.at[name]);
    const key = JSON.stringify([others, row.reasons]);
    const held = joined.get(key);
    const values = [...(held?.at[dimension] ?? []), ...row.at[dimension]];
    joined.set(key, { ...row, at: { ...row.at, [dimension]: values } });
  }
  return [...joined.values()];
}

const counts: Readonly<Record<Dimension, number>> = {
  who: Object.keys(principals).length,
  scope: Object.keys(scopes).length,
  relation: Object.keys(relations).length,
  purpose: purposes.length + 1,
  interaction: interactions.length,
};

const marks = { permit: 'yes', withhold: 'held', deny: 'no' } as const;

/** The table in words, for the documentation: heads and cells. */
export function printMatrix(): { readonly columns: readonly string[]; readonly rows: readonly string[][] } {
  const rows = accessMatrix().map(({ at, reasons }) => [
    ...dimensionNames.map((name) => (at[name].length === counts[name] ? 'any' : at[name].join(', '))),
    ...(new Set(reasons).size === 1
      ? reasons.map((reason, column) => (column === 0 ? cellOf(reason) : 'same'))
      : reasons.map(cellOf)),
  ]);
  return { columns: [...dimensionNames, ...matrixColumns], rows };
}

const cellOf = (reason: ReasonCode): string => `${marks[decisionReasons[reason].outcome]}: ${reason}`;
