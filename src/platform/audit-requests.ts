/** What operators may ask of the audit trail: `/audit/...`. */
import { z } from 'zod';
import { auditOutcomes } from '../core/governance/audit/entry.js';
import { patientId } from './access-requests.js';
import { instant } from './requests.js';

const day = z.iso.date('a day, such as 2026-11-26');

/** `POST /audit/search`. */
export const auditSearch = z.strictObject({
  patient: patientId.optional(),
  subject: z.string().min(1).max(200).optional(),
  from: instant.optional(),
  to: instant.optional(),
  outcome: z.enum(auditOutcomes).optional(),
  /** Entries as AuditEvents of FHIR R4. */
  fhir: z.boolean().default(false),
  limit: z.int().min(1).max(1000).default(100),
  continuation: z.string().max(300).optional(),
});

/** `POST /audit/lines`. */
export const auditLines = z
  .strictObject({ from: day.optional(), to: day.optional(), continuation: z.string().max(300).optional() })
  .refine(({ from, to }) => from === undefined || to === undefined || from <= to, {
    path: ['to'],
    error: 'no earlier day',
  });
