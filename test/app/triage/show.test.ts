import { beforeEach, describe, expect, test } from '@jest/globals';
import { errors } from '../../../src/core/errors.js';
import { identifierToken } from '../../../src/core/identity/tokens.js';
import type { TriageCriteria } from '../../../src/app/triage/criteria.js';
import { dismissMessage } from '../../../src/app/triage/dismiss-message.js';
import { searchMessages } from '../../../src/app/triage/search-messages.js';
import { showMessage } from '../../../src/app/triage/show-message.js';
import { createMemoryExchange, type MemoryExchange } from '../../support/exchange.js';
import { sampleFeed } from '../../support/feeds.js';
import { aMessage } from '../../support/messages.js';
import { accept, operator, poisonText } from './triage-exchange.js';

let exchange: MemoryExchange;

beforeEach(() => {
  exchange = createMemoryExchange();
});

describe('a message that is shown', () => {
  const pid = async (id: string) => {
    const { tree } = await showMessage(exchange, operator, id);
    return tree?.find(({ place }) => place === 'PID');
  };

  test('has its text, its parsed parts by place, its records and its issues side by side', async () => {
    const { id } = await accept(exchange, aMessage({ more: ['ZRZ|1'] }));
    const shown = await showMessage(exchange, operator, id);
    expect(shown.raw.text).toContain('Okoro^Ada');
    expect(shown.tree?.map(({ place }) => place)).toEqual(['MSH', 'EVN', 'PID', 'ZRZ']);
    expect(shown.bundle?.entry?.map(({ resource }) => resource?.resourceType)).toContain('Patient');
    expect(shown.ledger).toContainEqual({ source: 'ZRZ-1[1]', fate: 'unmapped' });
    expect(shown.lineage).toContainEqual(
      expect.objectContaining({ element: 'Patient.name[0].family', source: 'PID-5[1].1.1' }),
    );
    expect(shown.packs.at(-1)).toMatchObject({ name: 'hl7v2-uk' });
    expect(shown.corrections.map((receipt) => receipt.id)).toEqual([id]);
  });

  test('numbers fields, repetitions, components and subcomponents as the standard does', async () => {
    const { id } = await accept(exchange, aMessage({ more: ['OBX|1|CE|a^b&c', 'OBX|2|ST|x\\F\\y'] }));
    expect(await pid(id)).toMatchObject({
      fields: expect.arrayContaining([
        {
          place: 'PID-3',
          repetitions: [
            {
              place: 'PID-3[1]',
              components: [
                { place: 'PID-3[1].1', value: 'M1' },
                { place: 'PID-3[1].4', value: 'RZZ' },
                { place: 'PID-3[1].5', value: 'MR' },
              ],
            },
            expect.objectContaining({ place: 'PID-3[2]' }),
          ],
        },
      ]),
    });
    const { tree } = await showMessage(exchange, operator, id);
    const [first, second] = (tree ?? []).filter(({ place }) => place.startsWith('OBX'));
    expect(first?.fields.at(-1)?.repetitions[0]?.components.at(-1)).toEqual({
      place: 'OBX-3[1].2',
      value: 'b',
      subcomponents: [
        { place: 'OBX-3[1].2.1', value: 'b' },
        { place: 'OBX-3[1].2.2', value: 'c' },
      ],
    });
    expect(second?.fields.at(-1)?.repetitions[0]?.components).toEqual([
      { place: 'OBX(2)-3[1].1', value: 'x|y' },
    ]);
  });

  test('is shown as far as it can be read', async () => {
    const { id } = await accept(exchange, 'PID|1||nobody\r');
    const shown = await showMessage(exchange, operator, id);
    expect(shown.raw.text).toBe('PID|1||nobody\r');
    expect(shown.issues).toMatchObject([{ code: 'HDE_HL7_NO_MSH' }]);
    expect(shown).not.toHaveProperty('tree');
    expect(shown).not.toHaveProperty('bundle');
  });

  test('is shown byte by byte when it fits no character set', async () => {
    const declared = new TextDecoder().decode(aMessage()).replace('|P|2.4', '|P|2.4||||||UNICODE UTF-8');
    const bytes = Buffer.from(declared.replace('Okoro', 'M\xfcller'), 'latin1');
    const { id } = await accept(exchange, bytes);
    const shown = await showMessage(exchange, operator, id);
    expect(shown.raw).toEqual({ text: bytes.toString('latin1'), charset: 'unknown' });
    expect(shown.issues).toMatchObject([{ code: 'HDE_HL7_ENCODING' }]);
  });

  test('has parts but no records when its patient is missing, and says so', async () => {
    const { id } = await accept(exchange, poisonText());
    const shown = await showMessage(exchange, operator, id);
    expect(shown.tree).toBeDefined();
    expect(shown.issues).toContainEqual(
      expect.objectContaining({ code: 'HDE_HL7_NO_PATIENT', location: 'PID-3' }),
    );
  });

  test('claims nobody', async () => {
    const { id } = await accept(exchange, aMessage());
    await showMessage(exchange, operator, id);
    const system = 'https://rzz.example.nhs.uk/Id/local-patient-id';
    const token = identifierToken(exchange.identitySecret, system, 'M1');
    expect(await exchange.identities.find([token])).toEqual(new Map());
  });

  test('is shown to operators of its feed only', async () => {
    const { id } = await accept(exchange, aMessage());
    for (const [principal, code] of [
      [{ ...operator, roles: ['sender', 'reader'] as const }, 'HDE_FORBIDDEN'],
      [{ ...operator, feeds: [] }, 'HDE_FORBIDDEN'],
      [{ ...operator, feeds: ['other'] }, 'HDE_RECEIPT_NOT_FOUND'],
    ] as const)
      await expect(showMessage(exchange, principal, id)).rejects.toMatchObject({ code });
    await expect(showMessage(exchange, operator, 'none')).rejects.toMatchObject({
      code: 'HDE_RECEIPT_NOT_FOUND',
    });
  });
});

describe('a search', () => {
  const find = async (criteria: TriageCriteria, principal = operator) =>
    (await searchMessages(exchange, principal, criteria, { limit: 50 })).receipts.map(
      ({ controlId }) => controlId,
    );

  beforeEach(async () => {
    await accept(exchange, aMessage({ controlId: 'A', mrn: 'M1' }));
    await accept(exchange, aMessage({ controlId: 'B', mrn: 'M2', nhsNumber: '' }));
    await accept(exchange, poisonText({ controlId: 'C' }));
    await accept(
      exchange,
      aMessage({ type: 'ADT^A40', controlId: 'D', mrn: 'M3', nhsNumber: '', more: ['MRG|M2^^^RZZ^MR'] }),
    );
  });

  test.each<[string, string, string[]]>([
    ['a hospital number', 'M1', ['A']],
    ['an NHS number', '9990000018', ['A']],
    ['an NHS number in groups', '999 000 0018', ['A']],
    ['a system and a number', 'https://rzz.example.nhs.uk/Id/local-patient-id|M1', ['A']],
    ['the NHS number system', 'https://fhir.nhs.uk/Id/nhs-number|999 000 0018', ['A']],
    ['a number that a merge retires', 'M2', ['D', 'B']],
    ['a number of another system', 'https://elsewhere.example|M1', []],
    ['a number that nobody has', 'M9', []],
    ['no NHS number', 'https://fhir.nhs.uk/Id/nhs-number|1', []],
  ])('finds the messages of a patient by %s', async (_what, identifier, expected) => {
    expect(await find({ identifier })).toEqual(expected);
  });

  test('for a number alone says when there are too many systems to look in, and looks in those of one feed', async () => {
    const others = Array.from({ length: 60 }, (_, n) => ({
      ...sampleFeed,
      id: `feed-${n}`,
      localSystems: { ...sampleFeed.localSystems, patient: `https://trust-${n}.example.nhs.uk/patient` },
    }));
    const all = [...others, sampleFeed];
    exchange = { ...exchange, feeds: new Map(all.map((feed) => [feed.id, feed])) };
    const ofAll = { ...operator, feeds: all.map(({ id }) => id) };
    await expect(find({ identifier: 'M1' }, ofAll)).rejects.toMatchObject({
      code: 'HDE_SEARCH_PARAMETER',
      location: 'identifier',
    });
    expect(await find({ identifier: 'M1', feed: sampleFeed.id }, ofAll)).toEqual(['A']);
    expect(await find({ identifier: `${sampleFeed.localSystems.patient}|M1` }, ofAll)).toEqual(['A']);
  });

  test('keeps no identifier in the clear', async () => {
    const { receipts } = await searchMessages(exchange, operator, {}, { limit: 50 });
    const text = JSON.stringify(receipts);
    expect(text).not.toMatch(/9990000018|M1\b|Okoro/);
    expect(receipts.find(({ controlId }) => controlId === 'A')?.subjects).toHaveLength(2);
  });

  test('finds a refused message by its patient, too', async () => {
    await accept(exchange, aMessage({ type: 'QRY^A19', controlId: 'Q', mrn: 'M7', nhsNumber: '' }));
    expect(await find({ identifier: 'M7', status: 'failed' })).toEqual(['Q']);
  });

  test('finds by the reasons of issues and of operators', async () => {
    expect(await find({ about: 'identifies no patient' })).toEqual(['C']);
    const { receipts } = await searchMessages(exchange, operator, { controlId: 'C' }, { limit: 1 });
    await dismissMessage(exchange, operator, receipts[0]?.id ?? '', 'Test patient of the pharmacy');
    expect(await find({ about: 'Pharmacy test' })).toEqual(['C']);
    expect(await find({ about: 'pharmacy', status: 'failed' })).toEqual([]);
  });

  test('finds by any text that it shows with an issue', async () => {
    const { text } = errors['HDE_HL7_NO_PATIENT'];
    expect(await find({ about: `HDE_HL7_NO_PATIENT PID-3: ${text}` })).toEqual(['C']);
    for (const [code, error] of Object.entries(errors))
      await expect(find({ about: `error ${code} PID-3[2].1: ${error.text}` })).resolves.toEqual(
        expect.anything(),
      );
  });

  test.each([
    ['about', { about: '...' }],
    ['about', { about: Array.from({ length: 31 }, (_, i) => `word${i}`).join(' ') }],
    ['identifier', { identifier: 'system|' }],
  ])('refuses a %s without content', async (location, criteria) => {
    await expect(find(criteria)).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER', location });
  });

  test('goes on with a continuation that says nothing by itself, and refuses others', async () => {
    const first = await searchMessages(exchange, operator, {}, { limit: 3 });
    expect(first.receipts.map(({ controlId }) => controlId)).toEqual(['D', 'C', 'B']);
    const { continuation } = first;
    const second = await searchMessages(exchange, operator, {}, { limit: 3, continuation });
    expect(second.receipts.map(({ controlId }) => controlId)).toEqual(['A']);
    expect(second).not.toHaveProperty('continuation');
    await expect(
      searchMessages(exchange, operator, {}, { limit: 3, continuation: 'made-up' }),
    ).rejects.toMatchObject({ code: 'HDE_SEARCH_PARAMETER', location: 'continuation' });
  });

  test('is confined to the feeds of the operator', async () => {
    expect(await find({}, { ...operator, feeds: ['other'] })).toEqual([]);
    await expect(find({ feed: 'other' })).rejects.toMatchObject({ code: 'HDE_FORBIDDEN' });
    await expect(find({}, { ...operator, roles: ['reader'] })).rejects.toMatchObject({
      code: 'HDE_FORBIDDEN',
    });
  });
});
