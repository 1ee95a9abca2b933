/** Random small records about three patients, alike enough to be told apart only by rules, and random searches of them. */
import * as fc from 'fast-check';
import type { NaiveResource } from './naive-search.js';

export const base = 'https://hde.example/fhir';
export type Pair = readonly [name: string, value: string];

/** One comparison of the exchange with the naive search. */
export interface SearchCase {
  readonly resources: readonly NaiveResource[];
  readonly queries: readonly {
    readonly type: string;
    readonly parameters: readonly Pair[];
    readonly includes: readonly Pair[];
    readonly count: number;
  }[];
}

const people = ['p0', 'p1', 'p2'];
const organisations = ['o0', 'o1'];
const from = (...values: string[]) => fc.constantFrom(...values);
/** Elements that may be absent; FHIR has none that are empty. */
const part = (values: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(values, { requiredKeys: [] }).filter((fields) => Object.keys(fields).length > 0);
const some = (values: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<object> =>
  fc.record(values, { requiredKeys: [] });

const coding = part({
  system: from('urn:s', 'urn:t'),
  code: from('a', 'b', 'B'),
  display: from('Alpha', 'Beta blue'),
});
const concept = part({
  coding: fc.array(coding, { minLength: 1, maxLength: 2 }),
  text: from('Alpha', 'Gamma'),
});
const identifiers = fc.array(part({ system: from('urn:i', 'urn:j'), value: from('1', '2', '3') }), {
  minLength: 1,
  maxLength: 2,
});
const date = from(
  ...['2025', '2025-06', '2025-06-15', '2025-07-01', '2025-06-15T10:00:00Z'],
  // In summer the day begins before that of UTC, and ends before it.
  ...['2025-06-15T00:30:00+01:00', '2025-06-15T23:30:00Z', '2025-03-30', '2025-10-26'],
);
const period = fc.oneof(
  fc.record({ start: date }),
  fc.record({ start: from('2025-06-15'), end: from('2025-06-15', '2025-07-01') }),
  fc.record({ end: date }),
);
const quantity = fc.record(
  {
    value: fc.constantFrom(4, 5, 5.4, 6),
    comparator: from('<', '<=', '>', '>='),
    system: from('urn:u'),
    code: from('mg', 'g'),
    unit: from('mg', 'gram'),
  },
  { requiredKeys: ['value'] },
);
const oneOf = (references: readonly string[]) =>
  fc.record({
    reference: fc
      .tuple(fc.constantFrom(...references), from('', `${base}/`))
      .map(([key, prefix]) => prefix + key),
  });
const organisation = oneOf(organisations.map((id) => `Organization/${id}`));
const common = {
  identifier: identifiers,
  meta: fc.record({ tag: fc.array(coding, { minLength: 1, maxLength: 1 }) }),
};

const name = part({
  family: from('O’Brien', 'Obrien', 'Smith-Jones', 'Smith'),
  given: fc.constantFrom(['Zoë'], ['Zoe', 'Ann']),
  text: from('Zoë Smith'),
});
const patient = some({
  ...common,
  name: fc.array(name, { minLength: 1, maxLength: 2 }),
  gender: from('male', 'female'),
  birthDate: from('1970', '1970-01-02', '1970-01-03'),
  managingOrganization: organisation,
});
const encounterOf = (id: string) =>
  some({
    ...common,
    status: from('planned', 'finished'),
    class: coding,
    period,
    serviceProvider: organisation,
    partOf: oneOf([`Encounter/${id}.e0`, `Encounter/${id}.e1`]),
  });
const observationOf = (id: string) =>
  fc
    .tuple(
      some({
        ...common,
        status: from('final', 'amended'),
        code: concept,
        encounter: oneOf([`Encounter/${id}.e0`, `Encounter/${id}.e1`, 'Encounter/p0.e0']),
        performer: fc.array(oneOf(['Organization/o0', `Patient/${id}`, 'Patient/p1']), {
          minLength: 1,
          maxLength: 2,
        }),
        component: fc.array(part({ code: concept, valueQuantity: quantity }), { minLength: 1, maxLength: 2 }),
      }),
      fc.oneof(
        fc.constant({}),
        fc.record({ effectiveDateTime: date }),
        fc.record({ effectivePeriod: period }),
      ),
      fc.oneof(
        fc.constant({}),
        fc.record({ valueQuantity: quantity }),
        fc.record({ valueString: from('O’Brien', 'Zoë x', 'zoe') }),
      ),
    )
    .map(([fields, effective, value]): object => ({ ...fields, ...effective, ...value }));
const allergy = some({
  ...common,
  code: concept,
  clinicalStatus: concept,
  reaction: fc.array(part({ substance: concept }), { maxLength: 2 }),
});

const listOf = (
  type: string,
  letter: string,
  id: string,
  elements: fc.Arbitrary<object>,
  most: number,
  element = 'subject',
) =>
  fc.array(elements, { maxLength: most }).map((each) =>
    each.map((fields, n) => ({
      resourceType: type,
      id: `${id}.${letter}${n}`,
      [element]: { reference: `Patient/${id}` },
      ...fields,
    })),
  );

const recordsOf = (id: string) =>
  fc
    .tuple(
      patient.map((fields) => [{ resourceType: 'Patient', id, ...fields }]),
      listOf('Encounter', 'e', id, encounterOf(id), 3),
      listOf('Observation', 'o', id, observationOf(id), 4),
      listOf('AllergyIntolerance', 'a', id, allergy, 2, 'patient'),
    )
    .map((lists) => lists.flat());

const shared = fc.tuple(
  ...organisations.map((id) =>
    some({
      ...common,
      name: from('North Ward', 'Trust', 'O’Brien'),
      partOf: oneOf(['Organization/o0']),
    }).map((fields) => ({ resourceType: 'Organization', id, ...fields })),
  ),
);

const places = fc
  .array(
    some({
      ...common,
      name: from('North Ward', 'Clinic'),
      position: fc.record({
        latitude: fc.constantFrom(51.5, 51.55, 66, -89.9, 90),
        longitude: fc.constantFrom(-0.1, 0, 179.9, -179.9),
      }),
    }),
    { maxLength: 3 },
  )
  .map((each) => each.map((fields, n) => ({ resourceType: 'Location', id: `l${n}`, ...fields })));
const near = fc
  .tuple(
    from('51.5|0', '51.52|-0.1', '66|180', '90|0', '-90|77.5'),
    from('', '|5', '|7|km', '|9|[mi_us]', '|15', '|3000'),
  )
  .map((each) => each.join(''));

const token = from('a', 'b', 'urn:s|a', 'urn:t|', '|a', 'a,urn:s|b', 'B');
const id = from('1', 'urn:i|2', 'urn:j|', '2,3');
const isMissing = from('true', 'false');
const text = from('o’brien', 'smith', 'zoe', 'SMITH JONES', 'z,t', 'north');
const prefix = from('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb');
const joined = (...parts: fc.Arbitrary<string>[]) => fc.tuple(...parts).map((each) => each.join(''));
const when = joined(prefix, date);
const amount = joined(
  prefix,
  from('5', '5.4', '4', '6.0'),
  from('', '|urn:u|mg', '|urn:u|', '||mg', '||gram'),
);
const p = fc.constantFrom(...people);

const pair = (names: readonly string[], value: fc.Arbitrary<string>) =>
  fc.tuple(fc.constantFrom(...names), value);
const anywhere = fc.oneof(
  pair(['_tag', '_tag:not'], token),
  pair(['_tag:text'], from('alpha', 'beta')),
  pair(['identifier', 'identifier:not'], id),
  pair(['identifier:missing', '_tag:missing'], isMissing),
);
const own: Readonly<Record<string, fc.Arbitrary<[string, string]>>> = {
  Patient: fc.oneof(
    pair(['family', 'given', 'name', 'family:contains', 'name:contains'], text),
    pair(['family:exact'], from('O’Brien', 'Smith')),
    pair(['gender', 'gender:not'], from('male', 'male,female')),
    pair(['birthdate'], joined(prefix, from('1970', '1970-01-02', '1970-01'))),
    pair(['family:missing', 'birthdate:missing', 'organization:missing'], isMissing),
    pair(['organization.name', 'organization.partof.name'], text),
    pair(
      [
        '_has:Observation:patient:code',
        '_has:Observation:performer:code',
        '_has:AllergyIntolerance:patient:code',
        '_has:Encounter:patient:_has:Observation:encounter:code',
      ],
      token,
    ),
  ),
  Encounter: fc.oneof(
    pair(['status', 'status:not'], from('planned', 'finished', 'planned,finished')),
    pair(['class', 'class:not'], token),
    pair(['date'], when),
    pair(['date:missing', 'class:missing', 'part-of:missing'], isMissing),
    pair(['part-of', 'part-of:Encounter'], from('p0.e0', 'Encounter/p0.e1')),
    pair(['service-provider'], from('o0', 'Organization/o1', `${base}/Organization/o0`)),
    pair(['part-of.status', 'part-of.part-of.status'], from('planned', 'finished')),
    pair(['service-provider.name', 'service-provider.name:contains'], text),
    pair(['_has:Observation:encounter:code'], token),
    pair(['_has:Observation:encounter:value-quantity'], amount),
  ),
  Observation: fc.oneof(
    pair(['status', 'status:not'], from('final', 'amended')),
    pair(['code', 'code:not'], token),
    pair(['code:text'], from('alpha', 'beta', 'gamma')),
    pair(['date'], when),
    pair(['value-quantity'], amount),
    pair(['value-string', 'value-string:contains'], text),
    pair(['value-string:exact'], from('O’Brien', 'zoe')),
    pair(['code-value-quantity', 'component-code-value-quantity'], joined(from('a$', 'urn:s|b$'), amount)),
    pair(['date:missing', 'value-quantity:missing', 'encounter:missing'], isMissing),
    pair(['encounter', 'encounter:Encounter'], from('p0.e0', 'Encounter/p1.e1', 'p0.e0,p2.e0')),
    pair(['performer', 'performer:Patient'], from('p1', 'Patient/p1')),
    pair(['performer:Organization'], from('o0')),
    pair(['encounter.status', 'encounter.status:not'], from('planned', 'finished')),
    pair(['encounter.service-provider.name', 'performer:Organization.name'], text),
    pair(['encounter.date'], when),
  ),
  AllergyIntolerance: fc.oneof(
    pair(['code', 'code:not', 'clinical-status'], token),
    pair(['code:missing'], isMissing),
    pair(['patient.family'], text),
    pair(['patient.gender'], from('male', 'female')),
  ),
  Location: fc.oneof(pair(['near'], near), pair(['near:missing'], isMissing), pair(['name'], text)),
  Organization: fc.oneof(pair(['name', 'name:contains', 'partof.name'], text), pair(['partof'], from('o0'))),
};

/** What makes a search one that is answered: a patient, or what leaves few records. */
const drivers: Readonly<Record<string, fc.Arbitrary<[string, string]>>> = {
  Patient: fc.oneof(
    pair(['_id'], from('p0,p1,p2', 'p0,p2')),
    pair(['identifier'], from('1', 'urn:i|2', '2,3')),
  ),
  Organization: pair(['_id'], from('o0,o1')),
  Location: fc.oneof(pair(['_id'], from('l0,l1')), pair(['near'], near)),
  other: fc.oneof(
    { weight: 4, arbitrary: pair(['patient'], p) },
    { weight: 1, arbitrary: pair(['patient'], from('Patient/p0,p1', `${base}/Patient/p2`)) },
    { weight: 1, arbitrary: pair(['patient.identifier'], from('1', 'urn:i|2')) },
    { weight: 1, arbitrary: pair(['patient:Patient._id'], from('p0', 'p1,p2')) },
    { weight: 1, arbitrary: pair(['identifier'], from('1', 'urn:i|2', '2,3')) },
  ),
};

const included = fc.uniqueArray(
  fc.constantFrom<Pair>(
    ['_include', 'Observation:encounter'],
    ['_include', 'Observation:performer'],
    ['_include:iterate', 'Encounter:part-of'],
    ['_include:iterate', 'Encounter:service-provider'],
    ['_include', 'Encounter:service-provider'],
    ['_include', 'AllergyIntolerance:patient'],
    ['_include:iterate', 'Organization:partof'],
    ['_revinclude', 'Observation:patient'],
    ['_revinclude', 'Observation:encounter'],
    ['_revinclude:iterate', 'Observation:encounter'],
    ['_revinclude', 'AllergyIntolerance:patient'],
  ),
  { maxLength: 2, selector: ([name, value]) => `${name} ${value}` },
);

/** Backwards only what may refer to the type that is searched for; the others would be refused. */
const fits =
  (type: string) =>
  ([name, value]: Pair) =>
    !name.startsWith('_revinclude') ||
    name.includes(':') ||
    value.endsWith(type === 'Patient' ? ':patient' : `:${type.toLowerCase()}`);

const query = from(
  'Patient',
  'Encounter',
  'Encounter',
  'Observation',
  'Observation',
  'Observation',
  'AllergyIntolerance',
  'Organization',
  'Location',
).chain((type) =>
  fc.record({
    type: fc.constant(type),
    parameters: fc
      .tuple(
        drivers[type] ?? drivers['other']!,
        fc.array(fc.oneof({ weight: 1, arbitrary: anywhere }, { weight: 4, arbitrary: own[type]! }), {
          maxLength: 2,
        }),
      )
      .map(([driver, others]) => [driver, ...others]),
    includes: included.map((includes) => includes.filter(fits(type))),
    count: fc.constantFrom(1, 2, 50),
  }),
);

/** Records and searches of them. */
export const searchCase = (searches: number): fc.Arbitrary<SearchCase> =>
  fc.record({
    resources: fc
      .tuple(...people.map(recordsOf), shared, places)
      .map((lists) => lists.flat() as NaiveResource[]),
    queries: fc.array(query, { minLength: searches, maxLength: searches }),
  });
