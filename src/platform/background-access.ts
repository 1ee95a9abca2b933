/** What runs without a caller decides about records as requests do: exports for whom asked, events for each consumer. */
import type { InvocationContext } from '@azure/functions';
import { z } from 'zod';
import type { AccessDependencies } from '../app/access/access-dependencies.js';
import type { JudgeFor } from '../app/access/judge.js';
import { readOnce } from '../app/access/read-once.js';
import { RequestAccess } from '../app/access/request-access.js';
import { advanceExport, type Advanced } from '../app/export/advance-export.js';
import { sweepExports } from '../app/export/sweep-exports.js';
import { findingPlaces } from '../app/fhir/record-places.js';
import { publishEvents } from '../app/publish-events.js';
import type { ExportKey } from '../ports/export-store.js';
import { auditDependencies } from './audit-access.js';
import { container } from './container.js';
import { createLogger, type Logger } from './logger.js';
import { retryTransient } from './retry.js';

/** Decides by the access policy of this deployment, also when files of exports are fetched. @param reading how the judges read what they decide by */
export async function judging(reading = (deps: AccessDependencies) => deps) {
  const { config } = container();
  const places = { identities: await container().identities(), identitySecret: config.identitySecret };
  const deps = reading({
    ...{ records: findingPlaces(await container().records(), places), identitySecret: config.identitySecret },
    governance: await container().governance(),
    policy: config.accessPolicy,
    feeds: config.feeds,
    baseUrl: `${config.publicUrl ?? ''}/fhir`,
  });
  const judgeFor: JudgeFor = ({ principal, purpose, now }) =>
    new RequestAccess(deps, { principal, purpose, now });
  return { ...(await auditDependencies()), records: deps.records, policy: deps.policy, judgeFor };
}

/** Publishes the outbox events among changed documents; the change feed repeats them until that succeeds. */
export async function publishEventsHandler(documents: unknown[], context: InvocationContext): Promise<void> {
  const publisher = await container().events();
  const { telemetry } = container();
  await telemetry.ready();
  const { count, lagMs, alerts } = await publishEvents(
    { ...(await judging(readOnce)), publisher },
    documents,
  );
  if (lagMs !== undefined) telemetry.record('ChangeFeed.Lag', lagMs);
  const logger = createLogger(context);
  for (const { consumer, count: told } of alerts) {
    const { id: actor, organisation } = consumer;
    logger.warn('access-alert', { status: 'event', actor, organisation, count: told });
  }
  if (count > 0) logger.info('events-published', { count, lagMs });
}

const exportKey = z.object({ client: z.string(), id: z.string() });

/** A part takes about so long, in milliseconds: then others have their turn. */
const longestPart = 20_000;

/** When an export is tried again that had to give way to another one, in milliseconds. */
const wayGiven = 5_000;

/** One export at a time goes on in this process: it reads a page after the other, as fast as it may. */
let isBusy = false;

/**
 * Goes on with a bulk export, and sends it on where there is more to do. A thrown error makes the queue deliver it again;
 * what the queue gives up, the sweep takes up.
 */
export async function exportHandler(body: unknown, context: InvocationContext): Promise<void> {
  const key = exportKey.parse(body);
  const queue = await container().exportQueue();
  if (isBusy) return queue.send(key, new Date(container().clock.now().getTime() + wayGiven));
  isBusy = true;
  try {
    const outcome = await goOn(key, createLogger(context));
    if (outcome === 'waiting') await queue.send(key);
  } finally {
    isBusy = false;
  }
}

async function goOn(key: ExportKey, logger: Logger): Promise<Advanced['outcome']> {
  const { outcome, alerts, subject, organisation } = await retryTransient(
    () => advance(key),
    () => {
      container().reportPressure(logger);
    },
  );
  if (alerts > 0)
    logger.warn('access-alert', { status: 'export', actor: subject, organisation, count: alerts });
  if (outcome === 'done') logger.info('export-done', { actor: subject });
  return outcome;
}

const advance = async (key: ExportKey): Promise<Advanced> =>
  advanceExport(
    {
      ...(await judging()),
      exports: await container().exports(),
      files: await container().exportFiles(),
      hours: container().config.exportHours,
    },
    key,
    longestPart,
  );

/** Takes up exports that nobody goes on with, and deletes those whose time is over. */
export async function sweepExportsHandler(_timer: unknown, context: InvocationContext): Promise<void> {
  const { config, clock } = container();
  const { resumed, failed, deleted } = await sweepExports({
    ...{ clock, hours: config.exportHours, forgottenAfterSeconds: config.reconcileAfterSeconds },
    exports: await container().exports(),
    files: await container().exportFiles(),
    queue: await container().exportQueue(),
  });
  const logger = createLogger(context);
  if (resumed > 0) logger.warn('exports-resumed', { count: resumed });
  if (failed > 0) logger.error('exports-failed', { count: failed });
  if (deleted > 0) logger.info('exports-deleted', { count: deleted });
}
