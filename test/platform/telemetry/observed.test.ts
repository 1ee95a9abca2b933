/** What is told of messages, requests and dependencies, and that what they do stays the same. */
import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, jest, test } from '@jest/globals';
import type { Guard } from '../../../src/adapters/throttling/guard.js';
import type { SettledMessage } from '../../../src/app/normalise-message.js';
import { ExchangeError } from '../../../src/core/errors.js';
import type { EventDocument } from '../../../src/core/records/types.js';
import { addCharge } from '../../../src/platform/telemetry/charges.js';
import { knownRoutes, observedRequest } from '../../../src/platform/telemetry/http-requests.js';
import {
  observedDeadLetter,
  observedMessage,
  type MessageObserver,
} from '../../../src/platform/telemetry/messages.js';
import { createAllowance } from '../../../src/platform/telemetry/names.js';
import {
  cosmosObserver,
  observedGuard,
  refusedSums,
} from '../../../src/platform/telemetry/observed-dependencies.js';
import {
  observedEvents,
  observedQueue,
  observedTrail,
  observedVerifier,
} from '../../../src/platform/telemetry/observed-ports.js';
import { knownValues } from '../../../src/platform/telemetry/open.js';
import {
  createTelemetry,
  noTelemetry,
  type ObservedSums,
  type Telemetry,
} from '../../../src/platform/telemetry/telemetry.js';
import type { MessageEnvelope } from '../../../src/ports/message-queue.js';
import { aPrincipal } from '../../support/principals.js';
import { recordingSink, type Told } from '../../support/telemetry.js';

async function listening(sums: ObservedSums = {}): Promise<{ telemetry: Telemetry; told: Told }> {
  const { sink, told } = recordingSink();
  const known = knownValues(['rzz-tie']);
  const telemetry = createTelemetry(
    () => Promise.resolve(sink),
    (onRejected) => createAllowance(known, onRejected),
    sums,
  );
  await telemetry.ready();
  return { telemetry, told };
}

const metric = ({ metrics }: Told, name: string) =>
  metrics.filter((each) => each.name === name).map(({ value, attributes }) => ({ value, ...attributes }));

const trace = 'a'.repeat(32);
const sent = `00-${trace}-${'1'.repeat(16)}-01`;
const envelope: MessageEnvelope = {
  messageId: '0123456789abcdef0123456789abcdef',
  feed: 'rzz-tie',
  archivePath: 'rzz-tie/m1/x',
  sessionKey: 's1',
  receivedAt: '2026-11-26T10:00:00.000Z',
  traceparent: sent,
};
const settled: SettledMessage = {
  status: 'normalised',
  messageType: 'ADT^A01',
  issues: [],
  changes: [],
  unmapped: [],
};
const begun = new Date('2026-11-26T10:00:00.250Z');
const failure = new ExchangeError('HDE_THROTTLED');

describe('telemetry', () => {
  test('counts attributes that the tables do not allow', async () => {
    const { telemetry, told } = await listening();
    telemetry.record('Message.Size', 10, { feed: 'Okoro' });
    expect(metric(told, 'Telemetry.Rejected')).toEqual([{ value: 1 }]);
    expect(metric(told, 'Message.Size')).toEqual([{ value: 10 }]);
  });

  test('that cannot be opened changes nothing', async () => {
    const open = () => Promise.reject(new Error('no SDK'));
    const telemetry = createTelemetry(open, (onRejected) => createAllowance(knownValues([]), onRejected));
    await telemetry.ready();
    telemetry.record('Message.Requeued', 1);
    expect(telemetry.begin('stage', { parent: sent }).traceparent).toBe(sent);
    await telemetry.flush();
  });

  test('that nobody listens to passes on the traces of others', () => {
    expect(noTelemetry.begin('stage', { parent: sent }).traceparent).toBe(sent);
  });
});

describe('work on a message', () => {
  test('is told of with its stages, its cost and how long it waited', async () => {
    const { telemetry, told } = await listening();
    await observedMessage(telemetry, envelope, sent, begun, async ({ inStage, retried, traceparent }) => {
      expect(traceparent).toContain(trace);
      retried(failure);
      await inStage('read', () => {
        addCharge(12.5);
        return Promise.resolve();
      });
      return settled;
    });
    const of = { feed: 'rzz-tie', messageType: 'ADT^A01' };
    expect(metric(told, 'Message.Wait')).toEqual([{ value: 250, feed: 'rzz-tie' }]);
    expect(metric(told, 'Message.Retried')).toEqual([
      { value: 1, feed: 'rzz-tie', errorCode: 'HDE_THROTTLED' },
    ]);
    expect(metric(told, 'Message.Processed')).toEqual([{ value: 1, ...of, outcome: 'normalised' }]);
    expect(metric(told, 'Message.RequestCharge')).toEqual([{ value: 12.5, ...of, phase: 'normalise' }]);
    expect(metric(told, 'Message.StageDuration')).toMatchObject([{ ...of, stage: 'read' }]);
    expect(told.spans.map(({ name, failed }) => [name, failed])).toEqual([
      ['normalise', false],
      ['stage', false],
    ]);
  });

  test('costs nothing where nobody listens', async () => {
    const entering = jest.spyOn(AsyncLocalStorage.prototype, 'run');
    const work = jest.fn(({ inStage }: MessageObserver) => inStage('read', () => Promise.resolve(settled)));
    expect(await observedMessage(noTelemetry, envelope, sent, begun, work)).toBe(settled);
    expect(work).toHaveBeenCalledWith(expect.objectContaining({ traceparent: sent }));
    // A context that is entered once makes all promises of the process dearer from then on.
    expect(entering).not.toHaveBeenCalled();
    entering.mockRestore();
  });

  test('that fails is told of as a failure, and fails as it would', async () => {
    const { telemetry, told } = await listening();
    const work = () => Promise.reject(failure);
    await expect(observedMessage(telemetry, envelope, sent, begun, work)).rejects.toBe(failure);
    expect(told.spans).toMatchObject([{ name: 'normalise', parent: sent, failed: true }]);
    expect(metric(told, 'Message.Processed')).toEqual([]);
  });

  test.each([
    ['failed', 'failed'],
    ['left', 'accepted'],
  ])('that is given up is told of as %s when its receipt says %s', async (outcome, status) => {
    const { telemetry, told } = await listening();
    expect(await observedDeadLetter(telemetry, envelope, () => Promise.resolve(status))).toBe(status);
    expect(metric(told, 'Message.DeadLettered')).toEqual([{ value: 1, feed: 'rzz-tie', outcome }]);
    expect(told.spans).toMatchObject([{ name: 'dead-letter', parent: sent, failed: false }]);
  });

  test('goes on from the span that put it on the queue', async () => {
    const { telemetry, told } = await listening();
    const sentOn: MessageEnvelope[] = [];
    const queue = observedQueue(telemetry, {
      send: (each) => {
        sentOn.push(each);
        return Promise.resolve();
      },
    });
    await queue.send(envelope);
    expect(told.spans).toMatchObject([{ name: 'enqueue', parent: sent }]);
    expect(sentOn).toEqual([{ ...envelope, traceparent: `00-${trace}-${'1'.padStart(16, '0')}-01` }]);
  });

  test('ends in events, each in its own trace', async () => {
    const { telemetry, told } = await listening();
    const event = { ...envelope, messageType: 'ADT^A01' } as unknown as EventDocument;
    const other = { ...event, traceparent: `00-${'b'.repeat(32)}-${'2'.repeat(16)}-01` };
    const published: string[] = [];
    const publisher = observedEvents(telemetry, {
      publish: (events) => {
        published.push(...events.map(({ event: { traceparent = '' } }) => traceparent.slice(3, 35)));
        return Promise.resolve();
      },
    });
    await publisher.publish([event, other].map((each) => ({ consumer: 'all-events', event: each })));
    expect(published).toEqual([trace, 'b'.repeat(32)]);
    expect(told.spans.map(({ name, parent }) => [name, parent])).toEqual([
      ['publish', sent],
      ['publish', other.traceparent],
    ]);
    expect(metric(told, 'Event.Published')).toHaveLength(2);
  });
});

describe('a request', () => {
  const request = { method: 'GET', url: '', headers: new Headers({ traceparent: sent }), body: null };
  const context = { info: () => undefined, warn: () => undefined, error: () => undefined };

  test('is told of by the template of its route and its status', async () => {
    const { telemetry, told } = await listening();
    knownRoutes.add('fhir/{*path}');
    await observedRequest(telemetry, 'fhir/{*path}', request, context, () =>
      Promise.resolve({ status: 503 }),
    );
    expect(told.spans).toMatchObject([{ name: 'http', parent: sent, failed: true }]);
    const of = { route: 'fhir/{*path}', method: 'GET', status: 503 };
    expect(metric(told, 'Http.Duration')).toMatchObject([of]);
  });

  test('counts in the measure of accesses as the trail has it', async () => {
    const { telemetry, told } = await listening();
    const trail = observedTrail(telemetry, { record: () => Promise.resolve() });
    const entry = { at: '', patients: [], records: [], request: 'r', subject: 's', interaction: 'read' };
    await trail.record({ ...entry, outcome: 'begun', reason: 'role-reader' });
    await trail.record({ ...entry, outcome: 'refused', reason: 'HDE_FORBIDDEN' });
    expect(metric(told, 'Access.Decided')).toEqual([
      { value: 1, interaction: 'read', outcome: 'refused', reason: 'HDE_FORBIDDEN' },
    ]);
  });

  test.each([
    ['accepted', () => Promise.resolve(aPrincipal(['reader']))],
    ['accepted', () => aPrincipal(['reader'])],
    ['refused', () => Promise.reject(new ExchangeError('HDE_UNAUTHENTICATED'))],
    ['unavailable', () => Promise.reject(new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE'))],
  ])('has a token that is %s', async (outcome, verify) => {
    const { telemetry, told } = await listening();
    const verified = async () => observedVerifier(telemetry, verify)('token');
    await verified().catch(() => undefined);
    expect(metric(told, 'Token.Verified')).toEqual([{ value: 1, outcome }]);
  });
});

describe('a dependency', () => {
  const pressure = () => ({ limit: 1, inFlight: 0, waiting: 0, setBacks: 0, refused: 3 });
  const guard: Guard = { name: 'Cosmos DB', pressure, run: (attempt) => attempt() };

  test('is told of when it sets requests back, and by how requests ended', async () => {
    const { telemetry, told } = await listening();
    const observed = observedGuard(telemetry, guard);
    const judge = () => ({ kind: 'throttled', mayRepeat: true }) as const;
    await expect(observed.run(() => Promise.reject(failure), judge)).rejects.toBe(failure);
    await observed.run(() => Promise.resolve(1), judge);
    const dependency = 'Cosmos DB';
    expect(metric(told, 'Dependency.SetBacks')).toEqual([{ value: 1, dependency, outcome: 'throttled' }]);
    expect(metric(told, 'Dependency.Duration')).toMatchObject([
      { dependency, outcome: 'throttled' },
      { dependency, outcome: 'done' },
    ]);
  });

  test('has what the process refused in its place', async () => {
    const { told } = await listening(refusedSums([guard]));
    expect(metric(told, 'Dependency.Refused')).toEqual([{ value: 3, dependency: 'Cosmos DB' }]);
  });

  test('that nobody listens to is asked as it is', () => {
    expect(observedGuard(noTelemetry, guard)).toBe(guard);
  });

  test.each([
    ['done', undefined],
    ['done', { code: 404 }],
    ['conflict', { code: 412 }],
    ['throttled', new ExchangeError('HDE_THROTTLED')],
    ['unavailable', new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE')],
  ])('of Cosmos DB is told as %s for %j, with its charge', async (outcome, error) => {
    const { telemetry, told } = await listening();
    cosmosObserver(telemetry)({ container: 'records', operation: 'batch' })({ requestUnits: 7, error });
    const of = { container: 'records', operation: 'batch' };
    expect(metric(told, 'Database.RequestCharge')).toEqual([{ value: 7, ...of }]);
    expect(metric(told, 'Database.Duration')).toMatchObject([{ ...of, outcome }]);
    expect(told.spans).toMatchObject([{ name: 'database', attributes: { ...of, outcome, requestUnits: 7 } }]);
  });
});
