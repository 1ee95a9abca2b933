import { describe, expect, test } from '@jest/globals';
import { parseHl7v2 } from '../../../../src/core/formats/hl7v2/parse.js';
import { canHold, compileCondition } from '../../../../src/core/mapping/engine/condition.js';
import type { Run } from '../../../../src/core/mapping/engine/run.js';
import { buildSegmentTree } from '../../../../src/core/mapping/engine/segment-tree.js';
import { hl7, ukPack } from '../support.js';

const message = parseHl7v2(
  hl7(
    'ORU^R01',
    'PID|1||A1|||""',
    'PV1|1|I||||^&Bay^|^Jones^Ann|""^""',
    'OBR|1|P1|F1',
    'OBX|1|NM|GLU^Glucose||5||||||F',
    'OBX|2|ST|TXT',
  ),
);
const nodes = buildSegmentTree(message, new Map(Object.entries(ukPack.structure)));
const run = { message, event: 'R01', messageType: 'ORU' } as unknown as Run;
const firstObx = nodes.find(({ label }) => label === 'OBX');

function holds(text: string): boolean {
  const condition = compileCondition(text);
  if (typeof condition === 'string' || firstObx === undefined) throw new Error(String(condition));
  return condition(firstObx, run);
}

describe('a condition', () => {
  test.each([
    ['OBX-2 in NM, SN', true],
    ['OBX-2 in ST', false],
    ['OBX-2 not in ST', true],
    ['OBX-3.2 in Glucose', true],
    ['OBX-5 valued', true],
    ['OBX-8 valued', false],
    ['OBX-8 empty', true],
    ['PV1-2 in I', true],
    ['PV1-7 valued', true],
    ['PV1-7.1 valued', false],
    ['PV1-6 empty', false],
    ['PV1-8 valued', false],
    ['PV1-9 empty', true],
    ['OBR-3 in F1', true],
    ['PID-6 empty', true],
    ['ORC-1 empty', true],
    ['event in R01', true],
    ['message in ADT', false],
    ['OBX-2 in NM and OBX-11 in P', false],
    ['OBX-2 in ST or OBX-11 in F', true],
    ['OBX-2 in ST and OBX-11 in F or event in R01', true],
  ])('"%s" is %s', (text, expected) => {
    expect(holds(text)).toBe(expected);
  });

  test.each([
    ['OBX-2', '"OBX-2" is not a condition'],
    ['OBX-2 equals NM', '"OBX-2 equals NM" is not a condition'],
    ['obx valued', '"obx" is not a source path'],
    ['OBX-5[*] valued', '"OBX-5[*]" is not a source path'],
    ['OBX-2 in NM and ', '"" is not a condition'],
  ])('"%s" is refused', (text, fault) => {
    expect(compileCondition(text)).toBe(fault);
  });
});

describe('in messages ADT^A01, a condition', () => {
  test.each([
    ['event in A01, A04', true],
    ['event in A04', false],
    ['event not in A01', false],
    ['message in ORU', false],
    ['message not in ORU', true],
    ['event valued', true],
    ['PID-3 valued', true],
    ['PID-3 valued and event in A03', false],
    ['PID-3 empty and event in A01', true],
    ['event in A03 and PID-3 valued or PID-8 in F', true],
    ['event in A03 or message in ORU', false],
  ])('"%s" can hold: %s', (text, expected) => {
    expect(canHold(text, { messageType: 'ADT', event: 'A01' })).toBe(expected);
  });
});
