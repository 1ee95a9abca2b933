/** What each route of the FHIR API answers about one record, by what is decided about it. */
import type { Resource } from 'fhir/r4.js';
import { matrixPolicy, type MatrixQuestion } from '../../../src/core/governance/access-matrix.js';
import type { RecordFacts } from '../../../src/core/governance/access-request.js';
import type { Interaction } from '../../../src/core/governance/access-vocabulary.js';
import { compileDecisions } from '../../../src/core/governance/decide.js';
import type { Decision } from '../../../src/core/governance/decision-reasons.js';
import { aPatient, aResource, type Asked } from '../fhir/arrange.js';

const observationCategory = 'http://terminology.hl7.org/CodeSystem/observation-category';
const identifier = [{ system: 'urn:lab', value: '77' }];
/** The record that is asked for. */
export const observation: Resource & { id: string } = aResource('Observation/p1.o', {
  ...{ status: 'final', subject: { reference: 'Patient/p1' }, identifier },
  category: [{ coding: [{ system: observationCategory, code: 'laboratory' }] }],
  code: { coding: [{ system: 'urn:codes', code: 'marker' }] },
});
const { id: _id, ...unnamed } = observation;

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
export function decisionsOf(question: MatrixQuestion) {
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

export type Decisions = ReturnType<typeof decisionsOf>;

const isPermit = ({ outcome }: Decision) => outcome === 'permit';
const isChangeable = (decision: Decision) =>
  isPermit(decision) && !decision.obligations.includes('redact-location');

/** What came of a request: its status, whether the record was shown, and what became of the records. */
export type Outcome = string;

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

export interface Expectation {
  readonly asked: Asked;
  /** The type whose refusal is answered 403; default Observation. */
  readonly type?: string;
  readonly expected: (by: Decisions) => Outcome;
}

/** One for each route: a route that is added needs its row here. */
export const expectations: Readonly<Record<string, Expectation>> = {
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
  'POST Provenance/_search': {
    asked: {
      target: 'Provenance/_search',
      method: 'POST',
      form: 'target=Observation/p1.o',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    },
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
