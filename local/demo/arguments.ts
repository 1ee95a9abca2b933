import { parseArgs } from 'node:util';
import { portsFrom } from '../stack/ports.js';
import { DemoError, describeFailure } from './patience.js';
import { DEFAULT_CONCURRENCY, DEFAULT_URL, type DemoOptions } from './play.js';

/** What `npm run demo -- --help` prints. */
export const DEMO_HELP = `Posts the sample day of a synthetic hospital to a running exchange and says what became of it.

  npm run demo -- [options]

  --url ADDRESS       the exchange (${DEFAULT_URL})
  --port-offset N     the same, on the ports of npm start -- --port-offset N
  --concurrency N     patients whose messages are under way at once (${DEFAULT_CONCURRENCY})
  --limit N           only the first N messages of the day
  --token TOKEN       bearer token with the roles sender and reader (default: one from the development issuer)
  --state FOLDER      state folder of the local stack, for the development issuer (.local)
  --help              this text

Ends with 0 only when every message is accounted for and exactly those failed that are meant to.
`;

function positive(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new DemoError(`--${name} must be a whole number above 0`);
  return value;
}

function webAddress(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const protocol = URL.canParse(text) ? new URL(text).protocol : '';
  if (protocol !== 'http:' && protocol !== 'https:') {
    throw new DemoError('--url must be an address with http:// or https://, such as http://127.0.0.1:7071');
  }
  return text;
}

/** Where the exchange is, as an address or as the offset that moved the ports of the stack. */
function urlOf(url: string | undefined, portOffset: string | undefined): string | undefined {
  if (portOffset === undefined) return webAddress(url);
  if (url !== undefined) throw new DemoError('either --url or --port-offset');
  if (!/^\d{1,5}$/.test(portOffset) || Number(portOffset) > 50_000)
    throw new DemoError('--port-offset must be a whole number up to 50000');
  return `http://127.0.0.1:${portsFrom(Number(portOffset)).functions}`;
}

/**
 * Reads the command line of the demo.
 *
 * @returns the options, or `help` when they are asked for
 * @throws DemoError on an unknown option or a bad value
 */
export function parseDemoArguments(args: readonly string[]): DemoOptions | 'help' {
  const text = { type: 'string' } as const;
  let values;
  try {
    ({ values } = parseArgs({
      args: [...args],
      options: {
        url: text,
        'port-offset': text,
        concurrency: text,
        limit: text,
        token: text,
        state: text,
        help: { type: 'boolean' },
      },
    }));
  } catch (error) {
    throw new DemoError(describeFailure(error));
  }
  if (values.help === true) return 'help';
  const url = urlOf(values.url, values['port-offset']);
  const concurrency = positive('concurrency', values.concurrency);
  const limit = positive('limit', values.limit);
  return {
    ...(url === undefined ? {} : { url }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(limit === undefined ? {} : { limit }),
    ...(values.token === undefined ? {} : { token: values.token }),
    ...(values.state === undefined ? {} : { stateDir: values.state }),
  };
}
