import { parseArgs } from 'node:util';
import { parseNhsNumber } from '../src/core/identity/nhs-number.js';
import { describeFailure } from './demo/patience.js';
import type { DevelopmentClaims, MintOptions } from './development-issuer.js';
import { roles } from '../src/core/governance/access.js';
import { bearerKinds, type BearerKind } from './issuer/claims.js';

/** What `npm run token -- --help` prints. */
export const TOKEN_HELP = `Usage: npm run --silent token -- --role ROLE [--role ROLE] [--feed FEED] [--subject NAME] [--minutes N]
       npm run --silent token -- --as entra-user|cis2 [--role CODE] [--organisation ODS] [--scope SCOPES] [--patient ID]
       npm run --silent token -- --as nhs-login --nhs-number NUMBER [--scope SCOPES]
       npm run --silent token -- --as smart [--scope SCOPES] [--url URL]

  --as            whose token it is: entra (an application, the default), entra-user, nhs-login, cis2, smart
  --role          of an application sender, reader, writer, operator or privacy-officer; of staff a
                  code of the policy (default R8000); may be repeated
  --feed          a feed of a sender or operator; may be repeated (default rzz-tie)
  --subject       who the token speaks for (default developer)
  --organisation  ODS code (default RZZ); a backend service has that of its registration
  --purpose       what for, of entra and entra-user; may be repeated (default direct-care)
  --scope         SMART scopes, separated by spaces (default those of its registration)
  --nhs-number    of the patient
  --patient       id of the Patient whom the application of an entra-user was opened for
  --minutes       until the token expires (default 480); a token for smart lasts five
  --state         state folder of the stack (default .local)
  --url           of the running exchange, for smart (default http://127.0.0.1:7071)
`;

/** The command line cannot be understood; the message says why. */
export class TokenArgumentsError extends Error {
  override readonly name = 'TokenArgumentsError';
}

const knownRoles: readonly string[] = roles;
/** A year. */
const longestMinutes = 525_600;

/**
 * Reads the command line of `npm run token`.
 *
 * @returns what the token says and how it is made, or `help` when that is asked for
 * @throws TokenArgumentsError
 */
export function parseTokenArguments(args: readonly string[]): [DevelopmentClaims, MintOptions] | 'help' {
  const values = read(args);
  const { help, feed, subject, minutes, state, url, organisation, purpose, scope, patient } = values;
  if (help === true) return 'help';
  const as = bearerKindOf(values.as);
  const roles = rolesOf(
    as,
    (values.role ?? []).flatMap((each) => each.split(',')),
  );
  const lifetime = Number(minutes);
  if (!/^\d+$/.test(minutes) || lifetime < 1 || lifetime > longestMinutes)
    throw new TokenArgumentsError(`--minutes takes a whole number from 1 to ${longestMinutes}`);
  const hasFeeds = roles.includes('sender') || roles.includes('operator');
  return [
    {
      ...(as === 'entra' ? {} : { as }),
      roles,
      feeds: feed ?? (hasFeeds ? ['rzz-tie'] : []),
      ...given({ subject, organisation, purposes: purpose, scope, nhsNumber: nhsNumberOf(as, values) }),
      ...given({ patient: as === 'entra-user' ? patient : undefined }),
    },
    { stateDir: state, lifetimeSeconds: lifetime * 60, ...given({ url: url?.replace(/\/+$/, '') }) },
  ];
}

function bearerKindOf(text: string): BearerKind {
  const kind = bearerKinds.find((each) => each === text);
  if (kind === undefined) throw new TokenArgumentsError(`--as takes ${bearerKinds.join(', ')}`);
  return kind;
}

function rolesOf(as: BearerKind, roles: readonly string[]): readonly string[] {
  if (as === 'entra-user' || as === 'cis2') return roles.length === 0 ? ['R8000'] : roles;
  if (as !== 'entra') return [];
  const unknown = roles.find((each) => !knownRoles.includes(each));
  if (unknown !== undefined) throw new TokenArgumentsError(`there is no role ${unknown}`);
  if (roles.length === 0) throw new TokenArgumentsError('a --role is needed');
  return roles;
}

function nhsNumberOf(as: BearerKind, values: ReturnType<typeof read>): string | undefined {
  if (as !== 'nhs-login') return undefined;
  const number = parseNhsNumber(values['nhs-number'] ?? '');
  if (number === undefined) throw new TokenArgumentsError('--nhs-number takes a valid NHS number');
  return number;
}

/** Without what is undefined. */
const given = <T extends object>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as never;

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        as: { type: 'string', default: 'entra' },
        role: { type: 'string', multiple: true },
        feed: { type: 'string', multiple: true },
        subject: { type: 'string' },
        organisation: { type: 'string' },
        purpose: { type: 'string', multiple: true },
        scope: { type: 'string' },
        'nhs-number': { type: 'string' },
        patient: { type: 'string' },
        minutes: { type: 'string', default: '480' },
        state: { type: 'string', default: '.local' },
        url: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values;
  } catch (error) {
    const [problem = ''] = describeFailure(error).split(/\n|\. To /);
    throw new TokenArgumentsError(problem, { cause: error });
  }
}
