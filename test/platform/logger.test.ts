import { describe, expect, test } from '@jest/globals';
import { causeOf, createLogger, redact } from '../../src/platform/logger.js';

describe('a log line', () => {
  function lines(write: (logger: ReturnType<typeof createLogger>) => void): unknown[] {
    const written: unknown[] = [];
    const sink = (text: string) => {
      written.push(JSON.parse(text));
    };
    write(createLogger({ info: sink, warn: sink, error: sink }, { feed: 'rzz-tie' }));
    return written;
  }

  test('is one JSON object with the event and its fields', () => {
    expect(
      lines((logger) => {
        logger.info('message-received', { messageId: 'abc', count: 3 });
      }),
    ).toEqual([{ event: 'message-received', feed: 'rzz-tie', messageId: 'abc', count: 3 }]);
  });

  test('replaces a value that does not look like what its field holds', () => {
    expect(redact({ messageId: 'Okoro, Ada', errorCode: '999 000 0018', feed: 'rzz-tie' })).toEqual({
      messageId: 'redacted',
      errorCode: 'redacted',
      feed: 'rzz-tie',
    });
  });

  test('drops fields that are not listed', () => {
    expect(redact({ patientName: 'Okoro' } as never)).toEqual({});
  });
});

test('an unexpected error is named without its text, which may quote input', () => {
  expect(causeOf(new TypeError('cannot read Okoro'))).toBe('TypeError');
  expect(causeOf(Object.assign(new Error('x'), { code: 'ECONNREFUSED' }))).toBe('Error ECONNREFUSED');
  expect(causeOf('Okoro')).toBe('string');
});
