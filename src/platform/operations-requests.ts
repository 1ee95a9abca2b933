/** What operators may ask of the exchange as a whole: `/replay/...`, `/ledger/...` and `/reindex/...`. */
import { z } from 'zod';
import { replayStatuses } from '../app/replay/in-stages.js';
import { instant, isPeriod, notLater, saysWhich } from './requests.js';

const name = z.string().trim().min(1).max(63);
const page = {
  limit: z.number().int().min(1).max(200).default(50),
  continuation: z.string().max(1000).optional(),
};

const selection = z.strictObject({
  /** Default: all feeds of the operator. */
  feeds: z.array(name).min(1).max(100).optional(),
  from: instant.optional(),
  to: instant.optional(),
  type: z.string().max(20).optional(),
  /** What became of them: those that took effect are read anew, those that failed are tried again. */
  statuses: z.array(z.enum(replayStatuses)).min(1).max(replayStatuses.length).default(['normalised']),
  pack: z.string().max(100).optional(),
  ...page,
});
/** `POST /replay/preview`. */
export const replay = selection.refine(isPeriod, notLater);
/** `POST /replay/run`. */
export const run = selection
  .extend({
    runId: z.string().regex(/^[\w-]{1,64}$/, 'up to 64 letters, digits, _ or -'),
    all: z.literal(true, { error: 'true, or nothing' }).optional(),
  })
  .refine(isPeriod, notLater)
  .refine(
    ({ feeds, from, to, type, all }) =>
      saysWhich(
        [feeds, from, to, type].some((given) => given !== undefined),
        all,
      ),
    { path: ['all'], error: 'either feeds, from, to or type choose messages, or all: true does' },
  );
/** `POST /reindex/run`. */
export const reindex = z.strictObject(page);
const account = z.strictObject({ feed: name, from: instant, to: instant, ...page });
/** `POST /ledger/receipts`. */
export const ledger = account.refine(isPeriod, notLater);
/** `POST /ledger/archive`, which lists all that a feed ever archived: as much at once as Blob Storage does. */
export const ledgerArchive = account
  .extend({ limit: z.number().int().min(1).max(5_000).default(50) })
  .refine(isPeriod, notLater);
/** `POST /ledger/take-in`: in the order in which they are to be accepted. */
export const takeIn = z.strictObject({
  feed: name,
  messageIds: z
    .array(z.string().regex(/^[\w-]{1,64}$/, 'an id of a message'))
    .min(1)
    .max(200),
});
