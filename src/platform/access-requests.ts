/** What may be asked about access itself: `/access/...`. */
import { z } from 'zod';
import { parseNhsNumber } from '../core/identity/nhs-number.js';
import { instant } from './requests.js';

/** A record id. Numbers of people are refused: they would stand where ids do, in the audit trail too. */
export const patientId = z
  .string()
  .regex(/^[A-Za-z0-9.-]{1,64}$/, 'the id of a Patient record')
  .refine((id) => parseNhsNumber(id) === undefined, 'the id of a Patient record, not a number of a person');
const subject = z.string().trim().min(1).max(200);
const ods = z.string().regex(/^[A-Z0-9]{3,10}$/, 'an ODS code');
const time = instant.transform((text) => Date.parse(text));
const term = { start: time.optional(), end: time.optional() };
const id = z.uuid('the id that was answered');
const page = {
  limit: z.int().min(1).max(200).default(50),
  continuation: z.string().max(300).optional(),
};

/** Ten digits: `normaliseNhsNumber` is for people, and an answer of the national service is matched as it is. */
const nhsNumber = z
  .string()
  .refine((text) => /^\d{10}$/.test(text) && parseNhsNumber(text) !== undefined, 'NHS numbers of ten digits');

/** As many numbers as one request may ask about; the command line sends as many requests as it needs. */
const mostNumbers = 1000;

/** `POST /access/opt-outs`. */
export const optOuts = z
  .strictObject({
    asked: z.array(nhsNumber).min(1).max(mostNumbers),
    /** The text of the answer; null when none came. */
    answer: z.string().max(20_000).nullish(),
    /** Or those of `asked` who have not opted out. */
    mayBeUsed: z.array(nhsNumber).max(mostNumbers).optional(),
    /** When the service answered; default now. */
    at: instant.optional(),
  })
  .refine(({ answer, mayBeUsed }) => (answer === undefined) !== (mayBeUsed === undefined), {
    path: ['answer'],
    error: 'either the text of an answer (null: none came), or mayBeUsed',
  })
  .refine(({ asked, mayBeUsed = [] }) => mayBeUsed.every((number) => asked.includes(number)), {
    path: ['mayBeUsed'],
    error: 'only numbers that were asked about',
  });

/** `POST /access/relationships`. */
export const relationship = z.strictObject({
  patient: patientId,
  organisation: ods,
  /** Subject of a token; default: all staff of the organisation. */
  subject: subject.optional(),
  ...term,
});
/** `POST /access/proxies`. */
export const proxy = z.strictObject({ patient: patientId, subject, ...term });
/** `POST /access/relationships/end` and `POST /access/proxies/end`. */
export const ending = z.strictObject({ patient: patientId, id, end: time.optional() });

/** `GET /access/my-record-views`. */
export const recordViews = z.strictObject({
  /** Default: the record of the patient who asks. */
  patient: patientId.optional(),
  /** An address holds text. */
  limit: z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number)
    .pipe(z.int().min(1).max(100))
    .default(20),
  continuation: z.string().max(300).optional(),
});

/** `POST /access/break-glass`. */
export const brokenGlass = z.strictObject({ patient: patientId, reason: z.string().max(2000) });
/** `POST /access/break-glass/search`. */
export const glassSearch = z.strictObject({
  patient: patientId.optional(),
  subject: subject.optional(),
  organisation: ods.optional(),
  ...{ from: time.optional(), to: time.optional() },
  isReviewed: z.boolean().optional(),
  ...page,
});
/** `POST /access/break-glass/review`. */
export const glassReview = z.strictObject({
  patient: patientId,
  id,
  finding: z.string().trim().min(10, 'what you found, in 10 characters or more').max(1000),
});
