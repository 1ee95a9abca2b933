import { expect, test } from '@jest/globals';
import {
  accessMatrix,
  everyCombination,
  matrixColumns,
  printMatrix,
  reasonsAt,
  type MatrixRow,
} from '../../../src/core/governance/access-matrix.js';
import { decisionReasons } from '../../../src/core/governance/decision-reasons.js';

const names = ['who', 'scope', 'relation', 'purpose', 'interaction'] as const;
const asked = everyCombination().map((at) => ({ at, reasons: reasonsAt(at) }));

/** The combinations that a row stands for, each as one text. */
const standsFor = ({ at }: MatrixRow): string[] =>
  names.reduce<string[]>(
    (begun, name) => begun.flatMap((text) => at[name].map((value) => `${text}/${value}`)),
    [''],
  );

test('every combination stands in exactly one row, which says what is decided', () => {
  const said = accessMatrix().flatMap((row) =>
    standsFor(row).map((text) => `${text}: ${row.reasons.join(' ')}`),
  );
  const decided = asked.map(
    ({ at, reasons }) => `/${names.map((name) => at[name]).join('/')}: ${reasons.join(' ')}`,
  );
  expect(said.sort()).toEqual(decided.sort());
});

test('who has no scope, states no purpose or is another patient sees nothing', () => {
  const outcomes = asked
    .filter(({ at }) => at.scope === 'none' || at.purpose === 'none' || at.who === 'another patient')
    .flatMap(({ reasons }) => reasons.map((reason) => decisionReasons[reason].outcome));
  expect(new Set(outcomes)).toEqual(new Set(['deny']));
});

test('beyond their own care nobody sees who has opted out', () => {
  const column = matrixColumns.indexOf('opted out, or no answer');
  const reasons = asked
    .filter(({ at }) => at.purpose === 'planning' || at.purpose === 'research')
    .map((each) => each.reasons[column] ?? 'directory');
  expect(reasons).toContain('opted-out');
  expect(new Set(reasons.map((reason) => decisionReasons[reason].outcome))).toEqual(new Set(['deny']));
});

test('what is printed has a cell for each column', () => {
  const { columns, rows } = printMatrix();
  expect(columns).toHaveLength(names.length + matrixColumns.length);
  for (const row of rows) expect(row).toHaveLength(columns.length);
});
