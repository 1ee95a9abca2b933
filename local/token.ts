/** `npm run --silent token -- --role reader`: prints a bearer token for the local stack. */
import { parseArgs } from 'node:util';
import { mintDevelopmentToken } from './development-issuer.js';

const usage = `Usage: npm run --silent token -- --role ROLE [--role ROLE] [--feed FEED] [--subject NAME] [--minutes N]

  --role     sender, reader or operator; may be repeated
  --feed     a feed that a sender may post to; may be repeated (default rzz-tie for senders)
  --subject  who the token speaks for (default developer)
  --minutes  until the token expires (default 480)
  --state    state folder of the stack (default .local)`;

const knownRoles = ['sender', 'reader', 'operator'];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      role: { type: 'string', multiple: true, default: [] },
      feed: { type: 'string', multiple: true },
      subject: { type: 'string' },
      minutes: { type: 'string', default: '480' },
      state: { type: 'string', default: '.local' },
      help: { type: 'boolean', default: false },
    },
  });
  const roles = values.role.flatMap((role) => role.split(','));
  const unknown = roles.find((role) => !knownRoles.includes(role));
  if (values.help || roles.length === 0 || unknown !== undefined) {
    if (unknown !== undefined) console.error(`There is no role ${unknown}.\n`);
    if (values.help) console.log(usage);
    else console.error(usage);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const feeds = values.feed ?? (roles.includes('sender') ? ['rzz-tie'] : []);
  const token = await mintDevelopmentToken(
    { roles, feeds, ...(values.subject === undefined ? {} : { subject: values.subject }) },
    { stateDir: values.state, lifetimeSeconds: Number(values.minutes) * 60 },
  );
  console.log(token);
}

await main();
