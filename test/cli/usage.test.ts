import { describe, expect, test } from '@jest/globals';
import { runHde } from '../support/command-line.js';

const hde = (...args: string[]) => runHde(args);

describe('help', () => {
  test.each([['--help'], ['-h'], ['help']])('as %s shows every command', async (word) => {
    const { code, out } = await hde(word);
    expect(code).toBe(0);
    for (const name of [
      'convert',
      'explain',
      'coverage',
      'pack',
      'triage',
      'replay',
      'ledger',
      'reindex',
      'audit',
      'opt-out',
    ])
      expect(out).toContain(`\n  hde ${name} `);
  });

  test.each([
    ['triage', '--help'],
    ['help', 'triage'],
  ])('%s %s shows one command, and what its words mean', async (...args) => {
    const { out } = await hde(...args);
    expect(out).toContain('hde triage show');
    expect(out).toContain('FILTER is --feed');
    expect(out).toContain('TIME is a day (2026-03-29');
    expect(out).not.toMatch(/hde convert|ELEMENT/);
  });

  test('of one action shows that action', async () => {
    const { out } = await hde('triage', 'show', '--help');
    expect(out.split('\n').slice(0, 3)).toEqual(['Usage:', '  hde triage show [--raw] [--json] ID', '']);
  });
});

describe('a wrong call', () => {
  test('is answered with the usage of what was called, and where there is more', async () => {
    expect(await hde('triage', 'show')).toEqual({
      code: 2,
      out: '',
      err: [
        'hde triage: one ID is needed',
        '',
        'Usage:',
        '  hde triage show [--raw] [--json] ID',
        '',
        'More: hde triage show --help',
        '',
      ].join('\n'),
    });
  });

  test('of an action that is not there shows those that are', async () => {
    const { err } = await hde('triage', 'forget');
    expect(err).toContain('hde triage list');
    expect(err).toContain('More: hde triage --help');
  });

  test.each([
    ['ledger', '--feed', 'a', '--feed', 'b', '--from', '2026-03-29', '--to', '2026-03-30'],
    ['triage', 'list', '--feed', 'a', '--code', 'HDE_INTERNAL', '--feed', 'a'],
  ])('of %s with an option that stands twice does nothing', async (...args) => {
    const { code, out, err } = await hde(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain('--feed stands more than once');
  });

  test('of what may stand several times is none', async () => {
    const { err } = await hde('replay', 'preview', '--feed', 'a', '--feed', 'b', '--url', 'http://');
    expect(err).toContain('--url takes a whole address');
  });

  test.each(['localhost:7071', '127.0.0.1:7071', 'ftp://host', 'http://'])(
    'with the address %s says what an address is',
    async (url) => {
      const { code, err } = await hde('triage', 'list', '--url', url);
      expect(code).toBe(2);
      expect(err).toContain('--url takes a whole address, such as http://127.0.0.1:7071');
    },
  );
});
