import { expect, test } from '@jest/globals';
import { demand, mayDo, type Action, type Role } from '../../../src/core/governance/access.js';
import { aPrincipal } from '../../support/principals.js';

const actions: readonly Action[] = [
  { kind: 'send', feed: 'mine' },
  { kind: 'send', feed: 'other' },
  { kind: 'read-receipt', feed: 'mine' },
  { kind: 'read-receipt', feed: 'other' },
  { kind: 'read-records' },
  { kind: 'triage', feed: 'mine' },
  { kind: 'triage', feed: 'other' },
  { kind: 'write-records' },
];

test.each<[string, readonly Role[], readonly boolean[]]>([
  ['nobody', [], [false, false, false, false, false, false, false, false]],
  ['a sender', ['sender'], [true, false, true, false, false, false, false, false]],
  ['a reader', ['reader'], [false, false, false, false, true, false, false, false]],
  ['a writer', ['writer'], [false, false, false, false, false, false, false, true]],
  ['an operator', ['operator'], [false, false, true, false, false, true, false, false]],
])('%s may do what the role allows and nothing else', (_, roles, expected) => {
  const principal = aPrincipal(roles, { feeds: ['mine'] });
  expect(actions.map((action) => mayDo(principal, action))).toEqual(expected);
});

test.each<[string, readonly Role[], Action, string]>([
  ['of a reader who sends', ['reader'], { kind: 'send', feed: 'mine' }, 'needs the role sender'],
  ['of a sender who reads', ['sender'], { kind: 'read-records' }, 'needs the role reader'],
  ['of a reader who writes', ['reader'], { kind: 'write-records' }, 'needs the role writer'],
  ['of a sender who decides', ['sender'], { kind: 'triage', feed: 'mine' }, 'needs the role operator'],
  [
    'for the feed of others, whether or not there is one',
    ['operator'],
    { kind: 'triage', feed: 'other' },
    'needs the role feed:<id> of this feed',
  ],
])('a refusal %s names the role that is missing', (_, roles, action, detail) => {
  const refuse = () => {
    demand(aPrincipal(roles, { feeds: ['mine'] }), action);
  };
  expect(refuse).toThrow(expect.objectContaining({ code: 'HDE_FORBIDDEN', detail }));
});
