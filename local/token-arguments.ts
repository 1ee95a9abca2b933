import { parseArgs } from 'node:util';
import { describeFailure } from './demo/patience.js';
import type { DevelopmentClaims, MintOptions } from './development-issuer.js';

/** What `npm run token -- --help` prints. */
export const TOKEN_HELP = `Usage: npm run --silent token -- --role ROLE [--role ROLE] [--feed FEED] [--subject NAME] [--minutes N]

  --role     sender, reader, writer or operator; may be repeated
  --feed     a feed of a sender or operator; may be repeated (default rzz-tie)
  --subject  who the token speaks for (default developer)
  --minutes  until the token expires (default 480)
  --state    state folder of the stack (default .local)
`;

/** The command line cannot be understood; the message says why. */
export class TokenArgumentsError extends Error {
  override readonly name = 'TokenArgumentsError';
}

const knownRoles = ['sender', 'reader', 'writer', 'operator'];
/** A year. */
const longestMinutes = 525_600;

/**
 * Reads the command line of `npm run token`.
 *
 * @returns what the token says and how it is made, or `help` when that is asked for
 * @throws TokenArgumentsError
 */
export function parseTokenArguments(args: readonly string[]): [DevelopmentClaims, MintOptions] | 'help' {
  const { help, role, feed, subject, minutes, state } = read(args);
  if (help === true) return 'help';
  const roles = (role ?? []).flatMap((each) => each.split(','));
  const unknown = roles.find((each) => !knownRoles.includes(each));
  if (unknown !== undefined) throw new TokenArgumentsError(`there is no role ${unknown}`);
  if (roles.length === 0) throw new TokenArgumentsError('a --role is needed');
  const lifetime = Number(minutes);
  if (!/^\d+$/.test(minutes) || lifetime < 1 || lifetime > longestMinutes)
    throw new TokenArgumentsError(`--minutes takes a whole number from 1 to ${longestMinutes}`);
  const hasFeeds = roles.includes('sender') || roles.includes('operator');
  return [
    {
      roles,
      feeds: feed ?? (hasFeeds ? ['rzz-tie'] : []),
      ...(subject === undefined ? {} : { subject }),
    },
    { stateDir: state, lifetimeSeconds: lifetime * 60 },
  ];
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        role: { type: 'string', multiple: true },
        feed: { type: 'string', multiple: true },
        subject: { type: 'string' },
        minutes: { type: 'string', default: '480' },
        state: { type: 'string', default: '.local' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [problem = ''] = describeFailure(error).split(/\n|\. To /);
    throw new TokenArgumentsError(problem, { cause: error });
  }
}
