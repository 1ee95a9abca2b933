/** The rules of `MessageStore` for what operators do: decisions and searches. Run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { MessageSearch, MessageStore } from '../../../src/ports/message-store.js';
import { aReceipt } from '../../support/receipts.js';
import type { OpenedMessageStore } from './message-store.suite.js';

const action = { at: '2026-03-29T12:00:00.000Z', by: 'olive', action: 'resubmitted' } as const;
const issue = { code: 'HDE_HL7_NO_PATIENT', severity: 'error', location: 'PID-3' } as const;
const failure = {
  status: 'failed',
  stage: 'accept',
  errorCode: issue.code,
  issues: [issue],
  finishedAt: '2026-03-29T10:00:01.000Z',
} as const;

export function describeTriage(name: string, open: () => Promise<OpenedMessageStore>): void {
  describe(`decisions and searches in the message store on ${name}`, () => {
    let opened: OpenedMessageStore;
    let store: MessageStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    describe('a decision', () => {
      test('takes a failed message up again, with nothing left of its failure but its history', async () => {
        await store.create(aReceipt({ id: 'again', attempts: 1, requeued: 3, ...failure }));
        const queuedAt = '2026-03-29T12:00:00.000Z';
        const change = { status: 'accepted', queuedAt, action } as const;
        const after = aReceipt({
          id: 'again',
          attempts: 1,
          queuedAt,
          acceptedAt: queuedAt,
          requeued: 0,
          resubmitted: 1,
          history: [{ ...action, failedWith: issue.code }],
        });
        expect(await store.transition('again', ['failed', 'dismissed'], change)).toEqual(after);
        expect(await store.get('again')).toEqual(after);
      });

      test('keeps the reasons of a message that is not to be processed', async () => {
        await store.create(aReceipt({ id: 'dismiss', ...failure }));
        const dismissed = { ...action, action: 'dismissed', reason: 'sent by mistake' } as const;
        await store.transition('dismiss', ['failed'], { status: 'dismissed', action: dismissed });
        expect(await store.get('dismiss')).toEqual(
          aReceipt({
            id: 'dismiss',
            ...failure,
            status: 'dismissed',
            history: [{ ...dismissed, failedWith: issue.code }],
          }),
        );
      });

      test('adds to the history and takes nothing from it', async () => {
        await store.create(aReceipt({ id: 'long', ...failure }));
        await store.transition('long', ['failed'], { status: 'dismissed', action });
        await store.transition('long', ['dismissed'], { status: 'accepted', action: { ...action, by: 'b' } });
        expect((await store.get('long'))?.history.map(({ by }) => by)).toEqual(['olive', 'b']);
      });

      test('changes nothing when the message has another status or does not exist', async () => {
        await store.create(aReceipt({ id: 'done', status: 'normalised' }));
        const change = { status: 'accepted', action } as const;
        expect(await store.transition('done', ['failed', 'dismissed'], change)).toBeUndefined();
        expect(await store.transition('nobody', ['failed'], change)).toBeUndefined();
        expect(await store.get('done')).toEqual(aReceipt({ id: 'done', status: 'normalised' }));
      });

      test('succeeds for exactly one of many who decide at once', async () => {
        await store.create(aReceipt({ id: 'raced', ...failure }));
        const results = await Promise.all(
          Array.from({ length: 10 }, (_, i) =>
            store.transition('raced', ['failed'], {
              status: 'corrected',
              correctedBy: `copy-${i}`,
              action: { ...action, action: 'corrected' },
            }),
          ),
        );
        const winners = results.filter((result) => result !== undefined);
        expect(winners).toHaveLength(1);
        expect(await store.get('raced')).toEqual(winners[0]);
      });
    });

    test('a search finds the last reason of a long history, too', async () => {
      const reason = (from: number) => Array.from({ length: 400 }, (_, i) => `word${from + i}`).join(' ');
      const history = [0, 400].map((from) => ({ ...action, reason: reason(from), failedWith: issue.code }));
      await store.create(aReceipt({ id: 'wordy', feed: 'wordy', history }));
      const page = { limit: 2, order: 'newest' } as const;
      for (const word of ['word0', 'word799', 'patient'])
        expect((await store.search({ feeds: ['wordy'], words: [word] }, page)).receipts).toHaveLength(1);
    });

    describe('a search', () => {
      const feeds = ['search'];
      const at = (minute: number) => `2026-04-01T00:0${minute}:00.000Z`;
      const idsOf = async (search: Partial<MessageSearch>) =>
        (await store.search({ feeds, ...search }, { limit: 100, order: 'newest' })).receipts.map(
          ({ id }) => id,
        );

      beforeAll(async () => {
        const receipts = [
          aReceipt({ id: 'r0', receivedAt: at(0), controlId: 'A', subjects: ['s1', 's2'] }),
          aReceipt({ id: 'r1', receivedAt: at(1), controlId: 'B', messageType: 'ORU^R01', subjects: ['s2'] }),
          aReceipt({ id: 'r2', receivedAt: at(1), controlId: 'C', ...failure }),
          aReceipt({
            id: 'r3',
            receivedAt: at(2),
            controlId: 'D',
            ...failure,
            status: 'dismissed',
            history: [{ ...action, action: 'dismissed', reason: 'Test patient, sent by mistake' }],
          }),
          aReceipt({ id: 'r4', receivedAt: at(3), controlId: 'E', status: 'normalised' }),
        ];
        for (const receipt of receipts) await store.create({ ...receipt, feed: 'search' });
        await store.create(
          aReceipt({ id: 'elsewhere', feed: 'search-2', receivedAt: at(1), controlId: 'A' }),
        );
      });

      test('finds the messages of a feed, the newest first', async () => {
        expect(await idsOf({})).toEqual(['r4', 'r3', 'r2', 'r1', 'r0']);
      });

      test('finds the oldest first when asked to', async () => {
        const page = await store.search({ feeds, status: 'accepted' }, { limit: 9, order: 'oldest' });
        expect(page.receipts.map(({ id }) => id)).toEqual(['r0', 'r1']);
      });

      test('answers receipts as they were stored', async () => {
        const { receipts } = await store.search({ feeds, controlId: 'A' }, { limit: 1, order: 'newest' });
        expect(receipts).toEqual([await store.get('r0')]);
      });

      test.each<[string, Partial<MessageSearch>, string[]]>([
        ['several feeds', { feeds: ['search', 'search-2'], controlId: 'A' }, ['elsewhere', 'r0']],
        ['no feed', { feeds: [] }, []],
        ['a feed that has none', { feeds: ['nowhere'] }, []],
        ['a time window, whose end is not in it', { from: at(1), to: at(3) }, ['r3', 'r2', 'r1']],
        ['a message type', { messageType: 'ORU^R01' }, ['r1']],
        ['a status', { status: 'accepted' }, ['r1', 'r0']],
        ['a status in a window', { status: 'accepted', from: at(1) }, ['r1']],
        ['an error code', { errorCode: issue.code }, ['r3', 'r2']],
        ['an error code and a status', { errorCode: issue.code, status: 'failed' }, ['r2']],
        ['a control id', { controlId: 'B' }, ['r1']],
        ['a control id with another status', { controlId: 'B', status: 'failed' }, []],
        ['a patient', { subjects: ['s2'] }, ['r1', 'r0']],
        ['one of several patients', { subjects: ['s1', 's9'] }, ['r0']],
        ['nobody', { subjects: [] }, []],
        ['words of an issue: code', { words: ['hde', 'no', 'patient'] }, ['r3', 'r2']],
        ['words of an issue: place', { words: ['pid'] }, ['r3', 'r2']],
        ['words of an issue: text', { words: ['identifies'] }, ['r3', 'r2']],
        ['words of what an operator wrote', { words: ['test', 'mistake'] }, ['r3']],
        ['words of which one is nowhere', { words: ['test', 'elsewhere'] }, []],
      ])('finds by %s', async (_what, search, expected) => {
        expect(await idsOf(search)).toEqual(expected);
      });

      test('finds by the words of what became of a message since it was stored', async () => {
        await store.create(aReceipt({ id: 'w', feed: 'words' }));
        const issues = [{ code: 'HDE_MAPPING_FAILED', severity: 'error' }] as const;
        await store.update('w', { status: 'failed', issues }, { unlessFinished: true });
        const reasons = async (...words: string[]) =>
          (await store.search({ feeds: ['words'], words }, { limit: 9, order: 'newest' })).receipts.length;
        expect(await reasons('mapping')).toBe(1);
        const reason = 'Rule of ward codes mended';
        await store.transition('w', ['failed'], { status: 'accepted', action: { ...action, reason } });
        expect(await reasons('ward')).toBe(1);
        expect(await reasons('mapping', 'message')).toBe(0);
      });

      test.each(['newest', 'oldest'] as const)(
        'in pages, the %s first, leaves out and repeats none',
        async (order) => {
          const search = { feeds: ['search', 'search-2'] };
          const seen: string[] = [];
          let continuation: string | undefined;
          do {
            const page = await store.search(search, {
              limit: 2,
              order,
              ...(continuation === undefined ? {} : { continuation }),
            });
            expect(page.receipts.length).toBeLessThanOrEqual(2);
            seen.push(...page.receipts.map(({ id }) => id));
            continuation = page.continuation;
          } while (continuation !== undefined);
          const whole = await store.search(search, { limit: 100, order });
          expect(whole.continuation).toBeUndefined();
          expect(seen).toEqual(whole.receipts.map(({ id }) => id));
          expect(seen).toHaveLength(6);
        },
      );

      test('has no further page when the last one is just full', async () => {
        expect(await store.search({ feeds }, { limit: 5, order: 'newest' })).not.toHaveProperty(
          'continuation',
        );
      });
    });
  });
}
