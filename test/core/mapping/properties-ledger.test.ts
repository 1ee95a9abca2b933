/**
 * Nothing is lost silently: whichever rule is taken out of the UK pack, the ledger names the fields that it had mapped.
 * `HDE_MUTATION=all` tries every message in which a rule holds, instead of the first few.
 */
import { describe, expect, test } from '@jest/globals';
import { convert } from '../../../src/core/converter/convert.js';
import { ExchangeError } from '../../../src/core/errors.js';
import { createPackRegistry } from '../../../src/core/mapping/engine/pack-registry.js';
import type { Pack, Rule } from '../../../src/core/mapping/engine/pack.js';
import type { PackRegistry } from '../../../src/core/mapping/engine/pack-registry.js';
import { parseSourcePath } from '../../../src/core/mapping/engine/source-path.js';
import { identities } from '../../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../../src/core/mapping/transforms/transforms.js';
import type { LedgerEntry } from '../../../src/core/mapping/types.js';
import { combinedMessages, dayMessages, messagesFor, sharedMessages } from './corpus.js';
import { feed, ukPack } from './support.js';

const isFull = process.env['HDE_MUTATION'] === 'all';
const MESSAGES_PER_RULE = isFull ? Infinity : 3;

const functions = { transforms, identities };
const registryOf = (pack: Pack): PackRegistry => createPackRegistry([pack], functions);
const whole = registryOf(ukPack);

interface Account {
  readonly ledger: readonly LedgerEntry[];
  /** Every rule that made an element or decided a field. */
  readonly rules: ReadonlySet<string>;
}

function accountOf(text: string, registry: PackRegistry): Account | undefined {
  try {
    const { ledger, lineage } = convert(text, { format: 'hl7v2', feed, registry });
    return { ledger, rules: new Set([...lineage, ...ledger].map(({ rule }) => rule ?? '')) };
  } catch (error) {
    if (error instanceof ExchangeError) return undefined;
    throw error;
  }
}

const rows = ukPack.maps.flatMap((map) => map.rules.map((rule) => ({ map, rule })));

/** Rules that read a field, as against constants and references to another record. */
const readsField = ({ from }: Rule): boolean => from !== undefined && (parseSourcePath(from)?.field ?? 0) > 0;

/** Messages by the rules that they make hold, each converted once. */
function collect(): Map<string, { text: string; ledger: readonly LedgerEntry[] }[]> {
  const held = new Map<string, { text: string; ledger: readonly LedgerEntry[] }[]>();
  const note = (text: string): boolean => {
    const account = accountOf(text, whole);
    for (const rule of account?.rules ?? []) {
      const list = held.get(rule) ?? [];
      held.set(rule, list);
      if (account !== undefined && list.length < MESSAGES_PER_RULE)
        list.push({ text, ledger: account.ledger });
    }
    return account !== undefined;
  };
  for (const { text } of [...dayMessages(isFull ? 1 : 20), ...combinedMessages(), ...sharedMessages()])
    note(text);
  for (const { map, rule } of rows) {
    for (const text of messagesFor(ukPack, map, rule)) {
      if ((held.get(rule.id) ?? []).some(({ ledger }) => isMapper(rule.id, ledger))) break;
      note(text);
    }
  }
  return held;
}

const isMapper = (id: string, ledger: readonly LedgerEntry[]): boolean =>
  ledger.some(({ fate, rule }) => fate === 'mapped' && rule === id);

const held = collect();

/** The pack without one rule. */
const without = (id: string): Pack => ({
  ...ukPack,
  maps: ukPack.maps.map((map) => ({ ...map, rules: map.rules.filter((rule) => rule.id !== id) })),
});

/** Rules that no message of the corpus makes hold yet: what their loss would do is not known. */
const UNPROVEN: readonly string[] = [
  'ft1-25-procedure',
  'obr-26-parent',
  'obx-6-unit-note',
  'order-tq1-times',
  'rxa-12-rate',
  'rxa-4-end-time',
  'rxa-rxr-4-method',
  'sch-11-day',
  'tq1-7-day',
];

/** Another rule of the pack that reads the same field. */
const sharesField = ({ id, from = '' }: Rule): boolean => {
  const own = parseSourcePath(from);
  return rows.some(({ rule }) => {
    const other = parseSourcePath(rule.from ?? '');
    return rule.id !== id && other?.segment === own?.segment && other?.field === own?.field;
  });
};

/**
 * Ignored rows that cover a field which a rule maps under another condition, or in part. The ledger still names the
 * field, with the reason of the row: each pair was judged to be no loss.
 */
const COVERED: readonly string[] = [
  // Actions and control codes: rows that say "decides a status" stand beside the rules that do so.
  'aig-participant by sch-action',
  'ail-participant by sch-action',
  'aip-participant by sch-action',
  'dg1-21-deleted by dg1-21-action',
  'evn-1-status by evn-event',
  'evn-6-end by evn-event',
  'evn-6-start by evn-event',
  'msh-9-status by msh-control',
  'order-orc-1-ended by set-id',
  'order-orc-1-status by set-id',
  'pr1-20-deleted by pr1-20-action',
  'prb-2-recorded by plan-action',
  'rxd-order-control by set-id',
  'rxe-order-control by set-id',
  'rxe-order-ended by set-id',
  'rxg-order-control by set-id',
  'rxg-order-ended by set-id',
  'rxo-order-control by set-id',
  'rxo-order-ended by set-id',
  'state-orc-1-status by set-id',
  // What another field of the message says better.
  'obx-5-document-link by obx-11-order-detail',
  'pid-35-animal by pid-37-animal',
  'pv1-2-class by pv1-class-alone',
  'rxe-requested by rxo-encoded',
];

const ignoredRows = new Set(ukPack.ignored.map(({ id }) => id));

/** `rule by ignored row`, where a field that the rule had mapped is then taken for one that carries nothing. */
function lostSilently({ id }: Rule): string[] {
  const registry = registryOf(without(id));
  return (held.get(id) ?? []).flatMap(({ text, ledger }) => {
    const after = new Map(accountOf(text, registry)?.ledger.map((entry) => [entry.source, entry]));
    return ledger
      .filter(({ fate, rule }) => fate === 'mapped' && rule === id)
      .flatMap(({ source }) => {
        const { rule = '' } = after.get(source) ?? {};
        return ignoredRows.has(rule) ? [`${id} by ${rule}`] : [];
      });
  });
}

describe('the ledger', () => {
  test('is put to the test by every rule that reads a field', () => {
    const idle = rows
      .filter(({ rule }) => readsField(rule) && !held.has(rule.id) && !sharesField(rule))
      .map(({ rule }) => rule.id);
    expect(idle.filter((id) => !UNPROVEN.includes(id))).toEqual([]);
  });

  test('names the fields of whichever rule is taken away', () => {
    const lost = rows.filter(({ rule }) => readsField(rule)).flatMap(({ rule }) => lostSilently(rule));
    expect([...new Set(lost)].filter((pair) => !COVERED.includes(pair))).toEqual([]);
  }, 1_200_000);
});
