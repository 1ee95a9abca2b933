/** `npm run --silent token -- --role reader`: prints a bearer token for the local stack. */
import { mintDevelopmentToken } from './development-issuer.js';
import { parseTokenArguments, TOKEN_HELP, TokenArgumentsError } from './token-arguments.js';

try {
  const asked = parseTokenArguments(process.argv.slice(2));
  process.stdout.write(asked === 'help' ? TOKEN_HELP : `${await mintDevelopmentToken(...asked)}\n`);
} catch (error) {
  if (!(error instanceof TokenArgumentsError)) throw error;
  // Standard output is for a token alone: `TOKEN=$(npm run --silent token ...)`.
  console.error(`token: ${error.message}\n\n${TOKEN_HELP}`);
  process.exitCode = 2;
}
