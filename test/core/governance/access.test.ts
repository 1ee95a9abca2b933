import { expect, test } from '@jest/globals';
import { mayDo, type Action, type Role } from '../../../src/core/governance/access.js';

const actions: readonly Action[] = [
  { kind: 'send', feed: 'mine' },
  { kind: 'send', feed: 'other' },
  { kind: 'read-receipt', feed: 'mine' },
  { kind: 'read-receipt', feed: 'other' },
  { kind: 'read-records' },
  { kind: 'triage', feed: 'mine' },
  { kind: 'triage', feed: 'other' },
];

test.each<[string, readonly Role[], readonly boolean[]]>([
  ['nobody', [], [false, false, false, false, false, false, false]],
  ['a sender', ['sender'], [true, false, true, false, false, false, false]],
  ['a reader', ['reader'], [false, false, false, false, true, false, false]],
  ['an operator', ['operator'], [false, false, true, true, false, true, false]],
])('%s may do what the role allows and nothing else', (_, roles, expected) => {
  const principal = { subject: 's', roles, feeds: ['mine'] };
  expect(actions.map((action) => mayDo(principal, action))).toEqual(expected);
});
