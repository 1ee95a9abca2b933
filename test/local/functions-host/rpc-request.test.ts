import { describe, expect, test } from '@jest/globals';
import {
  toHttpInput,
  toInvocationRequest,
  toServiceBusBatchInput,
  toServiceBusInput,
  toTimerInput,
  toTraceContext,
} from '../../../local/functions-host/rpc-request.js';
import type { ReceivedMessage } from '../../../local/functions-host/rpc-request.js';

const traceParent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

const aMessage = (body: unknown, rest: Partial<ReceivedMessage> = {}): ReceivedMessage => ({
  body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)),
  deliveryCount: 0,
  lockToken: 'token',
  enqueuedTimeUtc: new Date('2026-11-20T09:30:00.120Z'),
  messageId: 'm1',
  subject: 'envelope',
  sequenceNumber: { toNumber: () => 5 },
  ...rest,
});

const metadataOf = (message: ReceivedMessage) => toServiceBusInput('b', message, false).metadata;

describe('trace context', () => {
  test('is passed on', () => {
    expect(toTraceContext(traceParent, 'a=b')).toEqual({ traceParent, traceState: 'a=b', attributes: {} });
  });

  test.each([undefined, 'nonsense', traceParent.slice(1)])('%s begins a new trace', (given) => {
    const trace = toTraceContext(given, 'a=b');
    expect(trace.traceParent).toMatch(/^00-[\da-f]{32}-[\da-f]{16}-00$/);
    expect(trace.traceState).toBe('');
  });
});

describe('invocation requests', () => {
  test('carry ids, the system metadata and a retry context only when there is one', () => {
    const request = toInvocationRequest('id', 'name', { inputs: [], metadata: { a: { string: 'x' } } });
    expect(request).toMatchObject({ functionId: 'id', triggerMetadata: { a: { string: 'x' } } });
    expect(JSON.parse(request.triggerMetadata['sys']!.json!)).toMatchObject({ MethodName: 'name' });
    expect(request).not.toHaveProperty('retryContext');
  });
});

describe('HTTP requests', () => {
  test('arrive with nullable maps, repeated query parameters joined, and the body as bytes', () => {
    const url = new URL('http://h/api/x?a=1&a=2&b=');
    const body = Buffer.from('hi');
    const { inputs } = toHttpInput('req', {
      url,
      method: 'POST',
      headers: { h: 'v' },
      params: { id: '1' },
      body,
    });
    expect(inputs).toEqual([
      {
        name: 'req',
        data: {
          http: {
            url: url.href,
            method: 'POST',
            nullableHeaders: { h: { value: 'v' } },
            nullableQuery: { a: { value: '1,2' }, b: { value: '' } },
            nullableParams: { id: { value: '1' } },
            body: { bytes: body },
          },
        },
      },
    ]);
  });
});

describe('a Service Bus message', () => {
  test('is text by default and bytes when asked for', () => {
    expect(toServiceBusInput('b', aMessage('ü'), false).inputs).toEqual([
      { name: 'b', data: { string: 'ü' } },
    ]);
    const bytes = Buffer.from([1, 255]);
    expect(toServiceBusInput('b', aMessage('', { body: bytes }), true).inputs).toEqual([
      { name: 'b', data: { bytes } },
    ]);
  });

  test('must have a data body', () => {
    expect(() => toServiceBusInput('b', aMessage('', { body: { value: 1 } }), false)).toThrow(
      /AMQP data body only/,
    );
  });

  test('has its properties in the metadata, delivery count from one, absent ones left out', () => {
    const metadata = metadataOf(
      aMessage('text', { deliveryCount: 2, applicationProperties: { EventType: 'X' } }),
    );
    expect(metadata).toMatchObject({
      DeliveryCount: { json: '3' },
      MessageId: { string: 'm1' },
      SequenceNumber: { json: '5' },
      Subject: { string: 'envelope' },
      Label: { string: 'envelope' },
      EnqueuedTimeUtc: { json: '"2026-11-20T09:30:00.12"' },
      EnqueuedTime: { json: '"2026-11-20T09:30:00.12+00:00"' },
      ApplicationProperties: { json: '{"EventType":"X"}' },
      UserProperties: { json: '{"EventType":"X"}' },
    });
    expect(metadata).not.toHaveProperty('SessionId');
  });

  test('loses properties of the envelope to those of a JSON body, whatever their case', () => {
    const metadata = metadataOf(
      aMessage({ SUBJECT: 'body', messageId: 7, list: [1], none: null, deep: { a: 1 }, ok: true }),
    );
    expect(metadata).toMatchObject({
      Subject: { string: 'body' },
      Label: { string: 'envelope' },
      MessageId: { string: '7' },
      deep: { json: '{"a":1}' },
      ok: { string: 'True' },
    });
    expect(metadata).not.toHaveProperty('list');
    expect(metadata).not.toHaveProperty('none');
    expect(metadata).not.toHaveProperty('SUBJECT');
  });

  test.each(['{ not json }', '[{"subject":"x"}]', '"subject"'])(
    'keeps its envelope when the body is %s',
    (body) => {
      expect(metadataOf(aMessage(body))['Subject']).toEqual({ string: 'envelope' });
    },
  );

  test('hands its Diagnostic-Id on as trace', () => {
    const input = toServiceBusInput(
      'b',
      aMessage('x', { applicationProperties: { 'Diagnostic-Id': traceParent } }),
      false,
    );
    expect(input.trace?.traceParent).toBe(traceParent);
  });
});

describe('a batch of Service Bus messages', () => {
  const batch = [aMessage({ i: 1 }), aMessage('', { messageId: 'm2', subject: undefined })];

  test('is a collection from which the real host drops empty texts', () => {
    expect(toServiceBusBatchInput('b', batch, false).inputs[0]!.data).toEqual({
      collectionString: { string: ['{"i":1}'] },
    });
  });

  test('has an array per property, texts without the absent ones', () => {
    expect(toServiceBusBatchInput('b', batch, false).metadata).toMatchObject({
      DeliveryCountArray: { json: '[1,1]' },
      MessageIdArray: { collectionString: { string: ['m1', 'm2'] } },
      SubjectArray: { collectionString: { string: ['envelope'] } },
      SequenceNumberArray: { collectionSint64: { sint64: [5, 5] } },
      EnqueuedTimeUtcArray: { json: '["2026-11-20T09:30:00.12","2026-11-20T09:30:00.12"]' },
      ApplicationPropertiesArray: { json: '[{},{}]' },
    });
  });
});

describe('a timer tick', () => {
  test('tells its schedule', () => {
    const next = new Date('2026-11-20T10:00:00Z');
    const input = toTimerInput('t', { last: undefined, next, isPastDue: false });
    expect(JSON.parse(input.inputs[0]!.data.json!)).toEqual({
      Schedule: { AdjustForDST: true },
      ScheduleStatus: {
        Last: '0001-01-01T00:00:00',
        LastUpdated: '0001-01-01T00:00:00',
        Next: next.toISOString(),
      },
      IsPastDue: false,
    });
  });
});
