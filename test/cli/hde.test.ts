import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { sitePackJsonSchema } from '../../src/platform/site-packs.js';
import { runHde } from '../support/command-line.js';

const folder = mkdtempSync(join(tmpdir(), 'hde-cli-'));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const hde = (args: readonly string[], input = '') => runHde(args, { token: '', input });

const SITE = 'samples/site-packs/rzz-site.json';
const ADMISSION = 'samples/site-packs/admission.hl7';
const write = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};
/** The sample pack with some of its text replaced. */
const sitePack = (name: string, from: string, to: string): string =>
  write(name, readFileSync(SITE, 'utf8').replace(from, to));

/** The commands in the code blocks of a page. */
const commandsOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^npx hde ([^\n<]+)$/gm)].map(([, line = '']) => line);

describe('every command of', () => {
  test.each(
    ['docs/reference/cli.md', 'docs/guides/site-packs.md'].flatMap((page) =>
      commandsOf(page).map((line) => [page, line]),
    ),
  )('%s works: %s', async (_page, line) => {
    const args = (line.match(/'[^']*'|\S+/g) ?? []).map((part) => part.replace(/^'|'$/g, ''));
    const { code, out, err } = await hde(args);
    expect(out + err).not.toBe('');
    expect(code).toBe(line.startsWith('pack diff') ? 1 : 0);
  });
});

describe('convert', () => {
  test('reads standard input and writes a Bundle', async () => {
    const { code, out } = await hde(['convert', '-'], readFileSync(ADMISSION, 'utf8'));
    expect(code).toBe(0);
    expect((JSON.parse(out) as { resourceType: string }).resourceType).toBe('Bundle');
  });

  test('writes lineage, ledger, issues and packs when asked', async () => {
    const { out } = await hde(['convert', '--lineage', ADMISSION]);
    expect(Object.keys(JSON.parse(out) as object)).toEqual([
      'bundle',
      'issues',
      'ledger',
      'lineage',
      'packs',
    ]);
  });

  test('names code and place of a refusal, and no value', async () => {
    const { code, out, err } = await hde(['convert', '-'], 'MSH|^~\\&|A|B|||1||ACK|1|P|2.4\rMSA|AA|SECRET\r');
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^error HDE_HL7_TYPE_UNSUPPORTED MSH-9: /);
    expect(err).not.toContain('SECRET');
  });

  test('ends with 3 when a Bundle was written in spite of an error', async () => {
    const text = 'MSH|^~\\&|A|B|||20240105||ADT^A28|1|P|2.4\rEVN||20240105\rPID|1||||Khan\r';
    const { code, err } = await hde(['convert', '-'], text);
    expect(code).toBe(3);
    expect(err).toContain('HDE_HL7_NO_PATIENT PID-3');
  });

  test.each([
    ['no file', ['convert']],
    ['a file that is not there', ['convert', 'nowhere.hl7']],
    ['another format', ['convert', '--format', 'cda', ADMISSION]],
    ['an unknown option', ['convert', '--nonsense', ADMISSION]],
    ['an unknown feed', ['convert', '--feed', 'nobody', ADMISSION]],
  ])('calls %s a wrong call', async (_case, args) => {
    const { code, out, err } = await hde(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain('Usage:\n  hde convert ');
    expect(err).toContain('More: hde convert --help');
    expect(err).not.toContain('hde triage');
  });

  test('is not what an unknown command is called: the known ones are named', async () => {
    const { code, err } = await hde(['frobnicate']);
    expect(code).toBe(2);
    expect(err).toContain('there is no command frobnicate, but convert, explain,');
  });

  test('takes a feed from a file', async () => {
    const settings = JSON.parse(readFileSync('local.settings.sample.json', 'utf8')) as {
      Values: Record<string, string>;
    };
    const [feed] = JSON.parse(settings.Values['HDE_FEEDS'] ?? '[]') as object[];
    const file = write('feed.json', JSON.stringify(feed));
    expect(await hde(['convert', '--feed', file, ADMISSION])).toEqual(
      await hde(['convert', '--feed', 'rzz-tie', ADMISSION]),
    );
  });
});

describe('explain', () => {
  test('marks the characters that an element comes from', async () => {
    const { out } = await hde(['explain', ADMISSION, 'Patient.name[0].family']);
    const [title = '', ...lines] = out.split('\n');
    expect(title).toBe('Patient.name[0].family = "Marlowe"');
    const view = lines.findIndex((line) => line.includes('^^^^^^^'));
    const caret = lines[view]?.indexOf('^') ?? -1;
    expect(lines[view - 1]?.slice(caret, caret + 7)).toBe('Marlowe');
    expect(out).toMatch(/rule {2}pid-5-name: PID-5/);
    expect(out).toMatch(/pack {2}hl7v2-(base|uk)@\d/);
  });

  test('explains all that is below an element, of one record by its id', async () => {
    const { out } = await hde(['convert', ADMISSION]);
    const id = /"fullUrl": "[^"]*\/(Patient\/[^"]+)"/.exec(out)?.[1] ?? '';
    const named = await hde(['explain', ADMISSION, `${id}.name`]);
    expect(named.out).toContain('Patient.name[0].given[0] = "Josephine"');
    expect(named.out).toBe((await hde(['explain', ADMISSION, 'Patient.name'])).out);
  });

  test('offers near elements for one that is not there', async () => {
    const { code, out, err } = await hde(['explain', ADMISSION, 'Patient.nam']);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('Patient.name[0].family');
  });

  test.each(['patient.Name.FAMILY', 'Patient.name[7].family', 'PATIENT.name'])(
    'offers near elements for %s, in any case and with any index',
    async (selector) => {
      const { code, err } = await hde(['explain', ADMISSION, selector]);
      expect(code).toBe(1);
      expect(err).toContain('Patient.name[0].family');
    },
  );

  test('says which field is meant by one in small letters', async () => {
    const { code, err } = await hde(['explain', ADMISSION, 'pid-5']);
    expect(code).toBe(2);
    expect(err).toContain('is PID-5 meant?');
  });

  test('says where a field went, and that one went nowhere', async () => {
    expect((await hde(['explain', ADMISSION, 'PID-5'])).out).toMatch(/PID-5\[1\] {2}mapped[\s\S]*-> Patient/);
    expect((await hde(['explain', ADMISSION, 'EVN-1'])).out).toContain('ignored');
    expect((await hde(['explain', ADMISSION, 'ZRZ-3'])).out).toContain('no rule maps or ignores it');
    expect((await hde(['explain', ADMISSION, 'PID-39'])).code).toBe(1);
  });

  test('lets no control characters of a message reach the terminal', async () => {
    const text = readFileSync(ADMISSION, 'utf8').replace('Marlowe', 'Mar\u001b[31mlowe');
    expect((await hde(['explain', '-', 'PID-5'], text)).out).not.toContain('\u001b');
  });
});

describe('coverage', () => {
  test('counts fields by what became of them, worst first, with places but no values', async () => {
    const { code, out } = await hde(['coverage', '--json', 'samples/site-packs']);
    expect(code).toBe(0);
    const { feeds } = JSON.parse(out) as { feeds: { feed: string; fields: object[] }[] };
    expect(feeds[0]?.feed).toBe('RZZ_PAS / RZZ');
    expect(feeds[0]?.fields[0]).toMatchObject({ segment: 'ZRZ', unmapped: 1, populated: 1 });
    expect(out).not.toContain('Marlowe');
  });

  test('lists messages that fail and goes on', async () => {
    write('good.hl7', readFileSync(ADMISSION, 'utf8'));
    write('bad.hl7', 'nonsense');
    const { code, out } = await hde(['coverage', folder]);
    expect(code).toBe(0);
    expect(out).toContain('1 messages');
    expect(out).toMatch(/bad\.hl7 +HDE_HL7_NO_MSH +segment 1 +\S+/);
  });
});

describe('pack', () => {
  test.each([
    ['a wrong type', '"ZRZ-2[*]"', '4', 'map pid-patient, rule zrz-2-known-as, from: Invalid input'],
    ['a bad version', '"1.1.0"', '"1.1"', 'version: a semantic version'],
    ['an unknown key', '"because"', '"why"', 'ignored zrz-1-set-id: Unrecognized key: "why"'],
    ['a bad table row', '"code": "M"', '"code": 5', 'table RzzMaritalStatus, 2: a code'],
    ['a bad source path', '"ZRZ-2[*]"', '"ZRZ.2"', 'rule zrz-2-known-as: from: "ZRZ.2" is not a source path'],
    ['a bad element', '"serviceType"', '"service type"', 'rule zrz-3-specialty: to: "service type"'],
    [
      'an unknown transform',
      '"humanName(',
      '"magic(',
      'rule zrz-2-known-as: using: there is no transform magic',
    ],
    [
      'an unknown table',
      'conceptBy(RzzSp',
      'conceptBy(RzzX',
      'rule zrz-3-specialty: using: table RzzXecialty',
    ],
    ['an id used twice', '"zrz-3-specialty"', '"zrz-2-known-as"', 'row zrz-2-known-as: the id is used twice'],
    ['an unknown base', '"hl7v2-uk"', '"hl7v2-fr"', 'no pack is registered as hl7v2-fr'],
    ['a table without use', 'conceptBy(RzzSpecialty)', 'text', 'table RzzSpecialty: no rule uses'],
    ['no JSON', '{', '', 'is not JSON'],
    [
      'an element that FHIR has not',
      '"serviceType"',
      '"servicetype"',
      'map pv1-encounter, rule zrz-3-specialty: to: Encounter has no element "servicetype", but "serviceType"',
    ],
    [
      'a key stated twice',
      '"version"',
      '"name": "x", "version"',
      'line 4, column 3: the key "name" occurs twice',
    ],
  ])('check names the row and field of %s', async (_case, from, to, fault) => {
    const { code, out, err } = await hde(['pack', 'check', sitePack('faulty.json', from, to)]);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(fault);
  });

  test('diff lists what is lost before what is gained, and values only when asked', async () => {
    const args = ['pack', 'diff', '--feed', 'rzz-tie', SITE, 'hl7v2-uk', ADMISSION];
    const { code, out } = await hde(args);
    expect(code).toBe(1);
    expect(out.indexOf('lost ')).toBeGreaterThan(0);
    expect(out).toContain('Encounter.serviceType.coding.code');
    expect(out).not.toContain('cardiology');
    expect((await hde([...args, '--values'])).out).toContain('cardiology');
  });

  test.each(['no-such-file.json', './none'])('diff refuses %s, which is not there', async (file) => {
    const { code, err } = await hde(['pack', 'diff', 'hl7v2-uk', file, 'samples/site-packs']);
    expect(code).toBe(2);
    expect(err).toContain(`there is no file ${file}`);
  });

  test('diff of a pack with itself is empty', async () => {
    const { code, out } = await hde(['pack', 'diff', SITE, SITE, ADMISSION]);
    expect({ code, out }).toEqual({ code: 0, out: '1 messages, 0 elements differ\n' });
  });

  test('schema gives what docs/reference/site-pack.schema.json holds', () => {
    const held = JSON.parse(readFileSync('docs/reference/site-pack.schema.json', 'utf8')) as unknown;
    expect(held).toEqual(JSON.parse(JSON.stringify(sitePackJsonSchema())));
  });

  test('every sample site pack is valid', async () => {
    const files = readdirSync('samples/site-packs').filter((name) => name.endsWith('.json'));
    const { code } = await hde(['pack', 'check', ...files.map((name) => join('samples/site-packs', name))]);
    expect(code).toBe(0);
  });
});
