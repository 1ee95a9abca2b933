/** Feeds as JSON: the setting `HDE_FEEDS`, and files that the command line is given. */
import { z } from 'zod';
import type { Feed } from '../core/feed.js';
import { readJson } from './read-json.js';

const feedSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'lower-case letters, digits and hyphens'),
  name: z.string().min(1),
  organisation: z.string().regex(/^[A-Z0-9]{3,10}$/, 'an ODS code'),
  format: z.literal('hl7v2'),
  pack: z.string().min(1),
  timeZone: z.string().refine(isTimeZone, 'an IANA time zone'),
  assigningAuthorities: z.record(z.string(), z.url()),
  localSystems: z.strictObject({
    patient: z.url(),
    visit: z.url(),
    order: z.url(),
    staff: z.url(),
    location: z.url(),
    code: z.url(),
  }),
  snapshotEvents: z
    .array(z.string().regex(/^[A-Z]\d{2}$/))
    .readonly()
    .exactOptional(),
  sourceDomain: z
    .string()
    .regex(/^[A-Za-z0-9][\w-]{0,62}$/, 'letters, digits, hyphens and underscores')
    .exactOptional(),
  maxBytes: z.int().positive().max(100_000_000),
} satisfies Record<keyof Feed, z.ZodType>);

/**
 * Reads a JSON array of feeds.
 *
 * @throws Error that says what is wrong and where, such as `0.timeZone an IANA time zone`
 */
export function parseFeeds(text: string): Feed[] {
  const json = readJson(text);
  const feeds = z.array(feedSchema).min(1).safeParse(json);
  if (!feeds.success)
    throw new Error(feeds.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`).join(', '));
  const ids = feeds.data.map(({ id }) => id);
  const twice = repeatedOf(ids);
  if (twice !== undefined) throw new Error(`the feed id ${twice} occurs twice`);
  const domain = repeatedOf(feeds.data.flatMap((feed) => sourceOf(feed) ?? []));
  if (domain !== undefined) throw new Error(`the sourceDomain ${domain} occurs twice`);
  return feeds.data;
}

/** What `POST /$ingest` knows a feed by: organisation and source domain, in lower case; undefined where it has none. */
export const sourceOf = ({ organisation, sourceDomain }: Feed): string | undefined =>
  sourceDomain === undefined ? undefined : `${organisation} ${sourceDomain}`.toLowerCase();

const repeatedOf = (texts: readonly string[]): string | undefined =>
  texts.find((text, index) => texts.indexOf(text) !== index);

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat('en-GB', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
