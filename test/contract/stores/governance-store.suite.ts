/** The rules of `GovernanceStore`, run against every implementation. */
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  nothingKept,
  type KeptGlass,
  type KeptRelationship,
} from '../../../src/core/governance/kept-facts.js';
import {
  placeOfGlass,
  type GlassPage,
  type GlassSearch,
  type GovernanceStore,
} from '../../../src/ports/governance-store.js';
import { pagesOf } from '../../../src/ports/pages.js';

export interface OpenedGovernanceStore {
  readonly store: GovernanceStore;
  close(): Promise<void>;
}

const at = (minute: number): string => new Date(Date.UTC(2026, 5, 15, 12, minute)).toISOString();

const relationship = (id: string, others: Partial<KeptRelationship> = {}): KeptRelationship => ({
  ...{ id, organisation: 'RZZ', subject: undefined, start: Date.parse(at(0)), end: undefined },
  ...{ by: 'operator-1', at: at(0) },
  ...others,
});

const glass = (id: string, minute: number, others: Partial<KeptGlass> = {}): KeptGlass => ({
  ...{ id, patient: 'broken', subject: 'nurse-1', organisation: 'RZZ', reason: 'unconscious on arrival' },
  ...{ openedAt: Date.parse(at(minute)), review: undefined },
  ...others,
});

export function describeGovernanceStore(name: string, open: () => Promise<OpenedGovernanceStore>): void {
  describe(`the governance store on ${name}`, () => {
    let opened: OpenedGovernanceStore;
    let store: GovernanceStore;
    beforeAll(async () => {
      opened = await open();
      store = opened.store;
    });
    afterAll(() => opened.close());

    describeFacts(() => store);
    describeGlass(() => store);
  });
}

function describeFacts(store: () => GovernanceStore): void {
  test('knows nothing of a patient about whom nothing was said', async () => {
    expect(await store().factsOf(['nobody'])).toEqual([nothingKept]);
    expect(await store().factsOf([])).toEqual([]);
  });

  test('keeps all that is said of a patient, each kind apart', async () => {
    const own = relationship('r1', { subject: 'nurse-1', end: Date.parse(at(60)) });
    const proxy = { id: 'x1', subject: 'parent-1', start: undefined, end: undefined, by: 'op', at: at(0) };
    await store().saveOptOut('full', { answer: 'may-be-used', at: at(0) });
    await store().saveRelationship('full', own);
    await store().saveProxy('full', proxy);
    expect(await store().factsOf(['full'])).toEqual([
      { optOut: { answer: 'may-be-used', at: at(0) }, relationships: [own], proxies: [proxy] },
    ]);
  });

  test('answers for hundreds of patients in their order, whoever is named twice', async () => {
    const known = Array.from({ length: 12 }, (_, i) => `many${i}`);
    await Promise.all(
      known.map((patient, i) => store().saveOptOut(patient, { answer: 'opted-out', at: at(i) })),
    );
    const unknown = Array.from({ length: 400 }, (_, i) => `unknown${i}`);
    const facts = await store().factsOf([...unknown, ...[...known].reverse(), 'many3']);
    expect(facts).toHaveLength(413);
    expect(facts.slice(0, 400)).toEqual(unknown.map(() => nothingKept));
    expect(facts.slice(400).map(({ optOut }) => optOut?.at)).toEqual([
      ...known.map((_, i) => at(i)).reverse(),
      at(3),
    ]);
  });

  test('keeps the later answer about an opt-out, whichever comes first', async () => {
    await store().saveOptOut('changed', { answer: 'may-be-used', at: at(2) });
    await store().saveOptOut('changed', { answer: 'opted-out', at: at(1) });
    expect((await store().factsOf(['changed']))[0]?.optOut?.answer).toBe('may-be-used');
    await store().saveOptOut('changed', { answer: 'opted-out', at: at(3) });
    await store().saveOptOut('changed', { answer: 'may-be-used', at: at(3) });
    expect((await store().factsOf(['changed']))[0]?.optOut?.answer).toBe('opted-out');
  });

  test('a term that is given anew takes the place of the one before, and leaves others', async () => {
    const ended = relationship('r1', { end: Date.parse(at(5)), at: at(5) });
    await store().saveRelationship('moved', relationship('r1'));
    await store().saveRelationship('moved', relationship('r2', { organisation: 'RYY' }));
    await store().saveRelationship('moved', ended);
    const [facts] = await store().factsOf(['moved']);
    expect(facts?.relationships.map(({ id, end }) => [id, end])).toEqual([
      ['r2', undefined],
      ['r1', ended.end],
    ]);
  });

  test('loses nothing of what several say at once', async () => {
    const ids = Array.from({ length: 12 }, (_, i) => `r${i}`);
    await Promise.all([
      ...ids.map((id) => store().saveRelationship('crowd', relationship(id))),
      store().saveOptOut('crowd', { answer: 'may-be-used', at: at(1) }),
    ]);
    const [facts] = await store().factsOf(['crowd']);
    expect(facts?.relationships.map(({ id }) => id).sort()).toEqual([...ids].sort());
    expect(facts?.optOut?.answer).toBe('may-be-used');
  });
}

function describeGlass(store: () => GovernanceStore): void {
  const idsOf = async (search: GlassSearch, limit = 10): Promise<string[]> => {
    const pages: GlassPage[] = [];
    for await (const page of pagesOf((from) => store().searchGlass(search, { limit, ...from })))
      pages.push(page);
    return pages.flatMap((page) => page.glass.map(({ id }) => id));
  };

  test('finds the glass that somebody broke last for a patient and an organisation', async () => {
    await store().saveGlass(glass('last1', 1, { patient: 'last' }));
    await store().saveGlass(glass('last3', 3, { patient: 'last' }));
    await store().saveGlass(glass('last2', 2, { patient: 'last' }));
    await store().saveGlass(glass('last4', 4, { patient: 'last', subject: 'nurse-2' }));
    const other = glass('last5', 5, { patient: 'last', organisation: 'RYY' });
    await store().saveGlass(other);
    expect(await store().glassOf('nurse-1', 'last', 'RYY')).toEqual(other);
    expect(await store().glassOf('nurse-1', 'last', 'RXX')).toBeUndefined();
    expect(await store().glassOf('nurse-1', 'last', 'RZZ')).toEqual(glass('last3', 3, { patient: 'last' }));
    expect(await store().glassOf('nurse-1', 'another', 'RZZ')).toBeUndefined();
    expect(await store().glassOf('nurse-3', 'last', 'RZZ')).toBeUndefined();
  });

  test('finds glass by all that is given, the latest first, page by page', async () => {
    const all = [
      glass('a', 1),
      glass('b', 2, { patient: 'broken2' }),
      glass('c', 3, { subject: 'nurse-2' }),
      glass('d', 3, { organisation: 'RYY', subject: 'nurse-3' }),
      glass('e', 5, { patient: 'broken2', subject: 'nurse-2' }),
    ].map((each) => ({ ...each, openedAt: each.openedAt + 86_400_000 }));
    for (const each of all) await store().saveGlass(each);
    const from = Date.parse(at(0)) + 86_400_000;
    const minute = (count: number) => from + count * 60_000;
    for (const limit of [1, 2, 10]) expect(await idsOf({ from }, limit)).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(await idsOf({ from, patient: 'broken2' }, 1)).toEqual(['e', 'b']);
    expect(await idsOf({ from, subject: 'nurse-2' })).toEqual(['e', 'c']);
    expect(await idsOf({ from, organisation: 'RYY' })).toEqual(['d']);
    expect(await idsOf({ from: minute(2), to: minute(5) })).toEqual(['d', 'c', 'b']);
    expect(placeOfGlass(glass('z', 1))).toBe('2026-06-15T12:01:00.000Z z');
  });

  test('keeps the first review of a glass, and finds what nobody has reviewed', async () => {
    await store().saveGlass(glass('seen', 1, { patient: 'review' }));
    await store().saveGlass(glass('unseen', 2, { patient: 'review' }));
    const review = { by: 'officer-1', at: at(9), finding: 'justified: admitted unconscious' };
    const reviewed = glass('seen', 1, { patient: 'review', review });
    expect(await store().reviewGlass('review', 'seen', review)).toEqual(reviewed);
    const again = { ...review, by: 'officer-2' };
    expect(await store().reviewGlass('review', 'seen', again)).toEqual(reviewed);
    expect(await store().findGlass('review', 'seen')).toEqual(reviewed);
    expect(await store().findGlass('another', 'seen')).toBeUndefined();
    expect(await store().findGlass('review', 'facts')).toBeUndefined();
    expect(await store().reviewGlass('review', 'never', review)).toBeUndefined();
    expect(await store().reviewGlass('another', 'seen', review)).toBeUndefined();
    expect(await idsOf({ patient: 'review', isReviewed: true })).toEqual(['seen']);
    expect(await idsOf({ patient: 'review', isReviewed: false })).toEqual(['unseen']);
    expect(await store().glassOf('nurse-1', 'review', 'RZZ')).toEqual(
      glass('unseen', 2, { patient: 'review' }),
    );
  });
}
