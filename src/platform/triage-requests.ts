/** What operators may ask for over HTTP: `/triage/...`. */
import { z } from 'zod';
import { errors } from '../core/errors.js';
import { messageStatuses } from '../ports/message-store.js';
import { instant, isPeriod, notLater, saysWhich } from './requests.js';

const text = (longest: number) => z.string().trim().min(1).max(longest);
const limit = (longest: number) =>
  z
    .number({ error: `a whole number from 1 to ${longest}` })
    .int()
    .min(1)
    .max(longest);
const pageOf = (longest: number, usual: number) => ({
  limit: limit(longest).default(usual),
  continuation: text(200).optional(),
});
/** An address holds text; in a body only a number is one. */
const digits = z.string().regex(/^\d+$/).transform(Number);

/** What may stand in an address: never an identifier of a person. */
const criteria = {
  feed: text(63).optional(),
  from: instant.optional(),
  to: instant.optional(),
  type: text(20).optional(),
  status: z.enum(messageStatuses).optional(),
  code: z
    .string()
    .refine((code) => Object.hasOwn(errors, code), 'a code of docs/reference/errors.md')
    .optional(),
  controlId: text(200).optional(),
  /** Words of the reasons; not why an operator decides, which is `reason`. */
  about: text(500).optional(),
};
const filter = z.strictObject({ ...criteria, identifier: text(300).optional() });

export const addressSearch = z
  .strictObject({
    ...criteria,
    ...pageOf(200, 50),
    limit: digits.pipe(limit(200)).default(50),
  })
  .refine(isPeriod, notLater);
export const bodySearch = z.strictObject({ ...filter.shape, ...pageOf(200, 50) }).refine(isPeriod, notLater);
export const resubmission = z.strictObject({ reason: text(1000).optional() });
export const resubmissions = z
  .strictObject({
    filter: filter.refine(isPeriod, notLater).default({}),
    all: z.literal(true, { error: 'true, or nothing' }).optional(),
    reason: text(1000).optional(),
    ...pageOf(500, 100),
  })
  // A status alone is no choice: without one the failed ones are meant.
  .refine(({ filter: { status, ...narrowing }, all }) => saysWhich(Object.keys(narrowing).length > 0, all), {
    path: ['filter'],
    error: 'either names more than a status, or all: true stands beside it',
  });
export const correction = z.strictObject({ text: z.string().min(1), reason: text(1000) });
export const dismissal = z.strictObject({ reason: text(1000) });
