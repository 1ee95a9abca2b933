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
import type { RecordFacts } from '../../../src/core/governance/access-request.js';
import type { Interaction } from '../../../src/core/governance/access-vocabulary.js';
import { compileDecisions } from '../../../src/core/governance/decide.js';
import type { Decision } from '../../../src/core/governance/decision-reasons.js';
import { nothingKept } from '../../../src/core/governance/kept-facts.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { anAccess } from '../../support/access.js';
import { aPatient, aResource, asCurrent, send, store, type Asked } from '../fhir/arrange.js';

type Route = (typeof fhirRoutes)[number];

const observationCategory = 'http://terminology.hl7.org/CodeSystem/observation-category';
const identifier = [{ system: 'urn:lab', value: '77' }];
const observation: Resource & { id: string } = aResource('Observation/p1.o', {
  ...{ status: 'final', subject: { reference: 'Patient/p1' }, identifier },
  category: [{ coding: [{ system: observationCategory, code: 'laboratory' }] }],
  code: { coding: [{ system: 'urn:codes', code: 'marker' }] },
});
const { id: _id, ...unnamed } = observation;

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

/** Whoever has stated something about a patient has a part in their care, which the matrix leaves open. */
function known({ record, principal }: MatrixQuestion): RecordFacts {
  const { organisation = '' } = record;
  const relationship = { organisation, subject: undefined, start: undefined, end: undefined };
  const isStated = organisation === principal.organisation;
  return record.patient === undefined || !isStated
    ? record
    : {
        ...record,
        patient: { ...record.patient, relationships: [...record.patient.relationships, relationship] },
      };
}

/** What is decided about the record, its patient, and a new record about them. */
function decisionsOf(question: MatrixQuestion) {
  const record = known(question);
  const compiled = (interaction: Interaction) => compileDecisions({ ...question, interaction }, matrixPolicy);
  const isRelated = record.patient?.relationships.some(
    ({ organisation }) => organisation === question.principal.organisation,
  );
  const anew = {
    ...record,
    labels: [],
    organisation: isRelated === true ? question.principal.organisation : record.organisation,
  };
  const patient = { ...record, type: 'Patient', labels: [], codes: {} };
  return {
    refuses: (interaction: Interaction, type: string) => compiled(interaction).refusalOf(type) !== undefined,
    on: (interaction: Interaction) => compiled(interaction).decide(record),
    onPatient: (interaction: Interaction) => compiled(interaction).decide(patient),
    onNew: (interaction: Interaction) => compiled(interaction).decide(anew),
  };
}

type Decisions = ReturnType<typeof decisionsOf>;

const isPermit = ({ outcome }: Decision) => outcome === 'permit';
const isChangeable = (decision: Decision) =>
  isPermit(decision) && !decision.obligations.includes('redact-location');

/** What came of a request: its status, whether the record was shown, and what became of the records. */
type Outcome = string;

const patchBody = [{ op: 'add', path: '/language', value: 'en' }] as const;
const jsonPatch = { 'content-type': 'application/json-patch+json' };
const tagged = {
  resourceType: 'Parameters',
  parameter: [{ name: 'meta', valueMeta: { tag: [{ code: 't' }] } }],
};
const batch = {
  ...{ resourceType: 'Bundle', type: 'batch' },
  entry: [{ request: { method: 'GET', url: 'Observation/p1.o' } }],
} as unknown as Resource;

const found = (decision: Decision): Outcome => (isPermit(decision) ? '200 shown' : '200');
const read = (decision: Decision): Outcome => (isPermit(decision) ? '200 shown' : '404');
/** What becomes of a write of the record by its id. */
const written = (by: Decisions, interaction: Interaction, done: Outcome): Outcome => {
  if (isChangeable(by.on(interaction))) return done;
  if (isChangeable(by.on('read'))) return '403';
  return interaction === 'delete' ? '204' : '404';
};
/** A patient who is hidden is as good as not stored. */
const created = (by: Decisions, interaction: Interaction, done = '201 shown created'): Outcome => {
  if (isPermit(by.onNew(interaction))) return done;
  return isPermit(by.onPatient('read')) ? '403' : '422';
};
const isFound = (by: Decisions): boolean => isPermit(by.on('search-type'));

interface Expectation {
  readonly asked: Asked;
  /** The type whose refusal is answered 403; default Observation. */
  readonly type?: string;
  readonly expected: (by: Decisions) => Outcome;
}

/** One for each route: a route that is added needs its row here. */
const expectations: Readonly<Record<string, Expectation>> = {
  'POST ': {
    asked: { target: '', method: 'POST', body: batch },
    expected: (by) => (by.refuses('read', 'Observation') ? '200' : found(by.on('read'))),
  },
  'GET metadata': { asked: { target: 'metadata' }, expected: () => '200' },
  'GET $meta': { asked: { target: '$meta' }, expected: () => '200' },
  'POST $meta': { asked: { target: '$meta', method: 'POST', form: '' }, expected: () => '200' },
  'GET Provenance': {
    asked: { target: 'Provenance?target=Observation/p1.o' },
    expected: (by) => (isPermit(by.on('provenance')) ? '200 told' : '200'),
  },
  'GET {type}': {
    asked: { target: 'Observation?patient=p1' },
    expected: (by) => found(by.on('search-type')),
  },
  'POST {type}': {
    asked: { target: 'Observation', method: 'POST', body: unnamed },
    expected: (by) => created(by, 'create'),
  },
  'PUT {type}': {
    asked: { target: 'Observation?identifier=urn:lab|77', method: 'PUT', body: unnamed },
    expected: (by) => (isFound(by) ? written(by, 'update', '200 shown') : created(by, 'update')),
  },
  'PATCH {type}': {
    asked: {
      target: 'Observation?identifier=urn:lab|77',
      method: 'PATCH',
      body: patchBody,
      headers: jsonPatch,
    },
    expected: (by) => (isFound(by) ? written(by, 'patch', '200 shown changed') : '404'),
  },
  'DELETE {type}': {
    asked: { target: 'Observation?identifier=urn:lab|77', method: 'DELETE' },
    expected: (by) => (isFound(by) ? written(by, 'delete', '204 deleted') : '204'),
  },
  'POST {type}/_search': {
    asked: {
      ...{ target: 'Observation/_search', method: 'POST', form: 'patient=p1' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    expected: (by) => found(by.on('search-type')),
  },
  'GET {type}/_history': {
    asked: { target: 'Observation/_history' },
    expected: (by) => found(by.on('history-type')),
  },
  'GET {type}/$lastn': {
    asked: { target: 'Observation/$lastn?patient=p1' },
    expected: (by) => found(by.on('lastn')),
  },
  'POST {type}/$lastn': {
    asked: {
      ...{ target: 'Observation/$lastn', method: 'POST', form: 'patient=p1' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    expected: (by) => found(by.on('lastn')),
  },
  'POST {type}/$match': {
    asked: {
      ...{ target: 'Patient/$match', method: 'POST' },
      body: { ...aPatient('x', { value: '77' }), id: 'x' },
    },
    type: 'Patient',
    expected: (by) => (isPermit(by.onPatient('match')) ? '200 patient' : '200'),
  },
  'POST {type}/$validate': {
    asked: { target: 'Observation/$validate', method: 'POST', body: unnamed },
    expected: () => '200',
  },
  'GET {type}/$meta': { asked: { target: 'Observation/$meta' }, expected: () => '200' },
  'POST {type}/$meta': {
    asked: { target: 'Observation/$meta', method: 'POST', form: '' },
    expected: () => '200',
  },
  'GET {type}/{id}': { asked: { target: 'Observation/p1.o' }, expected: (by) => read(by.on('read')) },
  'PUT {type}/{id}': {
    asked: {
      target: 'Observation/p1.o',
      method: 'PUT',
      body: { ...observation, language: 'en' },
    },
    expected: (by) => {
      const outcome = written(by, 'update', '200 shown changed');
      // Of one that is hidden is told what is told of one that would be new, unless it might be created.
      return outcome === '404' ? created(by, 'update', '404') : outcome;
    },
  },
  'PATCH {type}/{id}': {
    asked: { target: 'Observation/p1.o', method: 'PATCH', body: patchBody, headers: jsonPatch },
    expected: (by) => written(by, 'patch', '200 shown changed'),
  },
  'DELETE {type}/{id}': {
    asked: { target: 'Observation/p1.o', method: 'DELETE' },
    expected: (by) => written(by, 'delete', '204 deleted'),
  },
  'GET {type}/{id}/_history': {
    asked: { target: 'Observation/p1.o/_history' },
    expected: (by) => read(by.on('history-instance')),
  },
  'GET {type}/{id}/_history/{versionId}': {
    asked: { target: 'Observation/p1.o/_history/1' },
    expected: (by) => read(by.on('vread')),
  },
  'GET {type}/{id}/$everything': {
    asked: { target: 'Patient/p1/$everything' },
    type: 'Patient',
    expected: (by) =>
      isPermit(by.onPatient('everything'))
        ? `200${isPermit(by.on('everything')) ? ' shown' : ''} patient`
        : '404',
  },
  'POST {type}/{id}/$everything': {
    asked: { target: 'Patient/p1/$everything', method: 'POST', form: '' },
    type: 'Patient',
    expected: (by) =>
      isPermit(by.onPatient('everything'))
        ? `200${isPermit(by.on('everything')) ? ' shown' : ''} patient`
        : '404',
  },
  'GET {type}/{id}/$validate': {
    asked: { target: 'Observation/p1.o/$validate' },
    expected: (by) => (isPermit(by.on('validate')) ? '200' : '404'),
  },
  'POST {type}/{id}/$validate': {
    asked: { target: 'Observation/p1.o/$validate', method: 'POST', form: '' },
    expected: (by) => (isPermit(by.on('validate')) ? '200' : '404'),
  },
  'GET {type}/{id}/$meta': {
    asked: { target: 'Observation/p1.o/$meta' },
    expected: (by) => (isPermit(by.on('meta')) ? '200' : '404'),
  },
  'POST {type}/{id}/$meta': {
    asked: { target: 'Observation/p1.o/$meta', method: 'POST', form: '' },
    expected: (by) => (isPermit(by.on('meta')) ? '200' : '404'),
  },
  'POST {type}/{id}/$meta-add': {
    asked: { target: 'Observation/p1.o/$meta-add', method: 'POST', body: tagged },
    expected: (by) => (isChangeable(by.on('meta-add')) ? '200 changed' : '404'),
  },
  'POST {type}/{id}/$meta-delete': {
    asked: { target: 'Observation/p1.o/$meta-delete', method: 'POST', body: tagged },
    expected: (by) => (isChangeable(by.on('meta-delete')) ? '200' : '404'),
  },
  'POST Patient/{id}/{type}/_search': {
    asked: {
      ...{ target: 'Patient/p1/Observation/_search', method: 'POST', form: '_total=accurate' },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
    expected: (by) => found(by.on('search-compartment')),
  },
  'GET Patient/{id}/{type}': {
    asked: { target: 'Patient/p1/Observation' },
    expected: (by) => found(by.on('search-compartment')),
  },
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
