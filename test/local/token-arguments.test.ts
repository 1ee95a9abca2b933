import { expect, test } from '@jest/globals';
import { parseTokenArguments } from '../../local/token-arguments.js';

test.each([
  ['sender', ['rzz-tie']],
  ['operator', ['rzz-tie']],
  ['reader', []],
  ['writer', []],
])('a token of a %s is for the feeds %j unless others are named', (role, feeds) => {
  expect(parseTokenArguments(['--role', role])).toEqual([
    { roles: [role], feeds },
    { stateDir: '.local', lifetimeSeconds: 28_800 },
  ]);
  expect(parseTokenArguments(['--role', role, '--feed', 'f'])).toMatchObject([{ feeds: ['f'] }, {}]);
});

test.each([
  ['--role reader --minutes abc', '--minutes takes a whole number'],
  ['--role reader --minutes 0', '--minutes takes a whole number'],
  ['--role reader --minutes -5', "Option '--minutes' argument is ambiguous"],
  ['--role king', 'there is no role king'],
  ['--minutes 5', 'a --role is needed'],
  ['--nonsense', "Unknown option '--nonsense'"],
])('%s is refused in one line', (line, problem) => {
  const parse = () => parseTokenArguments(line.split(' '));
  expect(parse).toThrow(problem);
  expect(parse).toThrow(expect.objectContaining({ message: expect.not.stringContaining('\n') }));
});
