import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDataFolder } from '../../../local/service-bus/storage/data-folder.js';
import { LogDamagedError, OperationLog } from '../../../local/service-bus/storage/log.js';
import type { Operation } from '../../../local/service-bus/storage/operations.js';
import { decodeGroup, encodeGroup } from '../../../local/service-bus/storage/operations.js';
import { Turn } from '../../../local/service-bus/storage/turn.js';
import { RecordingJournal } from './fixtures.js';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hde-log-'));
  file = join(folder, 'log');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const put = (sequence: number, size = 10): Operation => ({
  kind: 'put',
  entity: 'q',
  sequence,
  enqueued: 1,
  count: 0,
  deferred: false,
  message: Buffer.alloc(size, sequence),
});

const seen = (key: string): Operation => ({ kind: 'seen', entity: 'q', key, time: 1 });

function open(): { log: OperationLog; replayed: Operation[] } {
  const replayed: Operation[] = [];
  const log = OperationLog.open(file);
  log.replay((operation) => replayed.push(operation));
  return { log, replayed };
}

function replayed(): Operation[] {
  const { log, replayed: operations } = open();
  log.close();
  return operations;
}

describe('operations', () => {
  test('survive encoding, with and without bytes', () => {
    const bytes = fc.uint8Array({ maxLength: 40 }).map((array) => Buffer.from(array));
    const operation: fc.Arbitrary<Operation> = fc.oneof(
      fc.record({
        kind: fc.constant('session' as const),
        entity: fc.string(),
        session: fc.string(),
        state: bytes,
      }),
      fc.record({ kind: fc.constant('session' as const), entity: fc.string(), session: fc.string() }),
      fc.record({
        kind: fc.constant('seen' as const),
        entity: fc.string(),
        key: fc.string(),
        time: fc.nat(),
      }),
      bytes.map((message) => ({ ...put(1), message }) as Operation),
    );
    fc.assert(
      fc.property(fc.array(operation), (operations) => {
        expect(decodeGroup(encodeGroup(operations))).toEqual(operations);
      }),
    );
  });
});

describe('the log', () => {
  test('replays what was flushed, and nothing else', () => {
    const { log } = open();
    log.append(put(1));
    log.append(put(2));
    log.flush();
    log.append(put(3));
    const kept = replayed();
    expect(kept).toEqual([put(1), put(2)]);
  });

  test('cut off at any byte gives back whole groups, and goes on from there', () => {
    const { log } = open();
    const sizes: number[] = [];
    for (let n = 1; n <= 3; n++) {
      log.append(put(n));
      log.append(seen(`${n}`));
      log.flush();
      sizes.push(log.size);
    }
    log.close();
    const whole = readFileSync(file);
    for (let length = 0; length <= whole.length; length++) {
      writeFileSync(file, whole.subarray(0, length));
      const groups = sizes.filter((size) => size <= length).length;
      const again = open();
      expect(again.replayed).toHaveLength(groups * 2);
      again.log.append(seen('after'));
      again.log.close();
      expect(readFileSync(file)).toHaveLength(again.log.size);
      expect(replayed()).toHaveLength(groups * 2 + 1);
    }
  });

  test('with a group that was half overwritten at its end is cut off', () => {
    const { log } = open();
    log.append(seen('kept'));
    log.flush();
    log.append(seen('torn'));
    log.close();
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    writeFileSync(file, bytes);
    expect(replayed()).toEqual([seen('kept')]);
  });

  test('followed by zeros, as after a power cut, is cut off', () => {
    const { log } = open();
    log.append(seen('kept'));
    log.close();
    appendFileSync(file, Buffer.alloc(5_000));
    expect(replayed()).toEqual([seen('kept')]);
  });

  test('damaged in the middle is refused with its place, and left as it is', () => {
    const { log } = open();
    log.append(seen('first'));
    log.flush();
    log.append(seen('second'));
    log.close();
    const bytes = readFileSync(file);
    bytes.writeUInt8(bytes.readUInt8(20) ^ 1, 20);
    writeFileSync(file, bytes);
    expect(replayed).toThrow(LogDamagedError);
    expect(replayed).toThrow(/damaged at byte 8 /);
    expect(readFileSync(file)).toEqual(bytes);
  });

  test('of another kind is refused', () => {
    writeFileSync(file, 'something else entirely');
    expect(replayed).toThrow(/damaged at byte 0 \(unknown format\)/);
  });

  test('compacted holds the state it was given, and what comes after', () => {
    const { log } = open();
    for (let n = 1; n <= 1_000; n++) log.append(put(n, 100));
    log.flush();
    const before = log.size;
    log.compact([...Array(300).keys()].map((n) => seen(`${n}`)));
    expect(log.size).toBeLessThan(before / 3);
    log.append(seen('after'));
    log.close();
    expect(replayed()).toEqual([...[...Array(300).keys()].map((n) => seen(`${n}`)), seen('after')]);
  });

  test('is whole when the process ended in the middle of compacting', () => {
    const { log } = open();
    log.append(seen('kept'));
    log.close();
    writeFileSync(`${file}.compacted`, readFileSync(file).subarray(0, 12));
    expect(replayed()).toEqual([seen('kept')]);
    expect(existsSync(`${file}.compacted`)).toBe(false);
  });

  test('that is empty is a new one', () => {
    writeFileSync(file, '');
    expect(replayed()).toEqual([]);
    truncateSync(file, 3);
    expect(replayed()).toEqual([]);
  });
});

describe('the data folder', () => {
  test('belongs to one running process at a time', () => {
    const release = claimDataFolder(folder);
    writeFileSync(join(folder, 'owner.pid'), String(process.ppid));
    expect(() => claimDataFolder(folder)).toThrow(`in use by process ${process.ppid}`);
    release();
    claimDataFolder(folder)();
  });

  test('of a process that is gone, or of nobody, is free', () => {
    for (const owner of ['4194304999', 'nonsense', '']) {
      writeFileSync(join(folder, 'owner.pid'), owner);
      claimDataFolder(folder)();
    }
    expect(existsSync(join(folder, 'owner.pid'))).toBe(false);
  });
});

describe('a turn', () => {
  test('writes before it confirms, confirms before it hands out, and writes again before it is over', () => {
    const order: string[] = [];
    const journal = {
      append: (operation: Operation) => order.push(`append ${operation.entity}`),
      flush: () => order.push('flush'),
    };
    const turn = new Turn(
      journal,
      () => order.push('end'),
      () => order.push('failure'),
    );
    turn.afterPumps(() => order.push('after'));
    turn.pump({
      pump: () => {
        order.push('pump');
        turn.append({ kind: 'remove', entity: 'handed out', sequence: 1 });
      },
    });
    turn.onceWritten(() => order.push('confirm'));
    turn.append(seen('x'));
    turn.run();
    const expected = ['append q', 'flush', 'confirm', 'pump', 'append handed out', 'flush', 'after', 'end'];
    expect(order).toEqual(expected);
  });

  test('whose journal cannot be written confirms nothing, now or later', () => {
    const failures: unknown[] = [];
    const confirmed: string[] = [];
    const journal = new RecordingJournal();
    journal.flush = () => {
      throw new Error('disk full');
    };
    const turn = new Turn(
      journal,
      () => undefined,
      (error) => failures.push(error),
    );
    turn.onceWritten(() => confirmed.push('first'));
    turn.run();
    turn.onceWritten(() => confirmed.push('second'));
    turn.run();
    expect(confirmed).toEqual([]);
    expect(failures).toEqual([new Error('disk full')]);
  });
});
