/** What `/access/...` answers, as schemas. */
import { z } from 'zod';
import { continuation, count, instant } from './answers.js';

export const optOutsKept = z.looseObject({
  patients: count.describe('About whom an answer was kept'),
  mayBeUsed: count,
  optedOut: count,
  unknown: count.describe('Numbers of nobody who is known here'),
});

const registered = {
  id: z.string(),
  start: instant.optional(),
  end: instant.optional(),
  by: z.string().describe('Subject of the token of whoever said so'),
  at: instant,
};
export const relationship = z.looseObject({
  ...registered,
  organisation: z.string(),
  subject: z.string().optional(),
});
export const proxy = z.looseObject({ ...registered, subject: z.string() });

const glassFields = { id: z.string(), patient: z.string(), openedAt: instant };
export const openGlass = z.looseObject({ ...glassFields, closesAt: instant });
export const glass = z.looseObject({
  ...glassFields,
  subject: z.string(),
  organisation: z.string(),
  reason: z.string(),
  review: z.looseObject({ by: z.string(), at: instant, finding: z.string() }).optional(),
});
export const glassPage = z.looseObject({
  glass: z.array(glass.extend({ closesAt: instant })),
  continuation,
});

export const recordViews = z.looseObject({
  views: z.array(
    z.looseObject({
      at: instant,
      organisation: z.string().optional().describe('Its name'),
      text: z.string().describe('In plain English'),
    }),
  ),
  continuation,
});
