import { describe, expect, test } from '@jest/globals';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import {
  buildSegmentTree,
  findSegment,
  type SegmentNode,
} from '../../../../src/core/mapping/engine/segment-tree.js';
import { ukPack } from '../support.js';

const structure = new Map(Object.entries(ukPack.structure));
const tree = (...names: string[]): SegmentNode[] =>
  buildSegmentTree(parseHl7v2(['MSH|^~\\&|A', ...names.map((name) => `${name}|1`)].join('\r')), structure);
/** `child < parent` for each segment after MSH. */
const parents = (nodes: SegmentNode[]): string[] =>
  nodes.slice(1).map(({ label, parent }) => `${label} < ${parent?.label ?? ''}`);

describe('the tree of a message', () => {
  test.each([
    [
      'puts results under their order',
      ['PID', 'PV1', 'ORC', 'OBR', 'OBX', 'OBX', 'ORC', 'OBR', 'OBX'],
      [
        'PID < MSH',
        'PV1 < PID',
        'ORC < PID',
        'OBR < ORC',
        'OBX < OBR',
        'OBX(2) < OBR',
        'ORC(2) < PID',
        'OBR(2) < ORC(2)',
        'OBX(3) < OBR(2)',
      ],
    ],
    [
      'gives an ORC to the first OBR only',
      ['PID', 'ORC', 'OBR', 'OBX', 'OBR', 'OBX'],
      ['PID < MSH', 'ORC < PID', 'OBR < ORC', 'OBX < OBR', 'OBR(2) < PID', 'OBX(2) < OBR(2)'],
    ],
    [
      'puts observations of an admission under the visit',
      ['PID', 'PV1', 'PV2', 'AL1', 'OBX', 'DG1'],
      ['PID < MSH', 'PV1 < PID', 'PV2 < PV1', 'AL1 < PID', 'OBX < PV1', 'DG1 < PV1'],
    ],
    [
      'puts a note under the segment before it',
      ['PID', 'NTE', 'OBR', 'NTE', 'OBX', 'NTE', 'NTE', 'OBX'],
      [
        'PID < MSH',
        'NTE < PID',
        'OBR < PID',
        'NTE(2) < OBR',
        'OBX < OBR',
        'NTE(3) < OBX',
        'NTE(4) < OBX',
        'OBX(2) < OBR',
      ],
    ],
    [
      'starts anew with each patient',
      ['PID', 'PV1', 'OBR', 'OBX', 'PID', 'OBX', 'DG1'],
      ['PID < MSH', 'PV1 < PID', 'OBR < PID', 'OBX < OBR', 'PID(2) < MSH', 'OBX(2) < PID(2)', 'DG1 < PID(2)'],
    ],
    ['keeps segments it does not know under the patient', ['PID', 'ZZZ'], ['PID < MSH', 'ZZZ < PID']],
    ['keeps segments without a patient under MSH', ['OBX', 'ZZZ'], ['OBX < MSH', 'ZZZ < MSH']],
  ])('%s', (_case, names, expected) => {
    expect(parents(tree(...names))).toEqual(expected);
  });

  test('finds what holds for a segment: itself, what it stands under, and their context', () => {
    const nodes = tree('EVN', 'PID', 'PV1', 'ORC', 'OBR', 'OBX', 'OBR', 'OBX');
    const [first, second] = nodes.filter(({ segment }) => segment.name === 'OBX');
    if (first === undefined || second === undefined) throw new Error('two OBX');
    const find = (node: SegmentNode, name: string) => findSegment(node, name)?.label;
    expect(['OBX', 'OBR', 'ORC', 'PV1', 'PID', 'EVN', 'MSH', 'SPM'].map((name) => find(first, name))).toEqual(
      ['OBX', 'OBR', 'ORC', 'PV1', 'PID', 'EVN', 'MSH', undefined],
    );
    // The second OBR has no ORC of its own and must not borrow its neighbour's.
    expect(['OBR', 'ORC', 'PV1'].map((name) => find(second, name))).toEqual(['OBR(2)', undefined, 'PV1']);
  });
});
