/** One trace through every part of the real stack, and metrics that say what a message cost. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ServiceBusClient } from '@azure/service-bus';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startCollector, type Collector, type SpanLine } from '../../local/telemetry/collector.js';
import { containerOf, openCosmos } from '../../src/adapters/cosmos/connect.js';
import { post } from '../support/hl7-client.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';
import { readMetrics, readSpans } from '../support/telemetry.js';

let folder: string;
let collector: Collector;
let stack: RunningStack;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hde-telemetry-'));
  collector = await startCollector(0, folder);
  stack = await startStack('telemetry', undefined, {
    OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
  });
}, 120_000);

afterAll(async () => {
  await stack.destroy();
  await collector.close();
  await rm(folder, { recursive: true, force: true });
}, 60_000);

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;
const markers = ['MARKERFAMILY', 'MARKERMRN', 'MARKERCONTROL', '9990000018'];

async function send(): Promise<string> {
  const sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  const [family = '', mrn = '', controlId = ''] = markers;
  const bytes = aMessage({ type: 'ADT^A28', family, mrn, controlId });
  const { headers } = await post(stack, bytes, { token: sender, headers: { traceparent } });
  return headers.get('x-hde-receipt') ?? '';
}

async function stored<T>(container: 'audit' | 'records' | 'messages', query: string): Promise<T[]> {
  const connectionString = stack.settings['HDE_COSMOS']!;
  const client = await openCosmos({ kind: 'connection-string', connectionString });
  try {
    return (await containerOf(client, container).items.query<T>(query).fetchAll()).resources;
  } finally {
    client.dispose();
  }
}

describe('the trace of a message', () => {
  let spans: readonly SpanLine[];
  let messageId: string;
  const named = (name: string, attributes: SpanLine['attributes'] = {}) =>
    spans.filter(
      (span) =>
        span.name === name &&
        Object.entries(attributes).every(([key, value]) => span.attributes[key] === value),
    );
  const one = (name: string, attributes?: SpanLine['attributes']): SpanLine => {
    const [span, ...others] = named(name, attributes);
    expect([name, attributes, others.length, span === undefined]).toEqual([name, attributes, 0, false]);
    return span!;
  };

  beforeAll(async () => {
    messageId = await send();
    const ofTrace = async () => (await readSpans(folder)).filter((span) => span.traceId === traceId);
    // Spans of a part come when it sends them: those of the request may come after those of the event.
    const parts = ['http', 'archive', 'enqueue', 'normalise', 'stage', 'database', 'publish'];
    const isWhole = (all: readonly SpanLine[]) =>
      parts.every((part) => all.some(({ name }) => name === part));
    spans = await eventually(ofTrace, isWhole, 60_000);
  }, 90_000);

  test('leads from the request over the queue to the batch and the event', () => {
    const http = one('http', { route: 'ingest/{feed}' });
    expect(http.parentSpanId).toBe('00f067aa0ba902b7');
    expect(http.attributes).toEqual({ route: 'ingest/{feed}', method: 'POST', status: 200 });
    expect(one('archive').parentSpanId).toBe(http.spanId);
    const enqueue = one('enqueue');
    expect(enqueue).toMatchObject({ parentSpanId: http.spanId, attributes: { feed: 'rzz-tie', messageId } });
    const normalise = one('normalise');
    expect(normalise.parentSpanId).toBe(enqueue.spanId);
    expect(normalise.attributes).toMatchObject({ messageType: 'ADT^A28', outcome: 'normalised', messageId });
    expect(named('stage').map(({ parentSpanId, attributes }) => [parentSpanId, attributes['stage']])).toEqual(
      ['read', 'identify', 'map', 'commit'].map((stage) => [normalise.spanId, stage]),
    );
    const commit = one('stage', { stage: 'commit' });
    const batches = named('database', { operation: 'batch', container: 'records', outcome: 'done' });
    expect(batches.map(({ parentSpanId }) => parentSpanId)).toContain(commit.spanId);
    expect(one('publish')).toMatchObject({ parentSpanId: normalise.spanId, attributes: { messageId } });
  });

  test('is the one that the event, the receipt and the audit trail name', async () => {
    const client = new ServiceBusClient(stack.settings['HDE_SERVICEBUS']!);
    const receiver = client.createReceiver('events', 'all-events');
    const [event] = await receiver.receiveMessages(1, { maxWaitTimeInMs: 30_000 });
    await client.close();
    const published = one('publish');
    const goingOn = `00-${traceId}-${published.spanId}-01`;
    expect(event?.applicationProperties?.['traceparent']).toBe(goingOn);
    expect(event?.body).toMatchObject({ messageId, traceparent: goingOn });

    const [receipt] = await stored<{ traceparent: string }>(
      'messages',
      `SELECT * FROM c WHERE c.id = '${messageId}'`,
    );
    expect(receipt?.traceparent).toContain(`00-${traceId}-`);

    const entries = await stored<{ entry: { records: string[]; interaction: string; trace: string } }>(
      'audit',
      `SELECT VALUE e FROM c JOIN e IN c.entries WHERE c.kind = 'block'`,
    );
    const ofMessage = entries.filter(({ entry }) => entry.records.includes(`message/${messageId}`));
    expect(ofMessage.map(({ entry }) => [entry.interaction, entry.trace])).toEqual([['message', traceId]]);
  });
});

describe('metrics', () => {
  test('say what the message cost, by feed and type', async () => {
    const of = { feed: 'rzz-tie', messageType: 'ADT^A28' };
    const latest = async () => new Map((await readMetrics(folder)).map((line) => [keyOf(line), line]));
    const keyOf = (line: { name: string; attributes: object }) =>
      `${line.name} ${JSON.stringify(line.attributes)}`;
    const key = (name: string, attributes: object) => keyOf({ name, attributes });
    const wanted = [
      key('Message.Received', { ...of, outcome: 'accepted' }),
      key('Message.Processed', { ...of, outcome: 'normalised' }),
      key('Message.RequestCharge', { ...of, phase: 'accept' }),
      key('Message.RequestCharge', { ...of, phase: 'normalise' }),
      key('Message.Size', of),
      key('Message.StageDuration', { ...of, stage: 'map' }),
      key('Message.Duration', { ...of, outcome: 'normalised' }),
      key('Message.Wait', { feed: 'rzz-tie' }),
      key('Event.Published', { feed: 'rzz-tie' }),
      key('ChangeFeed.Lag', {}),
      key('Http.Duration', { route: 'ingest/{feed}', method: 'POST', status: 200 }),
      key('Token.Verified', { outcome: 'accepted' }),
      key('Access.Decided', { interaction: 'message', outcome: 'done', reason: 'role-sender' }),
      key('Cache.Lookups', { cache: 'identity', outcome: 'sought' }),
      key('Database.RequestCharge', { container: 'records', operation: 'batch' }),
      key('Dependency.Duration', { dependency: 'Service Bus', outcome: 'done' }),
      key('Backlog.Age', {}),
    ];
    const found = await eventually(latest, (lines) => wanted.every((name) => lines.has(name)), 60_000);
    const charged = found.get(key('Message.RequestCharge', { ...of, phase: 'normalise' }));
    expect(charged?.value).toBeGreaterThan(10);
    expect(found.get(key('Message.Received', { ...of, outcome: 'accepted' }))?.value).toBe(1);
    expect([...found.values()].filter(({ name }) => name === 'Telemetry.Rejected')).toEqual([]);
  });

  test('and spans hold nothing that the message says', async () => {
    const told = JSON.stringify([await readSpans(folder), await readMetrics(folder)]);
    for (const marker of markers) expect(told).not.toContain(marker);
  });
});
