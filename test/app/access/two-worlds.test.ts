/**
 * Nobody learns whom there is, nor what is withheld of whom they may see: what a client asks, one question after the other, is
 * answered alike in two worlds that differ by what it may not see alone. Not asked is what can be answered in one way only: to
 * create a Patient by an identifier, or any record under an id, that somebody hidden has. HDE_WORLD_CASES says how many
 * conversations; each takes some fifty times as long as a case of HDE_POLICY_CASES.
 */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Resource } from 'fhir/r4.js';
import { createMemoryIdentityStore } from '../../../src/adapters/memory/identity-store.js';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { AccessDependencies } from '../../../src/app/access/access-dependencies.js';
import type { AccessPrincipal } from '../../../src/core/governance/access-request.js';
import type { Purpose } from '../../../src/core/governance/access-vocabulary.js';
import { nothingKept } from '../../../src/core/governance/kept-facts.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import {
  aClearedSystem,
  aClinician,
  anAccess,
  aSystem,
  noGovernance,
  thePatient,
} from '../../support/access.js';
import { type Api, aPatient, type Asked, mrn, send } from '../fhir/arrange.js';
import { aMinimal } from '../fhir/minimal.js';

const hidden = 'h'.repeat(26);
const own = 'c'.repeat(26);
const idOf = (patient: string, letter: string) => `${patient}.${letter.repeat(26)}`;
const labelled = (system: string, code: string) => ({
  meta: { security: [{ system: `http://terminology.hl7.org/CodeSystem/v3-${system}`, code }] },
});
const restricted = labelled('Confidentiality', 'R');

type Body = Resource & { readonly id: string };

const about = (type: string, id: string, patient: string, value = '77'): Body => ({
  ...aMinimal(`${type}/${id}`, {
    subject: { reference: `Patient/${patient}` },
    identifier: [{ system: 'urn:lab', value }],
    code: { coding: [{ system: 'urn:c', code: 'k' }] },
  }),
  id,
});
const withoutId = ({ id: _, ...resource }: Body): Resource => resource;

const put = (body: Body, headers = {}): Asked => ({
  ...{ method: 'PUT', target: `${body.resourceType}/${body.id}`, body, headers },
});
const bundle = (
  type: string,
  ...entries: readonly (readonly [string, string, Resource?, object?])[]
): Asked => {
  const entry = entries.map(([method, url, resource, more]) => ({
    request: { method, url, ...more },
    ...(resource && { resource }),
  }));
  return { method: 'POST', target: '', body: { resourceType: 'Bundle', type, entry } as Resource };
};
const parameters = (...parameter: object[]) => ({ resourceType: 'Parameters', parameter }) as Resource;
const patch = (target: string): Asked => ({
  ...{ method: 'PATCH', target, headers: { 'content-type': 'application/json-patch+json' } },
  body: [{ op: 'add', path: '/language', value: 'en' }],
});

const recordIds = [idOf(hidden, 'o'), idOf(hidden, 'z'), idOf(own, 'o'), idOf(own, 's'), idOf(own, 'z')];
const freeIds = [idOf(hidden, 'z'), idOf(own, 'o'), idOf(own, 'z'), 'chosen-1', 'chosen-2'];
const criteria = [
  ...['identifier=urn:lab|77', 'identifier=urn:lab|88', 'code=k', 'code:not=k'],
  ...[`patient=${hidden}&code=k`, `subject=Patient/${own}&code=k`],
];
const subjects = [hidden, own];

const readings = [
  ...[`Patient/${hidden}`, `Patient/${own}`, ...recordIds.map((id) => `Observation/${id}`)].flatMap(
    (record) => [
      ...['', '/_history', '/_history/1', '/$meta', '/$validate'].map((rest) => `${record}${rest}`),
      `Provenance?target=${record}`,
    ],
  ),
  ...subjects.flatMap((patient) => [
    ...[`Patient/${patient}/$everything`, `Patient/${patient}/Observation`, `Patient?_id=${patient}`],
    `Observation/$lastn?patient=${patient}`,
  ]),
  ...[`Patient?identifier=${mrn}|hidden`, `Observation?subject.identifier=${mrn}|hidden`],
  ...['Patient?_has:Observation:subject:code=k', 'Patient?_total=accurate&_revinclude=Observation:subject'],
  ...['Observation?code=k&_include=*', 'Observation?_total=accurate&_count=1', 'Observation?_summary=count'],
  ...['Observation/_history', 'Patient/_history', '$meta', 'Observation/$meta'],
  ...criteria.flatMap((each) => [`Observation?${each}`, `Observation?${each}&_sort=-_lastUpdated&_count=1`]),
].map((target): Asked => ({ target }));

const changes: Asked[] = [
  ...recordIds.flatMap((id): Asked[] => {
    const target = `Observation/${id}`;
    const meta = parameters({ name: 'meta', valueMeta: { tag: [{ code: 't' }] } });
    return [
      { method: 'DELETE', target },
      { method: 'DELETE', target, headers: { 'if-match': 'W/"1"' } },
      patch(target),
      { method: 'POST', target: `${target}/$meta-add`, body: meta },
      { method: 'POST', target: `${target}/$validate?mode=delete` },
    ];
  }),
  ...criteria.flatMap((each) => [
    { method: 'DELETE', target: `Observation?${each}` },
    patch(`Observation?${each}`),
  ]),
  ...['hidden', 'own'].map((value): Asked => ({
    method: 'POST',
    target: 'Patient/$match',
    body: aPatient('m', { value }),
  })),
];

const statements: Asked[] = subjects.flatMap((patient) => {
  const one = about('Observation', 'n', patient);
  return [
    ...freeIds.flatMap((id): Asked[] => {
      const body = about('Observation', id, patient);
      const url = `Observation/${id}`;
      return [
        ...[put(body), put(body, { 'if-match': 'W/"1"' }), put(body, { 'if-none-match': '*' })],
        { method: 'POST', target: `${url}/$validate?mode=update`, body },
        bundle('transaction', ['PUT', url, body], ['POST', 'Observation', about('Observation', 'n', own)]),
        bundle('batch', ['PUT', url, body], ['GET', url]),
      ];
    }),
    { method: 'POST', target: 'Observation/$validate?mode=create', body: one },
    { method: 'POST', target: 'Observation', body: one },
    ...criteria.flatMap((each): Asked[] => [
      { method: 'POST', target: 'Observation', body: one, headers: { 'if-none-exist': each } },
      { method: 'PUT', target: `Observation?${each}`, body: withoutId(one) },
      bundle('transaction', ['POST', 'Observation', one, { ifNoneExist: each }]),
      bundle('transaction', ['PUT', `Observation?${each}`, withoutId(one)]),
    ]),
  ];
});

const ofPatients: Asked[] = [
  put(aPatient(own, { value: 'own', links: { seealso: hidden } })),
  put(aPatient(own, { value: 'own', links: { 'replaced-by': 'nobody' } })),
  put(aPatient(own, { value: 'own' })),
  { method: 'POST', target: 'Patient', body: aPatient('n', { value: 'new', links: { replaces: hidden } }) },
  { method: 'DELETE', target: `Patient/${own}` },
  { method: 'DELETE', target: `Patient/${hidden}` },
  ...subjects.map((id): Asked => ({ method: 'POST', target: `Patient/${id}/$validate?mode=delete` })),
  bundle('transaction', [
    'POST',
    'Observation',
    {
      ...about('Observation', 'n', own),
      subject: { reference: `Patient?identifier=${mrn}|hidden` },
    } as Resource,
  ]),
  bundle(
    'transaction',
    ['DELETE', `Patient/${hidden}`],
    ['POST', 'Observation', about('Observation', 'n', hidden)],
  ),
];

const questions = [...readings, ...changes, ...statements, ...ofPatients];

/** The stores of a world, and the second of its last request. */
interface World {
  readonly api: Api;
  second: number;
}

interface Client {
  readonly principal: AccessPrincipal;
  readonly purpose?: Purpose;
  readonly mayRead?: boolean;
}

const start = Date.UTC(2026, 10, 26, 9);

/** Of one patient it is known that their data may be used beyond their care. */
const governance: AccessDependencies['governance'] = {
  ...noGovernance,
  factsOf: (ids) => {
    const optOut = { answer: 'may-be-used', at: new Date(start).toISOString() } as const;
    return Promise.resolve(ids.map((id) => (id === own ? { ...nothingKept, optOut } : nothingKept)));
  },
};

/** What a client is answered, word for word. */
async function ask(
  world: World,
  asked: Asked,
  { mayRead = true, ...asker }: Client,
  wait = 1,
): Promise<string> {
  world.second += wait;
  const now = start + world.second * 1000;
  const answer = await send(world.api, {
    ...{ ...asked, mayRead, requestId: `r${world.second}`, now: () => new Date(now) },
    access: (found) => anAccess(found, { now, ...asker }, { governance }),
  }).then(
    ({ status, headers, resource }) => ({ status, headers, resource }),
    (error: unknown) => {
      if (!(error instanceof ExchangeError)) throw error;
      const { code, location, detail, others, retryAfterSeconds } = error;
      return { code, location, detail, others, retryAfterSeconds };
    },
  );
  return JSON.stringify(answer);
}

const cleared: Client = { principal: aClearedSystem };
const others: Client = { principal: { ...aSystem, organisation: 'RXX' } };

/** What is stored before anybody asks: who stated what. */
type Stated = readonly (readonly [Client, Asked])[];

const always: Stated = [
  [cleared, put(aPatient(own, { value: 'own' }))],
  [cleared, put(about('Observation', idOf(own, 'o'), own, '99'))],
];

async function aWorld(more: Stated): Promise<World> {
  const api = { records: createMemoryRecordStore(), identities: createMemoryIdentityStore() };
  const world = { api, second: 0 };
  for (const [client, asked] of [...always, ...more]) {
    const answer = await ask(world, asked, client);
    if (!answer.startsWith('{"status":20')) throw new Error(answer);
  }
  world.second = 100;
  return world;
}

const theirRecord = put(about('Observation', idOf(hidden, 'o'), hidden));
const aSensitive = (type: string, code: string): Asked =>
  put({ ...about(type, idOf(own, 's'), own), ...labelled('ActCode', code) });

const system: Client = { principal: aSystem };
const clinician: Client = { principal: aClinician };
const itself: Client = {
  principal: { ...thePatient, ownRecord: own, scopes: parseScopes('patient/*.cruds') },
  purpose: 'patient-access',
};
const writing: Client = {
  principal: { ...aSystem, scopes: parseScopes('system/*.cud') },
  mayRead: false,
};

const worlds: readonly (readonly [string, Client, Stated, Stated])[] = [
  ...(
    [
      ['a system without clearance', system],
      ['a system that may write alone', writing],
      ['staff who may break the glass', clinician],
      ['a patient', itself],
    ] as const
  ).map(
    ([name, client]) =>
      [
        `${name}: somebody restricted, or nobody`,
        client,
        [
          [cleared, put({ ...aPatient(hidden, { value: 'hidden' }), ...restricted })],
          [cleared, theirRecord],
        ],
        [],
      ] as const,
  ),
  [
    'a system that plans: somebody of whom no answer about the opt-out is known, or nobody',
    { principal: aSystem, purpose: 'planning' },
    [
      [cleared, put(aPatient(hidden, { value: 'hidden' }))],
      [cleared, theirRecord],
    ],
    [],
  ],
  [
    'a system: a patient of another organisation, or nobody',
    system,
    [
      [others, put(aPatient(hidden, { value: 'hidden' }))],
      [others, theirRecord],
    ],
    [],
  ],
  [
    'a system: a sensitive result, or a diagnosis',
    system,
    [[cleared, aSensitive('Observation', 'HIV')]],
    [[cleared, aSensitive('Condition', 'HIV')]],
  ],
  [
    'staff: a sensitive result, or a diagnosis',
    clinician,
    [[cleared, aSensitive('Observation', 'HIV')]],
    [[cleared, aSensitive('Condition', 'HIV')]],
  ],
  [
    'a patient: a result that waits for a clinician, or a diagnosis',
    itself,
    [[cleared, aSensitive('Observation', 'NOPAT')]],
    [[cleared, aSensitive('Condition', 'NOPAT')]],
  ],
];

describe.each(worlds)('%s', (_, client, one, other) => {
  test('every question is answered alike', async () => {
    const different: object[] = [];
    for (const question of questions) {
      const [here, there] = [await aWorld(one), await aWorld(other)];
      const answers = [await ask(here, question, client), await ask(there, question, client)];
      if (answers[0] !== answers[1]) different.push({ question, answers });
    }
    expect(different).toEqual([]);
    // Who sees nothing at all is no proof.
    const seen = await ask(await aWorld(one), { target: `Patient/${own}` }, client);
    expect(seen).toContain(client.mayRead === false ? 'HDE_FORBIDDEN' : '"status":200');
  }, 120_000);

  test('and so is one after the other', async () => {
    const step = fc.tuple(fc.constantFrom(...questions), fc.constantFrom(1, 30, 70, 100));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 5 }), async (steps) => {
        const [here, there] = [await aWorld(one), await aWorld(other)];
        for (const [question, wait] of steps) {
          const answer = await ask(here, question, client, wait);
          expect(answer).toBe(await ask(there, question, client, wait));
        }
      }),
      { numRuns: Number(process.env['HDE_WORLD_CASES'] ?? 40) },
    );
  }, 600_000);
});
