import { createHmac, timingSafeEqual } from 'node:crypto';
import { BrokerError } from '../errors.js';

/** The name of the one access key of the local namespace. */
export const KEY_NAME = 'RootManageSharedAccessKey';

const unauthorised = (description: string): BrokerError =>
  new BrokerError('amqp:unauthorized-access', description);

/**
 * Checks a shared access signature (`SharedAccessSignature sr=..&sig=..&se=..&skn=..`).
 *
 * @param audience the path that access is asked for
 * @param now milliseconds since the epoch
 * @returns when it expires, in milliseconds since the epoch
 * @throws BrokerError `amqp:unauthorized-access`
 */
export function checkSharedAccessSignature(
  token: string,
  audience: string,
  key: string,
  now: number,
): number {
  const fields = new Map<string, string>();
  for (const pair of token.replace(/^SharedAccessSignature\s+/i, '').split('&')) {
    const [name = '', ...value] = pair.split('=');
    fields.set(name, value.join('='));
  }
  const { sr, sig, se, skn } = Object.fromEntries(fields) as Partial<Record<string, string>>;
  if (sr === undefined || sig === undefined || se === undefined || skn === undefined) {
    throw unauthorised('MalformedToken: The token is not a shared access signature.');
  }
  const expected = createHmac('sha256', key).update(`${sr}\n${se}`).digest();
  const given = Buffer.from(decode(sig), 'base64');
  const isGenuine = given.length === expected.length && timingSafeEqual(given, expected);
  if (decode(skn) !== KEY_NAME || !isGenuine) {
    throw unauthorised('InvalidSignature: The token has an invalid signature.');
  }
  const expires = Number(se) * 1000;
  if (!(expires > now)) throw unauthorised('ExpiredToken: The token is expired.');
  if (!covers(pathOf(decode(sr)), audience)) {
    throw unauthorised('InvalidAudience: The token was made for another entity.');
  }
  return expires;
}

/** What one connection may touch: paths in lower case, and until when. */
export class Authorisations {
  private readonly granted = new Map<string, number>();

  grant(path: string, expires: number): void {
    this.granted.set(path, expires);
  }

  /**
   * @param path entity path in lower case
   * @throws BrokerError `amqp:unauthorized-access`
   */
  require(path: string, now: number): void {
    for (const [granted, expires] of this.granted) if (expires > now && covers(granted, path)) return;
    throw unauthorised(`Unauthorized access. A token for '${path}' must be put to $cbs first.`);
  }
}

/** The entity path in an audience such as `sb://host:5672/queue/$management`, in lower case. */
export function pathOf(audience: string): string {
  return audience
    .toLowerCase()
    .replace(/^[a-z]+:\/\/[^/]*\/?/, '')
    .replace(/^\/+|\/+$/g, '')
    .replace(/\/?\$management$/, '');
}

const covers = (granted: string, path: string): boolean =>
  granted === '' || granted === path || path.startsWith(`${granted}/`);

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
