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

  test('finds the stack whose ports were moved', () => {
    expect(parseDemoArguments(['--port-offset', '100'])).toEqual({ url: 'http://127.0.0.1:7171' });
  });

  test.each([
    ['--limit 0', '--limit must be a whole number above 0'],
    ['--concurrency 1.5', '--concurrency must be a whole number above 0'],
    ['--url 127.0.0.1', '--url must be an address'],
    ['--url ftp://127.0.0.1', '--url must be an address'],
    ['--url localhost:7071', '--url must be an address with http://'],
    ['--port-offset x', '--port-offset must be a whole number'],
    ['--port-offset 1 --url http://127.0.0.1:1', 'either --url or --port-offset'],
    ['--verbose', "Unknown option '--verbose'"],
  ])('refuses %s with a clear message', (line, message) => {
    expect(() => parseDemoArguments(line.split(' '))).toThrow(message);
  });
});
