import { expect, test } from '@jest/globals';
import { createLogger } from '../../src/platform/logger.js';
import { createPressureReport } from '../../src/platform/pressure.js';

const calm = { limit: 64, inFlight: 0, waiting: 0, setBacks: 0, refused: 0 };

test('a dependency that sets requests back is written about, once in ten seconds, with what is new', () => {
  let now = 0;
  let pressure = calm;
  const lines: unknown[] = [];
  const write = (line: string) => lines.push(JSON.parse(line));
  const logger = createLogger({ info: write, warn: write, error: write });
  const run = () => Promise.reject(new Error('not used'));
  const report = createPressureReport([{ name: 'Cosmos DB', pressure: () => pressure, run }], () => now);
  const tell = (at: number, seen: Partial<typeof calm>) => {
    now = at;
    pressure = { ...calm, ...seen };
    report(logger);
  };
  tell(0, {});
  tell(1, { setBacks: 3, limit: 48, inFlight: 2, waiting: 5 });
  tell(2, { setBacks: 9, refused: 1 });
  tell(10_002, { setBacks: 9, refused: 1 });
  tell(30_000, { setBacks: 9, refused: 1 });
  const event = 'dependency-pressure';
  const dependency = 'Cosmos DB';
  expect(lines).toEqual([
    { event, dependency, limit: 48, inFlight: 2, waiting: 5, setBacks: 3, refused: 0 },
    { event, dependency, limit: 64, inFlight: 0, waiting: 0, setBacks: 6, refused: 1 },
  ]);
});
