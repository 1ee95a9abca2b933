/** Messages for the property tests: the sample day, other samples where they are present, and one for each rule. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadSampleDay } from '../../../samples/acute-trust.js';
import { splitBatch } from '../../../src/core/formats/hl7v2/batch.js';
import type { Pack, ResourceMap, Rule } from '../../../src/core/mapping/engine/pack.js';
import { parseSourcePath } from '../../../src/core/mapping/engine/source-path.js';
import { parseCall } from '../../../src/core/mapping/engine/transform.js';
import { PID, segment } from './support.js';

export interface CorpusMessage {
  readonly name: string;
  readonly text: string;
}

const SHARED_SAMPLES = join(import.meta.dirname, '../../../../shared/samples');

export const hasSharedSamples = existsSync(SHARED_SAMPLES);

/** HL7 v2 samples of other projects, which are not part of the repository; none where they are absent. */
export function sharedMessages(): CorpusMessage[] {
  if (!hasSharedSamples) return [];
  return readdirSync(SHARED_SAMPLES, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.hl7'))
    .sort()
    .flatMap((file) =>
      [...splitBatch(readFileSync(join(SHARED_SAMPLES, file)))].map((bytes, index) => ({
        name: `${file}#${String(index + 1)}`,
        text: new TextDecoder('utf8').decode(bytes),
      })),
    );
}

/** What neither the sample day nor a message of one field can show: fields that mean something together only. */
export const combinedMessages = (): CorpusMessage[] => [
  {
    name: 'combined fields',
    text: [
      'MSH|^~\\&|PAS|RXX|HDE|RXX|20240105090000||ADT^A01|MSG1|P|2.5',
      'EVN|A01|20240105085900',
      segment('PID', { 3: '9990000018^^^NHS^NH', 5: 'Khan^Amira', 10: 'A^White - British^EthnicCategory' }),
      segment('PV1', { 2: 'I', 19: 'V1' }),
      segment('DB1', { 1: '1', 2: 'PT', 4: 'Y', 5: '20240101', 6: '20240201' }),
      segment('PR1', { 1: '1', 3: 'W371^Hip^OPCS4', 5: '20240105100000', 7: '90' }),
      segment('IN1', {
        1: '1',
        2: 'P1^Plan',
        3: 'I1',
        4: 'Insurer',
        16: 'Khan^Tom',
        17: 'SPO^Spouse',
        18: '19700101',
        19: '1 Mill Lane^^Leeds',
        43: 'M',
      }),
      segment('IN2', { 63: '01130000000' }),
      segment('AL1', { 1: '1', 2: 'DA', 5: 'Rash' }),
      segment('IAM', { 1: '1', 2: 'DA', 5: 'Hives' }),
      '',
    ].join('\r'),
  },
  {
    name: 'cancelled report',
    text: [
      'MSH|^~\\&|LAB|RXX|HDE|RXX|20240105090000||ORU^R01|MSG2|P|2.5',
      segment('PID', { 3: '9990000018^^^NHS^NH', 5: 'Khan^Amira' }),
      segment('OBR', { 1: '1', 3: 'F1', 4: 'FBC^Blood count^L', 25: 'X' }),
      segment('OBX', { 1: '1', 2: 'NM', 3: 'HB^Haemoglobin^L', 5: '120', 11: 'F' }),
      '',
    ].join('\r'),
  },
];

/** Every so many messages of the sample day. */
export const dayMessages = (every: number): CorpusMessage[] =>
  loadSampleDay()
    .filter((_, index) => index % every === 0)
    .map(({ text }, index) => ({ name: `sample day ${String(index * every + 1)}`, text }));

/** Values of every data type; a rule that takes none of them needs one of its table. */
const VALUES = [
  'A12&B^Some text^LN^C^Other^I10^X^D^E',
  '20240105093015',
  'Y',
  '12',
  'W1^R2^B3^RXX01^^N',
  'A12345^^^RXX^MR',
  'C1234567^Khan^Amira^J^Jr^Dr^^^GMC^L^^^GMC',
  'Khan&van^Amira^Jane^Jr^Mrs^^L',
  '12 Mill Lane^Oldtown^Leeds^Kent^LS1 1AA^GBR^H',
  '01134960000^PRN^PH^a@example.org^44^113^4960000',
  '^NET^Internet^a@example.org',
  'RXX Trust^L^RXX01^^^ODS^XX^^^RXX01',
  '<^5^-^7',
  '1.5-3.0',
  '^application^pdf^Base64^SGVsbG8=',
  '//server/share/file.pdf^^application^pdf',
  '1^ML^BID^5^20240105^20240106^R^C',
  'text',
];

/** `PV1-2 in I, E`, `event in A01`, `PID-29 valued`. */
const CLAUSE = /^(\S+) (?:(valued|empty)|(not )?in (.+))$/;

type Fields = Record<string, Record<number, string>>;

/** Messages of which some should make a rule fire: its source filled with one value after the other. */
export function* messagesFor(pack: Pack, map: ResourceMap, rule: Rule): Generator<string, void> {
  const source = parseSourcePath(rule.from ?? map.segment);
  if (source === undefined) return;
  for (const mapWhen of alternativesOf(map.when)) {
    for (const ruleWhen of alternativesOf(rule.when)) {
      for (const value of candidatesOf(pack, rule)) {
        const fields: Fields = { [map.segment]: { 1: '1' }, [source.segment]: { 1: '1' } };
        const events = new Set<string>();
        if (source.field > 0) put(fields, source, value);
        const wanted = [...mapWhen, ...ruleWhen].every((clause) => satisfy(clause, fields, events));
        if (wanted) yield* render(map.segment, fields, events);
      }
    }
  }
}

const alternativesOf = (when: string | undefined): string[][] =>
  when === undefined ? [[]] : when.split(' or ').map((part) => part.split(' and '));

function candidatesOf(pack: Pack, { using }: Rule): string[] {
  const tables =
    parseCall(using)?.args.flatMap((name) => Object.keys(pack.tables[name] ?? {}).slice(0, 12)) ?? [];
  return [...VALUES, ...tables, ...tables.slice(0, 4).map((code) => `x^y^z^${code}^${code}^^${code}`)];
}

function put(
  fields: Fields,
  { segment: name, field, component }: { segment: string; field: number; component: number },
  value: string,
): void {
  const inComponent = `${'^'.repeat(Math.max(component - 1, 0))}${component > 0 ? value.replaceAll('^', '&') : value}`;
  (fields[name] ??= {})[field] = inComponent;
}

/** Fills the fields so that a clause holds, unless another one wants something else. */
function satisfy(text: string, fields: Fields, events: Set<string>): boolean {
  const [, subject = '', presence, negated, list = ''] = CLAUSE.exec(text.trim()) ?? [];
  const values = list.split(',').map((value) => value.trim());
  if (subject === 'message') return true;
  if (subject === 'event') {
    if (negated === undefined) for (const value of values) events.add(value);
    return true;
  }
  const path = parseSourcePath(subject);
  if (path === undefined) return true;
  const held = fields[path.segment]?.[path.field];
  if (presence === 'empty' || negated !== undefined) return true;
  if (presence === 'valued' && held !== undefined) return true;
  const value = presence === 'valued' ? '20240105' : (values[0] ?? '');
  if (held === undefined || path.component <= 1) put(fields, path, value);
  else {
    const parts = held.split('^');
    parts[path.component - 1] = value;
    (fields[path.segment] ??= {})[path.field] = Array.from(
      parts,
      (part: string | undefined) => part ?? '',
    ).join('^');
  }
  return true;
}

/** Segments that stand before others, in their order; all others follow as they come. */
const ORDER = [
  'EVN',
  'PID',
  'PD1',
  'MRG',
  'NK1',
  'PV1',
  'PV2',
  'SCH',
  'TXA',
  'RGS',
  'ORC',
  'RXO',
  'RXE',
  'RXA',
  'OBR',
  'SPM',
  'OBX',
];

const TYPES: readonly (readonly [string, RegExp])[] = [
  ['MFN^M02', /^(?:MFI|MFE|STF|PRA|ORG|LOC|LDP|LCH|LRL|LCC)$/],
  ['SIU^S12', /^(?:SCH|RGS|AIS|AIG|AIL|AIP)$/],
  ['ORU^R01', /^(?:OBR|OBX|SPM|SAC|ORC)$/],
  ['VXU^V04', /^RXA$/],
  ['RAS^O17', /^RX.$/],
  ['PPR^PC1', /^(?:PRB|GOL|PTH)$/],
  ['REF^I12', /^(?:RF1|PRD)$/],
  ['RDE^O11', /^(?:RX.|TQ1)$/],
  ['MDM^T02', /^TXA$/],
  ['DFT^P03', /^FT1$/],
  ['ADT^A20', /^NPU$/],
  ['ADT^A01', /^/],
  // Senders of version 2.2 and before name the event in EVN-1 only.
  ['ADT', /^PV1$/],
];

function* render(own: string, fields: Fields, events: ReadonlySet<string>): Generator<string, void> {
  const names = Object.keys(fields).filter((name) => !['MSH', 'EVN', 'PID'].includes(name));
  const rank = (name: string) => {
    const at = ORDER.indexOf(name);
    return at === -1 ? ORDER.length : at;
  };
  const sorted = names.sort((a, b) => rank(a) - rank(b) || (a === own ? -1 : b === own ? 1 : 0));
  const context = ['PV1', 'ORC', 'OBR'].filter(
    (name) => !names.includes(name) && /^(?:MRG|OBX|NTE|SPM|TQ1|RX.)$/.test(own),
  );
  const lines = [...context.map(contextSegment), ...sorted.map((name) => fill(name, fields[name] ?? {}))];
  const pid = overlay(PID, fields['PID']);
  const types = TYPES.filter(([, pattern]) => pattern.test(own)).map(([type]) => type);
  const wanted = events.size > 0 ? [...events].map((event) => `ADT^${event}`) : types;
  for (const type of wanted) {
    const [, event = 'A01'] = type.split('^');
    const msh = overlay(
      `MSH|^~\\&|PAS|RXX|HDE|RXX|20240105090000||${type}|MSG1|P|2.4`,
      shifted(fields['MSH']),
    );
    const evn = overlay(`EVN|${event}|20240105085900`, fields['EVN']);
    const others = wanted === types ? [] : ['MRG|B99^^^RXX^MR'].filter(() => fields['MRG'] === undefined);
    yield [msh, evn, pid, ...others, ...lines, ''].join('\r');
  }
}

const contextSegment = (name: string): string =>
  ({ PV1: 'PV1|1|I|||||||||||||||||V1', ORC: 'ORC|RE|P1|F1', OBR: 'OBR|1|P1|F1|FBC^Count|||20240105' })[
    name
  ] ?? name;

/** Defaults without which the records of some segments get no identity. */
const NEEDED: Fields = {
  PV1: { 2: 'I', 19: 'V001^^^RXX' },
  OBR: { 2: 'P1', 3: 'F1', 4: 'FBC^Count' },
  ORC: { 1: 'NW', 2: 'P1', 3: 'F1' },
  OBX: { 2: 'ST', 3: '718-7^Haemoglobin^LN', 11: 'F' },
  AL1: { 3: 'P^Penicillin' },
  IAM: { 3: 'P^Penicillin' },
  DG1: { 3: 'I21.9^MI^I10' },
  PR1: { 3: 'K40^Repair^OPCS4', 5: '20240105' },
  NK1: { 2: 'Khan^Ravi', 3: 'SPO' },
  MRG: { 1: 'B99^^^RXX^MR' },
  IN1: { 2: 'PLAN', 3: 'INS1', 4: 'Insurer' },
  SCH: { 1: 'AP1', 2: 'AF1', 11: '^^^20240105100000^20240105103000' },
  TXA: { 2: 'CN', 12: 'DOC1' },
  RXA: { 3: '20240105', 5: '03^MMR^CVX' },
  RXE: { 2: 'AMOX^Amoxicillin' },
  RXO: { 1: 'AMOX^Amoxicillin' },
  RXD: { 1: '1', 2: 'AMOX^Amoxicillin', 3: '20240105', 7: 'RX1' },
  RXG: { 1: '1', 4: 'AMOX^Amoxicillin' },
  SPM: { 2: 'S1', 4: 'BLD^Blood' },
  FT1: { 4: '20240105', 6: 'CG', 7: 'X1^Charge' },
  STF: { 2: 'S1', 3: 'Khan^Ravi' },
  ORG: { 2: 'DEPT' },
  LOC: { 1: 'W1^R1^B1' },
  ACC: { 1: '20240105' },
  GT1: { 2: 'G1', 3: 'Khan^Ravi' },
  PRB: { 2: '20240105', 3: 'P^Problem', 4: 'PI1' },
  GOL: { 2: '20240105', 3: 'G^Goal', 4: 'GI1' },
  PTH: { 2: 'P^Pathway', 3: 'PW1' },
  RF1: { 6: 'REF1' },
  PRD: { 1: 'RP', 2: 'Khan^Ravi' },
  NPU: { 1: 'W1^R1^B1' },
};

const fill = (name: string, own: Readonly<Record<number, string>>): string =>
  segment(name, { ...NEEDED[name], ...own });

/** A segment with some fields replaced. */
function overlay(line: string, own: Readonly<Record<number, string>> = {}): string {
  const parts = line.split('|');
  for (const [field, value] of Object.entries(own))
    if (field !== '1' || parts[0] !== 'MSH') parts[Number(field)] = value;
  return Array.from(parts, (part: string | undefined) => part ?? '').join('|');
}

/** MSH-1 is the separator itself, so field n stands at n - 1. */
const shifted = (own: Readonly<Record<number, string>> = {}): Record<number, string> =>
  Object.fromEntries(
    Object.entries(own)
      .filter(([field]) => Number(field) > 2)
      .map(([field, value]) => [Number(field) - 1, value]),
  );
