import { describe, expect, test } from '@jest/globals';
import { parseDemoArguments } from '../../../local/demo/arguments.js';

describe('parseDemoArguments', () => {
  test('reads every option', () => {
    const line = '--url http://127.0.0.1:7072 --concurrency 4 --limit 10 --token abc --state .other';
    expect(parseDemoArguments(line.split(' '))).toEqual({
      url: 'http://127.0.0.1:7072',
      concurrency: 4,
      limit: 10,
      token: 'abc',
      stateDir: '.other',
    });
    expect(parseDemoArguments([])).toEqual({});
    expect(parseDemoArguments(['--help'])).toBe('help');
  });

  test.each([
    ['--limit 0', '--limit must be a whole number above 0'],
    ['--concurrency 1.5', '--concurrency must be a whole number above 0'],
    ['--url 127.0.0.1', '--url must be an address'],
    ['--url ftp://127.0.0.1', '--url must be an address'],
    ['--verbose', "Unknown option '--verbose'"],
  ])('refuses %s with a clear message', (line, message) => {
    expect(() => parseDemoArguments(line.split(' '))).toThrow(message);
  });
});
