import { beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  createMemoryMessageQueue,
  type MemoryMessageQueue,
} from '../../src/adapters/memory/message-queue.js';
import { createMemoryMessageStore } from '../../src/adapters/memory/message-store.js';
import { createMemoryRawArchive } from '../../src/adapters/memory/raw-archive.js';
import { acceptMessage, type AcceptDependencies } from '../../src/app/accept-message.js';
import { wholeBody } from '../../src/app/receive-body.js';
import { sampleFeed } from '../support/feeds.js';
import { aMessage } from '../support/messages.js';

let deps: AcceptDependencies & { queue: MemoryMessageQueue };
beforeEach(() => {
  deps = {
    archive: createMemoryRawArchive(),
    messages: createMemoryMessageStore(),
    queue: createMemoryMessageQueue(),
    clock: { now: () => new Date('2026-03-30T09:00:00Z') },
    identitySecret: 'a secret that only this test knows',
  };
});

const accept = (bytes: Uint8Array) =>
  acceptMessage(deps, { feed: sampleFeed, body: wholeBody(bytes), contentType: 'application/hl7-v2+er7' });

describe('a message that can be read', () => {
  test('is archived, recorded and put on the queue before it is accepted', async () => {
    const bytes = aMessage();
    const { outcome, receipt } = await accept(bytes);
    expect(outcome).toBe('accepted');
    expect(await deps.archive.get(receipt.archivePath)).toEqual(bytes);
    expect(await deps.messages.get(receipt.id)).toMatchObject({
      status: 'accepted',
      messageType: 'ADT^A28',
      controlId: 'C1',
    });
    expect(deps.queue.sent).toEqual([
      {
        messageId: receipt.id,
        feed: 'rzz-tie',
        archivePath: receipt.archivePath,
        sessionKey: receipt.sessionKey,
        receivedAt: '2026-03-30T09:00:00.000Z',
      },
    ]);
  });

  test('shares its session with other messages about the same patient only', async () => {
    const first = await accept(aMessage({ controlId: 'C1', mrn: 'M1' }));
    const same = await accept(aMessage({ controlId: 'C2', mrn: 'M1' }));
    const other = await accept(aMessage({ controlId: 'C3', mrn: 'M2' }));
    expect(same.receipt.sessionKey).toBe(first.receipt.sessionKey);
    expect(other.receipt.sessionKey).not.toBe(first.receipt.sessionKey);
  });

  test('leaves no identifier of the patient in what travels on the queue', async () => {
    await accept(aMessage({ mrn: 'M123456' }));
    const sent = JSON.stringify(deps.queue.sent);
    expect(sent).not.toContain('M123456');
    expect(sent).not.toContain('9990000018');
  });

  test('is not accepted when the archive fails', async () => {
    const archive = { ...deps.archive, put: () => Promise.reject(new Error('down')) };
    await expect(
      acceptMessage({ ...deps, archive }, { feed: sampleFeed, body: wholeBody(aMessage()), contentType: '' }),
    ).rejects.toThrow('down');
    expect(deps.queue.sent).toEqual([]);
  });

  test('is not accepted when the queue fails, and goes on the queue when it is sent again', async () => {
    const queue = { send: () => Promise.reject(new Error('down')) };
    await expect(
      acceptMessage({ ...deps, queue }, { feed: sampleFeed, body: wholeBody(aMessage()), contentType: '' }),
    ).rejects.toThrow('down');
    expect((await accept(aMessage())).outcome).toBe('duplicate');
    expect(deps.queue.sent).toHaveLength(1);
  });
});

describe('a message that comes again', () => {
  test('is a duplicate of the first', async () => {
    const first = await accept(aMessage());
    const second = await accept(aMessage());
    expect(second).toEqual({ outcome: 'duplicate', receipt: first.receipt });
  });

  test('is not queued again when it is finished', async () => {
    const { receipt } = await accept(aMessage());
    await deps.messages.update(receipt.id, { status: 'normalised' });
    await accept(aMessage());
    expect(deps.queue.sent).toHaveLength(1);
  });

  test('with other content under the same control id is refused', async () => {
    await accept(aMessage({ family: 'Okoro' }));
    await expect(accept(aMessage({ family: 'Smith' }))).rejects.toMatchObject({
      code: 'HDE_CONTROL_ID_REUSED',
      location: 'MSH-10',
    });
  });

  test('without a control id is recognised by its content', async () => {
    await accept(aMessage({ controlId: '', family: 'Okoro' }));
    expect((await accept(aMessage({ controlId: '', family: 'Okoro' }))).outcome).toBe('duplicate');
    expect((await accept(aMessage({ controlId: '', family: 'Smith' }))).outcome).toBe('accepted');
  });
});

describe('a message that came through a gateway', () => {
  test('is the same with other line ends and with MLLP framing', async () => {
    await accept(aMessage());
    const text = new TextDecoder().decode(aMessage());
    for (const copy of [
      text.replaceAll('\r', '\r\n'),
      text.replaceAll('\r', '\n'),
      `\u000b${text}\u001c\r`,
    ]) {
      expect((await accept(new TextEncoder().encode(copy))).outcome).toBe('duplicate');
    }
  });
});

describe('a message that cannot be mapped', () => {
  test('is refused at once with reason and place, and kept', async () => {
    const { outcome, receipt } = await accept(aMessage({ type: 'QRY^A19', controlId: 'C7' }));
    expect(outcome).toBe('failed');
    expect(receipt).toMatchObject({
      controlId: 'C7',
      status: 'failed',
      issues: [{ code: 'HDE_HL7_TYPE_UNSUPPORTED', location: 'MSH-9' }],
    });
    expect(deps.queue.sent).toEqual([]);
  });
});

describe('a message that cannot be read as a whole', () => {
  const broken = {
    'a line that is no segment': aMessage({ controlId: 'C7', more: ['NTE|1||first line\nsecond line'] }),
    'bytes that do not fit their character set': Buffer.from(
      new TextDecoder()
        .decode(aMessage({ controlId: 'C7', family: 'M\xfcller' }))
        .replace('|2.4', '|2.4||||||UTF-8'),
      'latin1',
    ),
    'no type': Buffer.from(
      new TextDecoder().decode(aMessage({ controlId: 'C7' })).replace('|ADT^A28|', '||'),
    ),
  };

  test.each(Object.entries(broken))('is found by what it says of itself: %s', async (_, bytes) => {
    const { receipt } = await accept(bytes);
    const readable = await accept(aMessage());
    expect(receipt).toMatchObject({ status: 'failed', controlId: 'C7', subjects: readable.receipt.subjects });
    expect(receipt.subjects).toHaveLength(2);
  });

  test('and is of a type is found by it', async () => {
    const { receipt } = await accept(broken['a line that is no segment']);
    expect(receipt).toMatchObject({ messageType: 'ADT^A28', errorCode: 'HDE_HL7_SEGMENT' });
  });

  test('is known by its bytes: another one under its control id is another message', async () => {
    const first = await accept(broken['a line that is no segment']);
    const second = await accept(broken['no type']);
    expect(second.receipt.id).not.toBe(first.receipt.id);
    expect((await accept(broken['no type'])).receipt.id).toBe(second.receipt.id);
  });

  test('is accepted as failed, whatever its bytes are', async () => {
    const text = fc
      .tuple(fc.constantFrom('MSH|', 'MSH|^~\\&|', 'MSH#*'), fc.string({ unit: 'binary' }))
      .map((parts) => `${parts.join('')}\rPID|${parts[1]}|${parts[1]}\rMRG|${parts[1]}`);
    await fc.assert(
      fc.asyncProperty(text, async (sent) => {
        const { outcome } = await accept(Buffer.from(sent));
        expect(['failed', 'duplicate', 'accepted']).toContain(outcome);
      }),
    );
  });
});

describe('a control id', () => {
  test.each(['""', ' ', '   '])('that says nothing (%s) is none', async (controlId) => {
    const first = await accept(aMessage({ controlId, family: 'Okoro' }));
    const second = await accept(aMessage({ controlId, family: 'Smith' }));
    expect([first.outcome, second.outcome]).toEqual(['accepted', 'accepted']);
    expect(first.receipt.controlId).toBeUndefined();
  });

  test('is searched without the blanks around it', async () => {
    expect((await accept(aMessage({ controlId: 'C1  ' }))).receipt.controlId).toBe('C1');
  });
});

describe('what a sender may write without end', () => {
  /** Below what a message of Service Bus and a document of Cosmos DB may be. */
  const small = 200_000;

  test.each([
    ['a long text', 'X'.repeat(300_000)],
    ['a long event', `ADT^${'A'.repeat(300_000)}`],
    ['a name', 'Okoro Ada^A28'],
    ['an NHS number', '9990000018^A28'],
  ])('is no type of a message: %s is refused and stands nowhere', async (_, type) => {
    const { outcome, receipt } = await accept(aMessage({ type }));
    expect(outcome).toBe('failed');
    expect(receipt).toMatchObject({ errorCode: 'HDE_HL7_TYPE_UNSUPPORTED', controlId: 'C1' });
    expect(receipt.messageType).toBeUndefined();
    expect(JSON.stringify(receipt).length).toBeLessThan(small);
  });

  test('is no control id: it tells messages apart, and is not kept', async () => {
    const controlId = 'C'.repeat(3_000_000);
    const { outcome, receipt } = await accept(aMessage({ controlId: `${controlId}1` }));
    expect([outcome, receipt.controlId]).toEqual(['accepted', undefined]);
    expect(JSON.stringify(receipt).length).toBeLessThan(small);
    expect((await accept(aMessage({ controlId: `${controlId}2` }))).outcome).toBe('accepted');
    expect((await accept(aMessage({ controlId: `${controlId}1` }))).outcome).toBe('duplicate');
  });

  test.each([
    ['PID-3', { mrn: Array.from({ length: 20_000 }, (_, n) => `N${n}^^^RZZ^MR`).join('~') }],
    [
      'MRG-1',
      {
        type: 'ADT^A40',
        more: [`MRG|${Array.from({ length: 20_000 }, (_, n) => `N${n}^^^RZZ^MR`).join('~')}`],
      },
    ],
  ])('is no patient: thousands of identifiers in %s are refused', async (location, parts) => {
    const { outcome, receipt } = await accept(aMessage(parts));
    expect(outcome).toBe('failed');
    expect(receipt.issues).toMatchObject([{ code: 'HDE_MESSAGE_TOO_LARGE', location }]);
    expect(JSON.stringify(receipt).length).toBeLessThan(small);
  });

  test('of as many identifiers as anybody has is accepted', async () => {
    const mrn = Array.from({ length: 100 }, (_, n) => `N${n}^^^RZZ^MR`).join('~');
    expect((await accept(aMessage({ mrn }))).outcome).toBe('accepted');
  });
});

test('a message of version 2.2, which names its event in EVN-1 only, is found by both', async () => {
  const text = new TextDecoder().decode(aMessage()).replace('|ADT^A28|', '|ADT|');
  expect((await accept(new TextEncoder().encode(text))).receipt.messageType).toBe('ADT^A28');
});

describe('a message that only ran out of deliveries', () => {
  test('gets another chance when it is sent again', async () => {
    const { receipt } = await accept(aMessage());
    await deps.messages.update(receipt.id, { status: 'failed', errorCode: 'HDE_DELIVERY_EXHAUSTED' });
    expect((await accept(aMessage())).outcome).toBe('duplicate');
    expect(deps.queue.sent).toHaveLength(2);
    expect(await deps.messages.get(receipt.id)).toMatchObject({ status: 'accepted' });
  });
});

describe('a message that cannot be read', () => {
  const garbage = new TextEncoder().encode('PID|1||no header\r');

  test('is kept with its reason and place, and never queued', async () => {
    const { outcome, receipt } = await accept(garbage);
    expect(outcome).toBe('failed');
    expect(receipt).toMatchObject({
      status: 'failed',
      errorCode: 'HDE_HL7_NO_MSH',
      issues: [{ code: 'HDE_HL7_NO_MSH', severity: 'error' }],
    });
    expect(await deps.archive.get(receipt.archivePath)).toEqual(garbage);
  });

  test.each(['dismissed', 'corrected'] as const)('is done with once it is %s', async (status) => {
    const { receipt } = await accept(garbage);
    expect((await accept(garbage)).outcome).toBe('failed');
    await deps.messages.transition(receipt.id, ['failed'], { status });
    expect((await accept(garbage)).outcome).toBe('duplicate');
    expect(deps.queue.sent).toEqual([]);
    expect(deps.queue.sent).toEqual([]);
  });

  test('fails in the same way when it comes again', async () => {
    const first = await accept(garbage);
    expect(await accept(garbage)).toEqual(first);
  });

  test('is refused when it is empty', async () => {
    await expect(accept(new Uint8Array())).rejects.toMatchObject({ code: 'HDE_PAYLOAD_EMPTY' });
  });
});
