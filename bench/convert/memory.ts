/** Converts a million different messages and watches the heap: nothing may be kept of what has passed. */
import { memoryUsage } from 'node:process';
import { convert } from '../../src/core/converter/convert.js';
import { collectGarbage } from './collect-garbage.js';
import { vary, type Input } from './inputs.js';

export interface MemorySample {
  readonly conversions: number;
  /** Live objects after a full collection, in MB. */
  readonly heapMegabytes: number;
  readonly residentMegabytes: number;
}

/** @param log called after each tenth of the conversions */
export function watchMemory(
  inputs: readonly Input[],
  conversions: number,
  log: (sample: MemorySample) => void,
): readonly MemorySample[] {
  const samples: MemorySample[] = [];
  for (let done = 0; done < conversions; done++) {
    const input = inputs[done % inputs.length];
    if (input === undefined) throw new Error('there are no inputs');
    JSON.stringify(convert(vary(input, done), { format: 'hl7v2' }).bundle);
    if ((done + 1) % Math.ceil(conversions / 10) !== 0) continue;
    collectGarbage();
    const { heapUsed, rss } = memoryUsage();
    const sample = {
      conversions: done + 1,
      heapMegabytes: toMegabytes(heapUsed),
      residentMegabytes: toMegabytes(rss),
    };
    samples.push(sample);
    log(sample);
  }
  return samples;
}

const toMegabytes = (bytes: number): number => Number((bytes / 1e6).toFixed(1));
