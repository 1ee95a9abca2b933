/**
 * Whatever the policy, the asker and the records: reads, searches, includes, histories, `$everything` and events let out
 * exactly what `decide` permits. HDE_POLICY_CASES says how many cases; 100000 take minutes.
 */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Bundle, Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import type { AccessDependencies } from '../../../src/app/access/access-dependencies.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type {
  AccessRequest,
  PatientFacts,
  RecordFacts,
} from '../../../src/core/governance/access-request.js';
import type { Interaction, Label } from '../../../src/core/governance/access-vocabulary.js';
import { decide } from '../../../src/core/governance/decide.js';
import { nothingKept } from '../../../src/core/governance/kept-facts.js';
import { nobodysId } from '../../../src/core/records/ids.js';
import type { CurrentDocument } from '../../../src/core/records/types.js';
import type { RecordStore } from '../../../src/ports/record-store.js';
import { cases } from '../../core/governance/access-cases.js';
import { anAccess } from '../../support/access.js';
import { aResource, asCurrent, send, store } from '../fhir/arrange.js';

interface Case {
  readonly request: AccessRequest;
  readonly records: readonly RecordFacts[];
  readonly policy: AccessPolicy;
}

const confidentiality = 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality';
const actCode = 'http://terminology.hl7.org/CodeSystem/v3-ActCode';
const codings: Readonly<Record<Label, object>> = {
  restricted: { system: confidentiality, code: 'R' },
  'very-restricted': { system: confidentiality, code: 'V' },
  sensitive: { system: actCode, code: 'HIV' },
  'not-for-patient': { system: actCode, code: 'NOPAT' },
};

const organisations = ['RBD', 'RDZ', 'OLD', 'NEW'];
const feeds = new Map(organisations.map((organisation) => [organisation, { organisation }]));

/** A record as it is stored, and as the policy is to see it. */
interface Stored {
  readonly document: CurrentDocument;
  readonly facts: RecordFacts;
}

const categorised = new Set(['Observation', 'Condition']);

function documentOf(
  reference: string,
  labels: readonly Label[],
  facts: Partial<RecordFacts>,
  patient?: string,
) {
  const security = labels.map((label) => codings[label]);
  const category = (facts.codes?.['category'] ?? []).map((text) => {
    const [system = '', code] = text.split('|');
    return { coding: [{ ...(system !== '' && { system }), code }] };
  });
  const fields = {
    ...(patient !== undefined && { subject: { reference: `Patient/${patient}` } }),
    ...(category.length > 0 && { category }),
  };
  const plain = asCurrent(aResource(reference, fields));
  const meta = { ...plain.resource.meta, ...(security.length > 0 && { security }) };
  const resource = { ...plain.resource, meta } as Resource & { id: string };
  const { index } = asCurrent({ ...resource, id: plain.fhirId });
  return { ...plain, resource, index, source: { ...plain.source, feed: facts.organisation ?? 'unknown' } };
}

/** What cannot be understood refuses, in the store as well. */
const storable = (consent: unknown): object =>
  typeof consent === 'object' && consent !== null ? consent : { status: 'active', provision: 7 };

/**
 * The people of a case, each with the facts of their first record, and with what their Patient says. Nobody is linked here:
 * that people are one person is the matter of `person.test.ts`.
 */
function peopleOf({ records }: Case): ReadonlyMap<string, PatientFacts> {
  const people = new Map<string, PatientFacts>();
  for (const { patient } of records)
    if (patient !== undefined && !people.has(patient.id))
      people.set(patient.id, { ...patient, linked: [], consents: patient.consents.map(storable) });
  const isStated = new Set<string>();
  for (const { type, patient, labels } of records) {
    const person = patient && people.get(patient.id);
    if (type === 'Patient' && person !== undefined && !isStated.has(person.id)) {
      isStated.add(person.id);
      people.set(person.id, { ...person, labels: [...new Set([...person.labels, ...labels])] });
    }
  }
  return people;
}

/** One Patient for each person, then the other records; with the relationships that follow from what is stored. */
function arrange(each: Case): readonly Stored[] {
  const people = peopleOf(each);
  const own = each.request.principal.organisation;
  const ofPeople = [...people.values()].map((person) => {
    const stated = each.records.find(({ type, patient }) => type === 'Patient' && patient?.id === person.id);
    const organisation = stated?.organisation;
    return {
      reference: `Patient/${person.id}`,
      type: 'Patient',
      organisation,
      labels: person.labels,
      person,
      codes: {},
    };
  });
  const others = each.records.flatMap(({ type, organisation, labels, codes, patient }, index) => {
    if (type === 'Patient') return [];
    const person = patient && people.get(patient.id);
    const id = person === undefined ? nobodysId(`n${index}`) : `${person.id}.r${index}`;
    return [
      {
        reference: `${type}/${id}`,
        type,
        organisation,
        labels,
        person,
        codes: categorised.has(type) ? codes : {},
      },
    ];
  });
  const all = [...ofPeople, ...others];
  const stated = new Set(
    all.flatMap(({ organisation, person }) =>
      organisation !== undefined && organisation === own && person ? [person.id] : [],
    ),
  );
  const known = new Map(
    [...people.values()].map((person) => {
      const relationship = { organisation: own ?? '', subject: undefined, start: undefined, end: undefined };
      const relationships = stated.has(person.id)
        ? [...person.relationships, relationship]
        : person.relationships;
      return [person.id, { ...person, relationships }] as const;
    }),
  );
  return all.map(({ reference, type, organisation, labels, person, codes }) => ({
    document: documentOf(
      reference,
      labels,
      { organisation, codes },
      type === 'Patient' ? undefined : person?.id,
    ),
    facts: {
      ...{ type, labels, codes, patient: person && known.get(person.id) },
      organisation: type === 'Patient' && stated.has(person?.id ?? '') ? own : organisation,
    },
  }));
}

const governanceOf = (
  { request }: Case,
  people: ReadonlyMap<string, PatientFacts>,
): AccessDependencies['governance'] => {
  const said = { by: 'operator', at: '2026-06-15T12:00:00.000Z', id: 'x' };
  return {
    factsOf: (ids) =>
      Promise.resolve(
        ids.map((id) => {
          const person = people.get(id);
          if (person === undefined) return nothingKept;
          return {
            optOut: person.optOut && { answer: person.optOut, at: said.at },
            relationships: person.relationships.map((one) => ({ ...one, ...said })),
            proxies: person.proxies.map((one) => ({ ...one, ...said })),
          };
        }),
      ),
    glassOf: (subject, patient, organisation) => {
      const { breakGlass } = request;
      return Promise.resolve(
        // The glass of a request is one that was broken for the organisation of whoever asks.
        breakGlass?.patient === patient
          ? { ...breakGlass, id: 'g', subject, organisation, review: undefined }
          : undefined,
      );
    },
  };
};

const nameOf = ({ resourceType, fhirId }: CurrentDocument): string => `${resourceType}/${fhirId}`;

/** What is let out by each way, and what is to be let out. */
async function compare(each: Case): Promise<{ readonly is: unknown; readonly should: unknown }> {
  const { request, policy } = each;
  const stored = arrange(each);
  const people = peopleOf(each);
  const records = createMemoryRecordStore();
  await store(records, ...stored.map(({ document }) => document));
  for (const { id, consents } of people.values())
    for (const [n, consent] of consents.entries()) {
      const document = asCurrent(aResource(`Consent/${id}.c${n}`, consent as Record<string, unknown>));
      await store(records, { ...document, source: { ...document.source, feed: 'unknown' } });
    }
  const accessTo = (found: RecordStore) =>
    anAccess(found, request, { policy, feeds, governance: governanceOf(each, people) });
  const api = { records, identities: createMemoryIdentityStore() };
  const shownBy = async (target: string): Promise<readonly string[]> => {
    try {
      const { resource } = await send(api, { target, access: accessTo });
      const entries = (resource as Bundle).entry ?? [];
      const shown = resource?.resourceType === 'Bundle' ? entries.map((one) => one.resource) : [resource];
      const names = shown.flatMap((one) =>
        one === undefined || one.resourceType === 'OperationOutcome' || one.resourceType === 'Consent'
          ? []
          : [`${one.resourceType}/${one.id ?? ''}`],
      );
      return [...new Set(names)].sort();
    } catch (error) {
      if (error instanceof ExchangeError && [403, 404].includes(error.definition.http)) return [];
      throw error;
    }
  };
  const permitted = (interaction: Interaction) => (one: Stored) =>
    decide({ ...request, interaction, record: one.facts }, policy).outcome === 'permit';
  const names = (some: readonly Stored[]) => some.map(({ document }) => nameOf(document)).sort();
  const types = [...new Set(stored.map(({ document }) => document.resourceType))];
  const is: Record<string, readonly string[]> = {};
  const should: Record<string, readonly string[]> = {};
  const expectOf = async (target: string, expected: readonly Stored[]) => {
    is[target] = await shownBy(target);
    should[target] = names(expected);
  };
  for (const one of stored) {
    const name = nameOf(one.document);
    await expectOf(name, [one].filter(permitted('read')));
    await expectOf(`${name}/_history`, [one].filter(permitted('history-instance')));
    await expectOf(`${name}/_history/1`, [one].filter(permitted('vread')));
  }
  for (const type of types) {
    const ofType = stored.filter(({ document }) => document.resourceType === type);
    const ids = ofType.map(({ document }) => document.fhirId).join(',');
    const found = ofType.filter(permitted('search-type'));
    await expectOf(`${type}?_id=${ids}`, found);
    await expectOf(`${type}/_history`, ofType.filter(permitted('history-type')));
    if (type !== 'Observation') continue;
    const about = new Set(found.map(({ facts }) => facts.patient?.id));
    const patients = stored.filter(({ facts }) => facts.type === 'Patient' && about.has(facts.patient?.id));
    await expectOf(`Observation?_id=${ids}&_include=Observation:subject`, [
      ...found,
      ...patients.filter(permitted('include')),
    ]);
  }
  for (const id of people.keys()) {
    const ofPerson = stored.filter(({ document }) => document.partition === id);
    const patient = ofPerson.filter(({ facts }) => facts.type === 'Patient');
    const observations = ofPerson.filter(({ facts }) => facts.type === 'Observation');
    const isOpen = patient.some(permitted('everything'));
    await expectOf(`Patient/${id}/$everything`, isOpen ? ofPerson.filter(permitted('everything')) : []);
    const matched = patient.filter(permitted('search-type'));
    const including = matched.length === 0 ? [] : observations.filter(permitted('include'));
    await expectOf(`Patient?_id=${id}&_revinclude=Observation:subject`, [...matched, ...including]);
    await expectOf(`Observation?patient=${id}`, observations.filter(permitted('search-type')));
    await expectOf(`Patient/${id}/Observation`, observations.filter(permitted('search-compartment')));
  }
  const documents = stored.map(({ document }) => document);
  const decided = await accessTo(records).decide('event', documents);
  is['events'] = names(stored.filter((_, at) => decided[at]?.outcome === 'permit'));
  should['events'] = names(stored.filter(permitted('event')));
  return { is, should };
}

const numRuns = Number(process.env['HDE_POLICY_CASES'] ?? 200);

test('reads, searches, includes, histories, $everything and events let out what decide permits', async () => {
  let shown = 0;
  await fc.assert(
    fc.asyncProperty(cases, async (each) => {
      const { is, should } = await compare(each);
      expect(is).toEqual(should);
      shown += Object.values(is as Record<string, readonly string[]>).flat().length;
    }),
    { numRuns },
  );
  // Where nothing was ever let out, nothing was compared.
  expect(shown).toBeGreaterThan(numRuns / 10);
}, 3_600_000);
