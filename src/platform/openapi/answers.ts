/** What the routes beside `/fhir` answer, as schemas: more properties may stand beside those that are named. */
import { z } from 'zod';
import { messageStatuses } from '../../ports/message-store.js';

const errorCode = z
  .string()
  .regex(/^HDE_[A-Z0-9_]+$/)
  .describe('See docs/reference/errors.md');
export const instant = z.string().describe('ISO instant in UTC');
const messageId = z.string();
export const count = z.int().min(0);
export const continuation = z.string().optional().describe('Present exactly when there is more');

const issue = z.looseObject({
  code: errorCode,
  severity: z.enum(['fatal', 'error', 'warning', 'information']),
  location: z.string().optional().describe('Place in the input, such as PID-3[2].4'),
  text: z.string(),
});

const recordChange = z.looseObject({
  resourceType: z.string(),
  id: z.string(),
  versionId: z.int().min(1),
  change: z.string(),
});

const receiptFields = {
  id: messageId,
  feed: z.string(),
  status: z.enum(messageStatuses),
  messageType: z.string().optional(),
  controlId: z.string().optional(),
  sha256: z.string(),
  size: count,
  receivedAt: instant,
  finishedAt: instant.optional(),
  correctionOf: messageId.optional(),
  correctedBy: messageId.optional(),
  issues: z.array(issue),
};

/** What became of a message, as its sender sees it. */
export const receipt = z.looseObject({
  ...receiptFields,
  records: z.array(recordChange),
  unmapped: z.array(z.string()).describe('Populated fields that the mapping knows nothing about'),
});

/** What became of a message, as an operator sees it. */
export const operatorReceipt = z.looseObject({
  ...receiptFields,
  archivePath: z.string(),
  attempts: count,
  duplicates: count,
  requeued: count,
  resubmitted: count,
  stage: z.string().optional(),
  errorCode: errorCode.optional(),
  changes: z.array(recordChange),
  history: z.array(z.looseObject({ at: instant, by: z.string(), action: z.string() })),
});

export const messagePage = z.looseObject({ messages: z.array(operatorReceipt), continuation });

export const shownMessage = z.looseObject({
  receipt: operatorReceipt,
  corrections: z.array(z.looseObject({ id: messageId })),
  raw: z.looseObject({ text: z.string(), charset: z.string() }),
  issues: z.array(issue),
  ledger: z.array(z.looseObject({})),
  lineage: z.array(z.looseObject({})),
});

export const resubmissionDone = z.looseObject({
  resubmitted: count,
  skipped: count,
  stoppedBy: errorCode.optional(),
  continuation,
});

export const replayPage = z.looseObject({
  messages: count,
  patients: count,
  differences: z.array(z.looseObject({})).describe('By patient, the worst first'),
  failures: z.array(z.looseObject({ messageId, errorCode })),
  skipped: z.array(z.looseObject({ reason: z.string() })),
  recovered: z.array(messageId).optional().describe('Failed messages that would take effect now, or did'),
  continuation,
});

export const replayDone = replayPage.extend({
  changes: z.array(recordChange),
  kept: z.array(z.string()),
  queued: z.array(messageId).optional().describe('Failed messages that wait for others on the queue'),
});

const differences = z.array(z.looseObject({ messageId, problem: z.string() }));
export const ledgerPage = z.looseObject({
  counts: z.record(z.enum(messageStatuses), count),
  duplicates: count,
  differences,
  continuation,
});
export const archivePage = z.looseObject({ archived: count, differences, continuation });
export const takenIn = z.looseObject({
  takenIn: z.array(messageId).describe('On the queue, or failed as their sender was told'),
  left: z.array(z.looseObject({ messageId, reason: z.enum(['known', 'not-archived', 'edited']) })),
  stoppedBy: errorCode.optional().describe('Present where it stopped before the last one: go on later'),
});

export const reindexPage = z.strictObject({
  definitions: z.string().describe('Changes whenever what is indexed does'),
  records: count,
  rewritten: count,
  waiting: count.describe('Records that were being changed: for a later run'),
  continuation,
});

export const auditPage = z.looseObject({
  entries: z
    .array(z.looseObject({ id: z.string() }))
    .describe('Entries of the trail, or AuditEvents of FHIR R4 (docs/reference/audit.md)'),
  continuation,
});
export const auditLinesPage = z.looseObject({
  lines: z.array(z.looseObject({ kind: z.enum(['genesis', 'entry', 'end', 'trail']) })),
  faults: z.array(z.looseObject({ kind: z.string(), day: z.string(), shard: z.string() })),
  continuation,
});

const dependency = z.strictObject({ status: z.enum(['up', 'down']), durationMs: z.number().min(0) });
export const health = z.union([
  z.strictObject({ live: z.literal(true) }),
  z.strictObject({
    live: z.literal(true),
    ready: z.boolean(),
    dependencies: z.record(z.string(), dependency),
  }),
]);

const check = z.strictObject({
  data: z.strictObject({}),
  duration: z.string(),
  status: z.enum(['Healthy', 'Unhealthy']),
  tags: z.array(z.string()),
});
export const healthReport = z.strictObject({
  status: check.shape.status,
  totalDuration: z.string(),
  entries: z.record(z.string(), check),
});

export const issuedToken = z.strictObject({
  access_token: z.string(),
  token_type: z.literal('bearer'),
  expires_in: count.describe('Seconds'),
  scope: z.string().describe('What was granted of the scopes that were asked for'),
});
export const oauthError = z.strictObject({
  error: z.enum([
    ...(['invalid_request', 'invalid_client', 'unsupported_grant_type', 'invalid_scope'] as const),
    'temporarily_unavailable',
  ]),
  error_description: z.string(),
});
export const publicKeys = z.strictObject({
  keys: z.array(z.looseObject({ kty: z.string(), kid: z.string(), alg: z.string() })),
});
export const smartConfiguration = z.looseObject({
  issuer: z.url(),
  token_endpoint: z.url(),
  jwks_uri: z.url(),
});

export const outcome = z.looseObject({
  resourceType: z.literal('OperationOutcome'),
  issue: z.array(z.looseObject({ severity: z.string(), code: z.string() })).min(1),
});

export const patient = z.looseObject({ resourceType: z.literal('Patient'), id: z.string() });
export const openApiDocument = z.looseObject({
  openapi: z.string(),
  paths: z.record(z.string(), z.unknown()),
});
