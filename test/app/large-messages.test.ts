/** Messages that no single batch of the store can hold. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { DiagnosticReport, Observation } from 'fhir/r4.js';
import type { VersionDocument } from '../../src/core/records/types.js';
import { normaliseMessage } from '../../src/app/normalise-message.js';
import type { RecordStore } from '../../src/ports/record-store.js';
import { acceptBytes, createMemoryExchange, type MemoryExchange } from '../support/exchange.js';
import { aMessage } from '../support/messages.js';

let deps: MemoryExchange;

beforeEach(() => {
  deps = createMemoryExchange();
});

interface ReportParts {
  readonly controlId: string;
  readonly at?: string;
  readonly values: readonly string[];
}

async function accept({ controlId, at = '20260330100000', values }: ReportParts) {
  const results = values.map((value, index) => `OBX|${index + 1}|NM|T${index}^Test ${index}||${value}|||||F`);
  const more = ['OBR|1||F1|PANEL|||20260330090000', ...results];
  const bytes = aMessage({ type: 'ORU^R01', controlId, at, more });
  return acceptBytes(deps, bytes);
}

const numbers = (count: number, first = 1): string[] =>
  Array.from({ length: count }, (_, index) => String(first + index));

async function stored(partition: string): Promise<{ values: number[]; report: DiagnosticReport }> {
  const values: number[] = [];
  let continuation: string | undefined;
  do {
    const page = await deps.records.listPartition(partition, 'Observation', {
      limit: 100,
      ...(continuation === undefined ? {} : { continuation }),
    });
    for (const { resource } of page.documents) {
      const { valueQuantity } = resource as Observation;
      values.push(valueQuantity?.value ?? Number.NaN);
    }
    continuation = page.continuation;
  } while (continuation !== undefined);
  const { documents } = await deps.records.listPartition(partition, 'DiagnosticReport', { limit: 2 });
  return { values: values.sort((a, b) => a - b), report: documents[0]?.resource as DiagnosticReport };
}

const partitionOf = (changes: readonly { readonly id: string }[]): string =>
  changes[0]?.id.split('.')[0] ?? '';

/** A store that dies after a number of commits. */
function dyingAfter(commits: number): RecordStore {
  let left = commits;
  return {
    ...deps.records,
    commit: (...args) => {
      if (left === 0) return Promise.reject(new Error('killed'));
      left -= 1;
      return deps.records.commit(...args);
    },
  };
}

describe('a report of 250 results', () => {
  test('is stored with all of them, and all are in its receipt', async () => {
    const { status, changes } = await normaliseMessage(
      deps,
      await accept({ controlId: 'C1', values: numbers(250) }),
    );
    expect(status).toBe('normalised');
    expect(changes.filter(({ resourceType }) => resourceType === 'Observation')).toHaveLength(250);
    const { values, report } = await stored(partitionOf(changes));
    expect(values).toEqual(numbers(250).map(Number));
    expect(report.result).toHaveLength(250);
  });

  test('is corrected as a whole, with the old versions kept', async () => {
    await normaliseMessage(deps, await accept({ controlId: 'C1', values: numbers(250) }));
    const correction = { controlId: 'C2', at: '20260330110000', values: numbers(250, 1001) };
    const { changes } = await normaliseMessage(deps, await accept(correction));
    const updated = changes.filter(({ resourceType }) => resourceType === 'Observation');
    expect(updated.map(({ versionId, change }) => `${change} ${versionId}`)).toEqual(
      Array.from({ length: 250 }, () => 'updated 2'),
    );
    expect((await stored(partitionOf(changes))).values).toEqual(numbers(250, 1001).map(Number));
    const [first] = updated;
    const before = (await deps.records.readVersion('Observation', first!.id, 1)) as
      VersionDocument | undefined;
    expect((before?.resource as Observation).valueQuantity?.value).toBeLessThan(1000);
  });

  test.each([1, 2, 3, 5, 8])(
    'that dies after %i commits ends, on its next delivery, as if nothing had happened',
    async (commits) => {
      const envelope = await accept({ controlId: 'C1', values: numbers(250) });
      await expect(normaliseMessage({ ...deps, records: dyingAfter(commits) }, envelope)).rejects.toThrow(
        'killed',
      );
      const { changes } = await normaliseMessage(deps, envelope);
      expect(changes.filter(({ resourceType }) => resourceType === 'Observation')).toHaveLength(250);
      expect(new Set(changes.map(({ id }) => id)).size).toBe(changes.length);
      expect(changes.every(({ versionId, change }) => versionId === 1 && change === 'created')).toBe(true);
      expect((await stored(partitionOf(changes))).values).toHaveLength(250);
    },
  );

  test('shows its report only when all results are there', async () => {
    const envelope = await accept({ controlId: 'C1', values: numbers(250) });
    const observed: number[] = [];
    const watching: RecordStore = {
      ...deps.records,
      commit: async (partition, operations) => {
        const outcome = await deps.records.commit(partition, operations);
        const { values, report } = await stored(partition);
        if ((report as DiagnosticReport | undefined) !== undefined) observed.push(values.length);
        return outcome;
      },
    };
    await normaliseMessage({ ...deps, records: watching }, envelope);
    expect(new Set(observed)).toEqual(new Set([250]));
  });

  test('changes nothing when it is delivered again', async () => {
    const envelope = await accept({ controlId: 'C1', values: numbers(250) });
    const first = await normaliseMessage(deps, envelope);
    expect(await normaliseMessage(deps, envelope)).toEqual(first);
  });
});

test('a message of 90 new records is still one atomic batch', async () => {
  let commits = 0;
  const counting: RecordStore = {
    ...deps.records,
    commit: (partition, operations) => {
      if (operations.some(({ document }) => document.kind === 'receipt')) commits += 1;
      return deps.records.commit(partition, operations);
    },
  };
  const envelope = await accept({ controlId: 'C1', values: numbers(90) });
  await normaliseMessage({ ...deps, records: counting }, envelope);
  expect(commits).toBe(1);
});
