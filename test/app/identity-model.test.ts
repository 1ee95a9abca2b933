/** Random histories of who has which identifier: nobody is filed with whoever had their number once. */
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../src/core/errors.js';
import type { MessageEnvelope } from '../../src/ports/message-queue.js';
import { identifierToken } from '../../src/core/identity/tokens.js';
import { statedIdentifiers } from '../../src/core/records/renounced.js';
import {
  anMrn,
  anNhsNumber,
  createIdentityWorld,
  filedWith,
  keysOf,
  localSystem,
  nhsSystem,
  type IdentityWorld,
  type Stated,
} from './identity-world.js';

const mrns = ['M1', 'M2', 'M3'];
const nhsNumbers = ['9990000018', '9990000026'];
const birthDates = ['19700101', '19800202'];

type Step =
  | { readonly kind: 'message'; readonly stated: Stated; readonly breaksOff: boolean }
  | { readonly kind: 'redeliver' }
  | { readonly kind: 'write'; readonly to: number; readonly of: Stated; readonly isRefused: boolean }
  | { readonly kind: 'delete'; readonly of: number };

const optional = (values: readonly string[]) => fc.option(fc.constantFrom(...values), { nil: undefined });
const stated: fc.Arbitrary<Stated> = fc
  .record({
    mrn: optional(mrns),
    nhs: optional(nhsNumbers),
    birthDate: optional(birthDates),
    type: fc.constantFrom('ADT^A31' as const, 'ADT^A31' as const, 'ORU^R01' as const),
  })
  .filter(({ mrn, nhs }) => mrn !== undefined || nhs !== undefined)
  .map(
    (each) => Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)) as Stated,
  );
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('message' as const), stated, breaksOff: rarely() }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('redeliver' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      to: fc.nat(4),
      of: stated,
      isRefused: rarely(),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), of: fc.nat(4) }) },
);

function rarely(): fc.Arbitrary<boolean> {
  return fc.nat(4).map((n) => n === 0);
}

/** What a history has come to, as the test knows it without asking for claims. */
class Model {
  readonly ids: string[] = [];
  /**
   * By patient and identifier (`id identifier`): with which other identifiers a message brought one that no version
   * states. It means the patient as long as a version states one of those, or if the patient's key was made of it.
   */
  readonly brought = new Map<string, ReadonlySet<string> | 'root'>();
  /** By patient, number and birth date: who is known by nothing else, since the number is that of somebody else. */
  readonly byBirthDate = new Set<string>();
  readonly waiting: { readonly envelope: MessageEnvelope; readonly stated: Stated }[] = [];

  constructor(readonly world: IdentityWorld = createIdentityWorld()) {}

  async stateOf(id: string): Promise<Set<string> | undefined> {
    const patient = await this.world.patient(id);
    return patient && statedIdentifiers(patient);
  }

  async snapshot(): Promise<Map<string, Set<string>>> {
    const states = await Promise.all(this.ids.map(async (id) => [id, await this.stateOf(id)] as const));
    return new Map(states.flatMap(([id, state]) => (state === undefined ? [] : [[id, state]])));
  }

  /** Commits a message and checks with whom it was filed. */
  async commit(envelope: MessageEnvelope, message: Stated): Promise<void> {
    const before = await this.snapshot();
    const births = new Map(
      await Promise.all(this.ids.map(async (each) => [each, await this.world.patient(each)] as const)),
    );
    const settled = await this.world.normalise(envelope);
    expect(settled.status).toBe('normalised');
    const id = filedWith(settled);
    if (id === '') return;
    if (!this.ids.includes(id)) this.ids.push(id);
    const keys = keysOf(message);
    const known = before.get(id);
    const place = `${id} ${message.nhs} ${message.birthDate}`;
    if (message.mrn === undefined && known === undefined && (await this.stateOf(id))?.size === 0)
      this.byBirthDate.add(place);
    const isTheirs =
      known === undefined ||
      (message.mrn === undefined && this.byBirthDate.has(place)) ||
      keys.some((key) => known.has(key) || this.isBrought(id, key, known));
    expect({ isTheirs, keys, known: [...(known ?? [])] }).toMatchObject({ isTheirs: true });
    // By an NHS number nobody is joined to somebody with another birth date.
    const birthDate = births.get(id)?.birthDate?.replaceAll('-', '') ?? message.birthDate;
    const isByNumber = message.mrn === undefined || known?.has(`${localSystem}|${message.mrn}`) !== true;
    if (isByNumber && message.birthDate !== undefined) expect(birthDate).toBe(message.birthDate);
    await this.remember(id, keys);
  }

  isBrought(id: string, key: string, stated: ReadonlySet<string>): boolean {
    const support = this.brought.get(`${id} ${key}`);
    return support === 'root' || [...(support ?? [])].some((other) => stated.has(other));
  }

  /** Notes what a message brought to a patient; what a version stated and no longer does counts no more. */
  async remember(id: string, keys: readonly string[]): Promise<void> {
    const states = (await this.stateOf(id)) ?? new Set();
    const before = keys.map((key) => this.brought.get(`${id} ${key}`));
    const support = new Set([
      ...keys,
      ...before.flatMap((each) => (each === 'root' ? [] : [...(each ?? [])])),
    ]);
    const isRooted = before.includes('root') && ![...support].some((key) => states.has(key));
    for (const key of keys) {
      const place = `${id} ${key}`;
      if (this.brought.get(place) !== 'root') this.brought.set(place, isRooted ? 'root' : support);
    }
    for (const key of states) this.brought.delete(`${id} ${key}`);
  }

  /** Notes what a message brought that broke off: with whom it would be filed only its own claims say. */
  async rememberBroken({ messageId }: MessageEnvelope, message: Stated): Promise<void> {
    const { identities, identitySecret } = this.world.exchange;
    const keys = keysOf(message);
    const tokenOf = (key: string) => identifierToken(identitySecret, ...(key.split('|') as [string, string]));
    const claims = await identities.find(keys.map(tokenOf));
    for (const key of keys) {
      const claim = claims.get(tokenOf(key));
      if (claim?.messageId !== messageId) continue;
      const support = new Set(keys.filter((other) => other !== key));
      this.brought.set(`${claim.patientKey} ${key}`, claim.support === undefined ? 'root' : support);
    }
  }
}

/** Worlds over stores whose writes fail. */
const failing = ({ world }: Model, error: Error): IdentityWorld =>
  createIdentityWorld({
    ...world.exchange,
    records: { ...world.exchange.records, commit: () => Promise.reject(error) },
  });

async function take(model: Model, next: Step): Promise<void> {
  if (next.kind === 'message') await takeMessage(model, next);
  else if (next.kind === 'redeliver') await redeliver(model);
  else if (next.kind === 'write') await write(model, next);
  else await remove(model, model.ids[next.of]);
}

async function takeMessage(
  model: Model,
  { stated: message, breaksOff }: Step & { kind: 'message' },
): Promise<void> {
  const envelope = await model.world.accept(message);
  if (!breaksOff) return model.commit(envelope, message);
  await failing(model, new Error('broken off'))
    .normalise(envelope)
    .catch(() => undefined);
  model.waiting.push({ envelope, stated: message });
  await model.rememberBroken(envelope, message);
}

async function redeliver(model: Model): Promise<void> {
  const first = model.waiting.shift();
  if (first !== undefined) await model.commit(first.envelope, first.stated);
}

async function write(model: Model, { to, of, isRefused }: Step & { kind: 'write' }): Promise<void> {
  const id = model.ids[to] ?? `client-${to}`;
  const { mrn, nhs, birthDate } = of;
  const identifier = [
    ...(mrn === undefined ? [] : [anMrn(mrn)]),
    ...(nhs === undefined ? [] : [anNhsNumber(nhs)]),
  ];
  const born = birthDate?.replace(/^(\d{4})(\d\d)/, '$1-$2-');
  const body: Patient = {
    resourceType: 'Patient',
    id,
    identifier,
    ...(born !== undefined && { birthDate: born }),
  };
  const world = isRefused ? failing(model, new ExchangeError('HDE_MESSAGE_TOO_LARGE')) : model.world;
  try {
    await world.ask('PUT', `Patient/${id}`, body);
  } catch (error) {
    expect(['HDE_PATIENT_DUPLICATE', 'HDE_MESSAGE_TOO_LARGE']).toContain((error as ExchangeError).code);
    return;
  }
  if (!model.ids.includes(id)) model.ids.push(id);
  await model.remember(id, []);
}

async function remove(model: Model, id: string | undefined): Promise<void> {
  if (id === undefined) return;
  try {
    await model.world.ask('DELETE', `Patient/${id}`);
  } catch (error) {
    expect((error as ExchangeError).code).toBe('HDE_PATIENT_NOT_EMPTY');
  }
}

/** More cases, other ones each time. */
const cases = process.env['HDE_IDENTITY_CASES'];

test('nobody is filed with whoever had their number once, and no NHS number is that of two', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 14 }), async (steps) => {
      const model = new Model();
      for (const next of steps) await take(model, next);
      while (model.waiting.length > 0) await redeliver(model);
      for (const number of nhsNumbers)
        expect((await model.world.holders(nhsSystem, number)).length).toBeLessThanOrEqual(1);
    }),
    cases === undefined ? { numRuns: 40, seed: 20261126 } : { numRuns: Number(cases) },
  );
}, 120_000);
