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

test.each<[string, object, object]>([
  ['--as entra-user', { as: 'entra-user', roles: ['R8000'] }, {}],
  [
    '--as cis2 --role R8008,B0572 --organisation RYY',
    { as: 'cis2', roles: ['R8008', 'B0572'], organisation: 'RYY' },
    {},
  ],
  ['--as nhs-login --nhs-number 999-000-0018', { as: 'nhs-login', roles: [], nhsNumber: '9990000018' }, {}],
  [
    '--as smart --scope system/*.rs --url http://h/',
    { as: 'smart', scope: 'system/*.rs' },
    { url: 'http://h' },
  ],
  ['--role reader --purpose planning --purpose research', { purposes: ['planning', 'research'] }, {}],
])('%s says whose token it is', (line, claims, options) => {
  expect(parseTokenArguments(line.split(' '))).toMatchObject([claims, options]);
});

test.each([
  ['--as king', '--as takes entra, entra-user, nhs-login, cis2, smart'],
  ['--as nhs-login', '--nhs-number takes a valid NHS number'],
  ['--as nhs-login --nhs-number 9990000019', '--nhs-number takes a valid NHS number'],
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
