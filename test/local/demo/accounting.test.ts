import { describe, expect, test } from '@jest/globals';
import { accountFor, summarise, type SentMessage } from '../../../local/demo/accounting.js';
import type { Answer, ChangedRecord, Receipt } from '../../../local/demo/exchange-client.js';
import { formatSummary } from '../../../local/demo/format-summary.js';
import type { SampleMessage } from '../../../samples/acute-trust.js';

const aMessage = (sequence: number, changes: Partial<SampleMessage> = {}): SampleMessage => ({
  sequence,
  controlId: `C${sequence}`,
  type: 'ADT^A08',
  lane: 'P001',
  text: `text ${sequence}`,
  expected: 'normalised',
  ...changes,
});

const answered = (message: SampleMessage, changes: Partial<Answer> = {}): SentMessage => ({
  message,
  answer: { state: 'accepted', receiptId: `R${message.text}`, reason: undefined, attempts: 1, ...changes },
});

const aReceipt = (id: string, status: string, changes: Partial<Receipt> = {}): [string, Receipt] => [
  id,
  { id, status, receivedAt: '2026-03-29T10:00:01.000Z', issues: [], records: [], ...changes },
];

const since = '2026-03-29T10:00:00.000Z';
const run = { url: 'http://127.0.0.1:1', since, acceptElapsed: 1500, elapsed: 2000 };

const noPatient = {
  code: 'HDE_HL7_NO_PATIENT',
  severity: 'error',
  location: 'PID-3',
  text: 'The message identifies no patient (PID-3).',
};

const outcomes = (sent: readonly SentMessage[], receipts: readonly [string, Receipt][]): readonly string[] =>
  accountFor(sent, new Map(receipts), since).map(({ outcome }) => outcome);

describe('accountFor', () => {
  test('takes the outcome of an accepted message from its receipt', () => {
    const sent = [answered(aMessage(1)), answered(aMessage(2)), answered(aMessage(3))];
    const receipts = [
      aReceipt('Rtext 1', 'normalised'),
      aReceipt('Rtext 2', 'failed', {
        issues: [{ ...noPatient, severity: 'warning', code: 'OTHER' }, noPatient],
      }),
    ];
    expect(outcomes(sent, receipts)).toEqual(['normalised', 'failed', 'unsettled']);
    expect(accountFor(sent, new Map(receipts), since)[1]?.reason).toEqual({
      code: 'HDE_HL7_NO_PATIENT',
      location: 'PID-3',
      text: noPatient.text,
    });
  });

  test('counts a repeated message as duplicate', () => {
    const first = aMessage(1);
    const sent = [answered(first), answered({ ...first, sequence: 2 }, { state: 'duplicate' })];
    expect(outcomes(sent, [aReceipt('Rtext 1', 'normalised')])).toEqual(['normalised', 'duplicate']);
  });

  test('does not take the echo of a lost attempt for a duplicate, but takes its copy for one', () => {
    const first = aMessage(1);
    const sent = [
      answered(first, { state: 'duplicate', attempts: 3 }),
      answered({ ...first, sequence: 2 }, { state: 'duplicate', attempts: 2 }),
    ];
    expect(outcomes(sent, [aReceipt('Rtext 1', 'normalised')])).toEqual(['normalised', 'duplicate']);
  });

  test('does not take what an earlier run had sent for a lost attempt of this one', () => {
    const sent = [answered(aMessage(1), { state: 'duplicate', attempts: 3 })];
    const earlier = aReceipt('Rtext 1', 'normalised', { receivedAt: '2026-03-29T09:59:59.999Z' });
    expect(outcomes(sent, [earlier])).toEqual(['duplicate']);
  });

  test('counts a duplicate of a failed message as failed, for the same reason', () => {
    const sent = [answered(aMessage(1), { state: 'duplicate' })];
    const [accounted] = accountFor(
      sent,
      new Map([aReceipt('Rtext 1', 'failed', { issues: [noPatient] })]),
      since,
    );
    expect(accounted).toMatchObject({ outcome: 'failed', reason: { code: 'HDE_HL7_NO_PATIENT' } });
  });

  test('takes the reason of a refused message from the acknowledgement when there is no receipt', () => {
    const reason = { code: 'HL70357 100', text: 'no MSH' };
    const sent = [answered(aMessage(1), { state: 'failed', receiptId: undefined, reason })];
    expect(accountFor(sent, new Map(), since)[0]).toMatchObject({ outcome: 'failed', reason });
  });
});

describe('summarise', () => {
  const record = (resourceType: string, id: string, change = 'created'): ChangedRecord => ({
    resourceType,
    id,
    change,
  });
  const bad = aMessage(3, { expected: 'failed', controlId: '' });
  const copy = aMessage(4, { text: 'text 1', expected: 'duplicate' });
  const sent = [
    answered(aMessage(1)),
    answered(aMessage(2), { attempts: 3 }),
    answered(bad),
    answered(copy, { state: 'duplicate' }),
  ];
  const receipts = new Map([
    aReceipt('Rtext 1', 'normalised', { records: [record('Patient', 'a'), record('Patient', 'b')] }),
    aReceipt('Rtext 2', 'normalised', {
      records: [record('Observation', 'b.2', 'late'), record('Encounter', 'b.1')],
    }),
    aReceipt('Rtext 3', 'failed', { issues: [noPatient] }),
  ]);

  test('adds up outcomes, changes, retries and speed, and finds the patient with most records', () => {
    expect(summarise(sent, receipts, run)).toEqual({
      ...run,
      sent: 4,
      outcomes: { normalised: 2, duplicate: 1, failed: 1, unsettled: 0 },
      failures: [
        {
          sequence: 3,
          controlId: '',
          code: 'HDE_HL7_NO_PATIENT',
          location: 'PID-3',
          text: noPatient.text,
          expected: true,
        },
      ],
      surprises: [],
      changes: { created: 3, late: 1 },
      retries: 2,
      messagesPerSecond: 2,
      patientId: 'b',
      complete: true,
    });
  });

  test('is complete in a second run, when everything is a duplicate', () => {
    const again = sent.map((one) => ({
      ...one,
      answer: { ...one.answer, state: 'duplicate' as const, attempts: 1 },
    }));
    const summary = summarise(again, receipts, run);
    expect(summary.outcomes).toEqual({ normalised: 0, duplicate: 3, failed: 1, unsettled: 0 });
    expect([summary.complete, summary.changes]).toEqual([true, {}]);
  });

  test.each<[string, SentMessage, string]>([
    ['a message fails that should not', answered(aMessage(1)), 'failed'],
    ['a message does not fail that should', answered(aMessage(1, { expected: 'failed' })), 'normalised'],
    ['a copy is taken for new', answered(aMessage(1, { expected: 'duplicate' })), 'normalised'],
    ['a message does not settle', answered(aMessage(1)), 'accepted'],
  ])('is not complete when %s', (_, one, status) => {
    const settled = status === 'accepted' ? [] : [aReceipt('Rtext 1', status, { issues: [noPatient] })];
    const summary = summarise([one], new Map(settled), run);
    expect([summary.complete, summary.surprises.length]).toEqual([false, 1]);
  });

  test('is printed with counts, reasons, the way to a patient, and the verdict', () => {
    const text = formatSummary(summarise(sent, receipts, run), 'make-token');
    expect(text).toBe(`
  normalised       2
  duplicate        1
  failed           1

  all answered after 1.5 s, all settled after 2.0 s: 2.0 messages/s
  records: 3 created, 0 updated, 1 late
  2 requests had to be repeated

Failed, with reason and place:
  message 3 (no control id): HDE_HL7_NO_PATIENT at PID-3: The message identifies no patient (PID-3).

A patient to look at:
  http://127.0.0.1:1/fhir/Patient/b/$everything
  curl -s -H "Authorization: Bearer $(make-token)" 'http://127.0.0.1:1/fhir/Patient/b/$everything'

Every message is accounted for: 4 sent = 2 normalised + 1 duplicate + 1 failed.
`);
  });

  test('is printed with what went otherwise than expected', () => {
    const text = formatSummary(
      summarise([answered(aMessage(1)), answered(aMessage(2))], receiptsOf('failed'), run),
      '',
    );
    expect(text).toContain('message 1 (C1): unknown: the exchange gives no reason  << unexpected');
    expect(text).toContain('NOT as expected: 2 sent = 0 normalised + 0 duplicate + 1 failed + 1 unsettled.');
    expect(text).toContain('message 2 (C2): unsettled, expected normalised');
  });
});

const receiptsOf = (status: string): ReadonlyMap<string, Receipt> => new Map([aReceipt('Rtext 1', status)]);
