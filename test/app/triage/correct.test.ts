import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { hl7v2TextOf } from './triage-exchange.js';
import { correctMessage } from '../../../src/app/triage/correct-message.js';
import { dismissMessage } from '../../../src/app/triage/dismiss-message.js';
import { resubmitMessage, resubmitMessages } from '../../../src/app/triage/resubmit-messages.js';
import { showMessage } from '../../../src/app/triage/show-message.js';
import type { MessageReceipt } from '../../../src/ports/message-store.js';
import { createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { aMessage } from '../../support/messages.js';
import { accept, failLater, operator, poisonText, processQueue } from './triage-exchange.js';

let exchange: MemoryExchange;
let original: MessageReceipt;
const text = hl7v2TextOf(aMessage({ controlId: 'P1', mrn: 'P1', nhsNumber: '' }));
const reason = 'PID-3 was empty; number taken from the paper form';

beforeEach(async () => {
  exchange = createMemoryExchange();
  original = await accept(exchange, poisonText({ controlId: 'P1', nhsNumber: '' }));
});

const receipt = async (id: string) => (await exchange.messages.get(id))!;
const correct = (change: Partial<Parameters<typeof correctMessage>[3]> = {}, deps = exchange) =>
  correctMessage(deps, operator, original.id, { text, reason, ...change });

async function patients(mrn: string): Promise<Patient[]> {
  const { documents } = await exchange.records.findByIdentifier(
    'Patient',
    `https://rzz.example.nhs.uk/Id/local-patient-id|${mrn}`,
    { limit: 10 },
  );
  return documents.map(({ resource }) => resource as Patient);
}

/** Every write of a correction that may be the last one before a crash. */
function dyingAt(step: number): MemoryExchange {
  let steps = 0;
  const dies =
    <A extends unknown[], R>(write: (...args: A) => Promise<R>) =>
    (...args: A): Promise<R> =>
      steps++ < step ? write(...args) : Promise.reject(new Error('killed'));
  const { archive, messages, queue } = exchange;
  return {
    ...exchange,
    archive: { ...archive, put: dies((...args) => archive.put(...args)) },
    messages: {
      ...messages,
      create: dies((...args) => messages.create(...args)),
      transition: dies((...args) => messages.transition(...args)),
    },
    queue: { ...queue, send: dies((...args) => queue.send(...args)) },
  };
}

describe('an edited copy', () => {
  test('is a message of its own in the session of its patient, with the time of its original', async () => {
    const { receipt: copy } = await correct();
    expect(copy.id).not.toBe(original.id);
    expect(copy).toMatchObject({
      status: 'accepted',
      correctionOf: original.id,
      controlId: 'P1',
      receivedAt: original.receivedAt,
      resubmitted: 0,
      attempts: 0,
      issues: [],
    });
    const sibling = await accept(exchange, aMessage({ controlId: 'P2', mrn: 'P1', nhsNumber: '' }));
    expect(copy.sessionKey).toBe(sibling.sessionKey);
    expect(exchange.queue.sent[0]).toMatchObject({ messageId: copy.id, correctionOf: original.id });
  });

  test('leaves its original archived, with who edited it, when and why', async () => {
    const { receipt: copy } = await correct();
    expect(await receipt(original.id)).toMatchObject({
      status: 'corrected',
      correctedBy: copy.id,
      errorCode: 'HDE_HL7_NO_PATIENT',
      history: [{ by: 'olive', action: 'corrected', reason }],
    });
    expect(await exchange.archive.get(original.archivePath)).toBeDefined();
    expect(await exchange.archive.get(copy.archivePath)).toEqual(new TextEncoder().encode(text));
  });

  test('makes records that lead to it, and from it to its original', async () => {
    const { receipt: copy } = await correct();
    await processQueue(exchange);
    const [patient] = await patients('P1');
    const stored = await exchange.records.readCurrent('Patient', patient?.id ?? '');
    expect(stored?.lineage.messages).toEqual([copy.id]);
    expect(stored?.source).toMatchObject({ messageId: copy.id, correctionOf: original.id });
    const shown = await showMessage(exchange, operator, copy.id);
    expect(shown.corrections.map(({ id }) => id)).toEqual([original.id, copy.id]);
    expect((await showMessage(exchange, operator, original.id)).corrections).toEqual(shown.corrections);
  });

  test('may be edited again when it fails, and each edit leads to the one before', async () => {
    const { receipt: copy } = await correct();
    await exchange.messages.update(copy.id, { status: 'failed', errorCode: 'HDE_MAPPING_FAILED' });
    const again = { text: text.replace('P1^^^', 'P9^^^'), reason: 'Another number' };
    const { receipt: second } = await correctMessage(exchange, operator, copy.id, again);
    const { corrections } = await showMessage(exchange, operator, second.id);
    expect(corrections.map(({ id }) => id)).toEqual([original.id, copy.id, second.id]);
    expect(corrections.map(({ status }) => status)).toEqual(['corrected', 'corrected', 'accepted']);
  });

  test('is read with any line ends, and kept in the character set that it declares', async () => {
    const latin = text.replace('Okoro', 'Müller').replace('|P|2.4', '|P|2.4||||||8859/1');
    const { receipt: copy } = await correct({ text: latin.replaceAll('\r', '\r\n') });
    const bytes = (await exchange.archive.get(copy.archivePath))!;
    expect(Buffer.from(bytes).toString('latin1')).toBe(latin);
  });

  test('is the same when the same edit is made again, and nothing is queued twice', async () => {
    const first = await correct();
    const again = await correct();
    expect(again.receipt).toEqual(await receipt(first.receipt.id));
    expect(exchange.queue.sent).toHaveLength(1);
    expect((await receipt(original.id)).history).toHaveLength(1);
  });
});

describe('an edit is refused, and changes nothing,', () => {
  test.each<[string, Partial<Parameters<typeof correctMessage>[3]>, string]>([
    ['when the exchange would refuse it', { text: poisonText({ family: 'Else' }) }, 'HDE_HL7_NO_PATIENT'],
    ['when it is no message', { text: 'PID|1' }, 'HDE_HL7_NO_MSH'],
    ['when it is empty', { text: ' \r' }, 'HDE_PAYLOAD_EMPTY'],
    [
      'when nothing was changed',
      { text: poisonText({ controlId: 'P1', nhsNumber: '' }) },
      'HDE_REQUEST_INVALID',
    ],
    ['without a reason', { reason: '' }, 'HDE_REQUEST_INVALID'],
    [
      'when its character set lacks a character',
      { text: text.replace('Okoro', '日本').replace('|P|2.4', '|P|2.4||||||8859/1') },
      'HDE_HL7_ENCODING',
    ],
  ])('%s', async (_when, change, code) => {
    await expect(correct(change)).rejects.toMatchObject({ code });
    expect(await receipt(original.id)).toEqual(original);
    expect(exchange.queue.sent).toEqual([]);
  });

  test('when the message takes effect as it is', async () => {
    const { id } = await accept(exchange, aMessage());
    await expect(correctMessage(exchange, operator, id, { text, reason })).rejects.toMatchObject({
      code: 'HDE_MESSAGE_STATUS',
    });
  });

  test('when a part of the message took effect before it failed: it can be resubmitted', async () => {
    const { id } = await accept(exchange, aMessage());
    await processQueue(exchange);
    await exchange.messages.update(id, { status: 'failed' });
    await expect(correctMessage(exchange, operator, id, { text, reason })).rejects.toMatchObject({
      code: 'HDE_MESSAGE_STATUS',
    });
    expect((await receipt(id)).status).toBe('failed');
    expect((await resubmitMessage(exchange, operator, id)).receipt.status).toBe('accepted');
    expect(exchange.queue.sent.map(({ messageId }) => messageId)).toEqual([id, id]);
  });

  test('when the operator is of another feed', async () => {
    const stranger = { ...operator, feeds: ['other'] };
    await expect(correctMessage(exchange, stranger, original.id, { text, reason })).rejects.toMatchObject({
      code: 'HDE_RECEIPT_NOT_FOUND',
    });
  });
});

describe('of a message and its edited copies', () => {
  const otherText = text.replaceAll('P1', 'P5');
  const queued = () => exchange.queue.sent.map(({ messageId }) => messageId);

  test('one is processed when two operators edit it at once, and the other cannot be resubmitted', async () => {
    const results = await Promise.allSettled([correct(), correct({ text: otherText })]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await exchange.messages.countByStatus()).toMatchObject({
      accepted: 1,
      corrected: 1,
      dismissed: 1,
    });
    const lost = await exchange.messages.search(
      { feeds: ['rzz-tie'], status: 'dismissed' },
      { limit: 9, order: 'newest' },
    );
    await expect(resubmitMessage(exchange, operator, lost.receipts[0]!.id)).rejects.toMatchObject({
      code: 'HDE_MESSAGE_STATUS',
    });
    expect(queued()).toEqual([(await receipt(original.id)).correctedBy]);
  });

  test('the original cannot be taken up or edited otherwise any more', async () => {
    await correct();
    await expect(correct({ text: otherText })).rejects.toMatchObject({ code: 'HDE_MESSAGE_STATUS' });
    await expect(resubmitMessage(exchange, operator, original.id)).rejects.toMatchObject({
      code: 'HDE_MESSAGE_STATUS',
    });
    expect(queued()).toHaveLength(1);
  });

  test.each([1, 2, 3, 4])(
    'one is processed and none lost when the exchange dies after write %i and the edit is made again',
    async (step) => {
      await correct({}, dyingAt(step)).catch((error: unknown) => {
        expect(error).toEqual(new Error('killed'));
      });
      const { receipt: copy } = await correct();
      const [forgotten] = await exchange.messages.listUnfinished('2027-01-01T00:00:00.000Z', 10);
      expect(forgotten?.id).toBe(copy.id);
      expect(await exchange.messages.countByStatus()).toMatchObject({ accepted: 1, corrected: 1, failed: 0 });
    },
  );

  test.each([2, 3])(
    'an operator finds one and can resubmit it when the exchange dies after write %i and the edit is not repeated',
    async (step) => {
      await expect(correct({}, dyingAt(step))).rejects.toThrow('killed');
      const failed = await exchange.messages.search(
        { feeds: ['rzz-tie'], errorCode: 'HDE_CORRECTION_PENDING' },
        { limit: 9, order: 'newest' },
      );
      const [copy] = failed.receipts;
      await resubmitMessage(exchange, operator, copy?.id ?? '');
      expect(await receipt(original.id)).toMatchObject({ status: 'corrected', correctedBy: copy?.id });
      expect(queued()).toEqual([copy?.id]);
    },
  );

  test('a copy that waits for the place of its original is not taken up with others', async () => {
    await expect(correct({}, dyingAt(2))).rejects.toThrow('killed');
    const done = await resubmitMessages(exchange, operator, {}, { limit: 9 });
    expect(done).toEqual({ resubmitted: 1, skipped: 1 });
    expect(queued()).toEqual([original.id]);
  });

  test('a copy that waits loses its place to the original that is resubmitted', async () => {
    await expect(correct({}, dyingAt(2))).rejects.toThrow('killed');
    await resubmitMessage(exchange, operator, original.id);
    await expect(correct()).rejects.toMatchObject({ code: 'HDE_MESSAGE_STATUS' });
    expect(queued()).toEqual([original.id]);
  });

  test('a copy that lost its place takes it when the original failed again and the edit is repeated', async () => {
    const [edited] = await Promise.allSettled([correct(), resubmitMessage(exchange, operator, original.id)]);
    expect(edited).toMatchObject({ reason: { code: 'HDE_MESSAGE_STATUS' } });
    await processQueue(exchange);
    expect(await exchange.messages.countByStatus()).toMatchObject({ failed: 1, dismissed: 1 });
    const { receipt: copy } = await correct();
    expect(copy.status).toBe('accepted');
    expect(await receipt(original.id)).toMatchObject({ status: 'corrected', correctedBy: copy.id });
    expect(queued()).toEqual([original.id, copy.id]);
  });

  test('a dismissed original may be edited', async () => {
    await dismissMessage(exchange, operator, original.id, 'No number');
    expect((await correct()).receipt.status).toBe('accepted');
  });
});

test('a message that failed later, of a processed kind, is corrected as well', async () => {
  const failed = await failLater(exchange, { controlId: 'L1', mrn: 'L1', nhsNumber: '' });
  const edited = hl7v2TextOf(aMessage({ controlId: 'L1', mrn: 'L2', nhsNumber: '' }));
  await correctMessage(exchange, operator, failed.id, { text: edited, reason });
  // A repetition of the original that is still on the queue has no effect.
  await processQueue(exchange, 0);
  expect(await patients('L2')).toHaveLength(1);
  expect(await patients('L1')).toHaveLength(0);
});

test('an edit is done although the queue is away: the reconciler will queue the copy', async () => {
  const queue = {
    ...exchange.queue,
    send: () => Promise.reject(new ExchangeError('HDE_DEPENDENCY_UNAVAILABLE')),
  };
  const { delayedBy, receipt: copy } = await correct({}, { ...exchange, queue });
  expect(delayedBy?.code).toBe('HDE_DEPENDENCY_UNAVAILABLE');
  expect(copy.status).toBe('accepted');
});
