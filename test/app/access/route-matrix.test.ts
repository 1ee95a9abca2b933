/**
 * Every route of the FHIR API for everybody of the access matrix: what is answered and changed is what `decide` says. All of
 * it takes minutes: HDE_POLICY_CASES says how many requests, from all parts of it; 250000 are more than all.
 */
import { expect, test } from '@jest/globals';
import type { Bundle, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { AccessDependencies } from '../../../src/app/access/access-dependencies.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { fhirRoutes } from '../../../src/core/fhir/interactions.js';
import {
  everyCombination,
  matrixColumns,
  matrixPolicy,
  questionsAt,
  type Coordinates,
  type MatrixQuestion,
} from '../../../src/core/governance/access-matrix.js';
import { nothingKept } from '../../../src/core/governance/kept-facts.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { anAccess } from '../../support/access.js';
import { aPatient, aResource, asCurrent, send, store, type Asked } from '../fhir/arrange.js';
import {
  decisionsOf,
  expectations,
  observation,
  type Decisions,
  type Outcome,
} from './route-expectations.js';

type Route = (typeof fhirRoutes)[number];

const codings: Readonly<Record<string, object>> = {
  restricted: { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' },
  'very-restricted': { system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'V' },
  sensitive: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'HIV' },
  'not-for-patient': { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'NOPAT' },
};

const feeds = new Map(['RZZ', 'RYY', 'RXX', 'RWW'].map((organisation) => [organisation, { organisation }]));

/** The records of a question, as they would be stored. */
async function recordsFor({ record }: MatrixQuestion): Promise<RecordStore> {
  const feed = record.organisation ?? '';
  const of = (resource: Resource & { id: string }): CurrentDocument => {
    const document = asCurrent(resource);
    return { ...document, source: { ...document.source, feed } };
  };
  const security = record.labels.map((label) => codings[label]);
  const plain = of(observation);
  const resource = { ...plain.resource, meta: { ...plain.resource.meta, ...(security[0] && { security }) } };
  const labelled = asCurrent({ ...resource, id: 'p1.o' } as Resource & { id: string });
  const consents = record.patient?.consents ?? [];
  const records = createMemoryRecordStore();
  await store(
    records,
    of(aPatient('p1', { value: '77' })),
    { ...plain, resource: resource as Resource, index: labelled.index },
    ...consents.map((consent, index) => of(aResource(`Consent/p1.c${index}`, consent as object as never))),
  );
  return records;
}

const governanceFor = ({ record, breakGlass }: MatrixQuestion): AccessDependencies['governance'] => {
  const { patient } = record;
  const said = { by: 'operator', at: '2026-01-01T00:00:00.000Z', id: 'x' };
  return {
    factsOf: (ids) =>
      Promise.resolve(
        ids.map((id) =>
          id === 'p1' && patient !== undefined
            ? {
                optOut: patient.optOut && { answer: patient.optOut, at: '2026-06-15T00:00:00.000Z' },
                relationships: patient.relationships.map((each) => ({ ...each, ...said })),
                proxies: patient.proxies.map((each) => ({ ...each, ...said })),
              }
            : nothingKept,
        ),
      ),
    glassOf: (subject, patient, organisation) =>
      Promise.resolve(
        breakGlass?.patient === patient && organisation === 'RZZ'
          ? { ...breakGlass, id: 'g', subject, organisation: 'RZZ', review: undefined }
          : undefined,
      ),
  };
};

const nameOf = ({ method, template }: Route): string => `${method} ${template}`;

async function outcomeOf(question: MatrixQuestion, asked: Asked): Promise<Outcome> {
  const records = await recordsFor(question);
  const { principal, purpose, now } = question;
  const access = (stored: RecordStore) =>
    anAccess(
      stored,
      { principal, purpose, now },
      { policy: matrixPolicy, feeds, governance: governanceFor(question) },
    );
  const words: string[] = [];
  try {
    const { status, resource } = await send(
      { records, identities: createMemoryIdentityStore() },
      { ...asked, access, now: () => new Date(now) },
    );
    words.push(String(status));
    if (JSON.stringify(resource ?? null).includes('"marker"')) words.push('shown');
    const entries = (resource as Bundle | undefined)?.entry ?? [];
    if (entries.some((each) => each.resource?.resourceType === 'Patient')) words.push('patient');
    if (entries.some((each) => each.resource?.resourceType === 'Provenance')) words.push('told');
    const total = (resource as Bundle | undefined)?.total;
    const matches = entries.filter(({ search }) => (search?.mode ?? 'match') === 'match').length;
    if (total !== undefined && total !== matches) words.push(`total ${total} of ${matches}`);
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    words.push(String(error.definition.http));
  }
  const latest = await records.readLatest('Observation', 'p1.o');
  if (latest?.kind === 'deleted') words.push('deleted');
  if (latest?.kind === 'resource' && latest.versionId > 1) words.push('changed');
  const { documents } = await records.listPartition('p1', 'Observation', { limit: 3 });
  if (documents.some(({ fhirId }) => fhirId !== 'p1.o')) words.push('created');
  return words.join(' ');
}

test('each route has its row', () => {
  expect(Object.keys(expectations).sort()).toEqual(fhirRoutes.map(nameOf).sort());
});

const wanted = Number(process.env['HDE_POLICY_CASES'] ?? 6000);
// The interaction of a combination is that of the route.
const combinations = everyCombination().filter(({ interaction }) => interaction === 'read');
const total = combinations.length * matrixColumns.length * fhirRoutes.length;
/** Has no part in common with the number of columns, so that all of them are met. */
const stride = coprimeFrom(Math.max(1, Math.floor(total / wanted)));

function coprimeFrom(least: number): number {
  const divides = (n: number) =>
    [2, 3, 5, 7].some((prime) => n % prime === 0 && matrixColumns.length % prime === 0);
  return divides(least) ? coprimeFrom(least + 1) : least;
}

test.each(fhirRoutes.map((route, at) => [nameOf(route), route, at] as const))(
  '%s answers as is decided',
  async (name, { interaction }, at) => {
    const { asked, type = 'Observation', expected } = expectations[name]!;
    const wrong: string[] = [];
    const seen = new Set<Outcome>();
    for (let n = at % stride; n < combinations.length * matrixColumns.length; n += stride) {
      const place: Coordinates = combinations[Math.floor(n / matrixColumns.length)]!;
      const column = n % matrixColumns.length;
      const question = questionsAt(place)[column]!;
      const by = decisionsOf(question);
      const isForbidden = isRefused(by, interaction, asked.target.startsWith('$') ? '' : type);
      const should = isForbidden ? '403' : expected(by);
      const is = await outcomeOf(question, asked);
      seen.add(is);
      if (is !== should)
        wrong.push(`${JSON.stringify(place)} ${matrixColumns[column] ?? ''}: ${is}, not ${should}`);
    }
    expect(wrong.slice(0, 5)).toEqual([]);
    // A route that is never refused, or never answers, was not looked at.
    if (interaction !== 'capabilities' && interaction !== 'transaction') expect(seen.size).toBeGreaterThan(1);
  },
  600_000,
);

function isRefused(by: Decisions, interaction: Route['interaction'], type: string): boolean {
  if (interaction === 'capabilities' || interaction === 'transaction') return false;
  // Of the whole system nothing is given where nothing is of any type; all scopes of the matrix are for all types.
  return by.refuses(interaction, type === '' ? 'Observation' : type);
}
