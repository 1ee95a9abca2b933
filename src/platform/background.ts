/** What runs without a caller: the worker on the inbound queue, its dead letters and the reconciler. */
import type { InvocationContext } from '@azure/functions';
import { z } from 'zod';
import { normaliseMessage } from '../app/normalise-message.js';
import { reconcileMessages } from '../app/reconcile-messages.js';
import { recordDeadLetter } from '../app/record-dead-letter.js';
import { receiptOnQueue } from '../app/receipt-on-queue.js';
import { backlogAge } from '../app/watch/watch-feeds.js';
import { ExchangeError } from '../core/errors.js';
import type { MessageEnvelope } from '../ports/message-queue.js';
import { auditDependencies } from './audit-access.js';
import { recordMessageEffects } from './audit-messages.js';
import { container } from './container.js';
import { causeOf, createLogger, type Logger } from './logger.js';
import { retryTransient } from './retry.js';
import { observedDeadLetter, observedMessage } from './telemetry/messages.js';
import { nearestParent } from './telemetry/trace-context.js';

const envelopeSchema = z.object({
  messageId: z.string(),
  feed: z.string(),
  archivePath: z.string(),
  sessionKey: z.string(),
  receivedAt: z.string(),
  traceparent: z.string().optional(),
  resubmitted: z.number().optional(),
  correctionOf: z.string().optional(),
});

function parseEnvelope(body: unknown): MessageEnvelope {
  const { traceparent, resubmitted, correctionOf, ...envelope } = envelopeSchema.parse(body);
  return {
    ...envelope,
    ...(traceparent === undefined ? {} : { traceparent }),
    ...(resubmitted === undefined ? {} : { resubmitted }),
    ...(correctionOf === undefined ? {} : { correctionOf }),
  };
}

/** Normalises one message of the inbound queue. A thrown error makes the queue deliver it again. */
export async function normaliseHandler(body: unknown, context: InvocationContext): Promise<void> {
  const envelope = parseEnvelope(body);
  const { messageId, feed, traceparent } = envelope;
  const logger = createLogger(context, { messageId, feed, traceparent });
  const started = performance.now();
  const { telemetry, clock } = container();
  const parent = nearestParent(traceparent, context.traceContext?.traceParent);
  const outcome = await observedMessage(telemetry, envelope, parent, clock.now(), (observer) =>
    retryTransient(
      async () => {
        const deps = await container().normaliseDependencies();
        const audit = await auditDependencies();
        return normaliseMessage(
          {
            ...deps,
            inStage: observer.inStage,
            tell: (told, outcome) => recordMessageEffects(audit, deps.feeds.get(told.feed), told, outcome),
          },
          continuing(envelope, observer.traceparent),
        );
      },
      (error) => {
        observer.retried(error);
        logRetry(logger, 'message-retried', error);
        container().reportPressure(logger);
      },
    ),
  );
  container().reportPressure(logger);
  logger.info('message-processed', {
    status: outcome.status,
    messageType: outcome.messageType,
    errorCode: outcome.issues.find(({ severity }) => severity === 'error')?.code,
    count: outcome.changes.length,
    durationMs: Math.round(performance.now() - started),
  });
}

/** What is made of a message goes on in its trace. */
const continuing = (envelope: MessageEnvelope, traceparent: string | undefined): MessageEnvelope =>
  traceparent === undefined ? envelope : { ...envelope, traceparent };

/** Records a message of the dead-letter queue as failed, unless it only waited for another one. */
export async function deadLetterHandler(body: unknown, context: InvocationContext): Promise<void> {
  const envelope = parseEnvelope(body);
  const { telemetry } = container();
  const deps = await container().normaliseDependencies();
  const status = await observedDeadLetter(telemetry, envelope, async () => {
    await receiptOnQueue(deps, envelope);
    return recordDeadLetter(deps, envelope, deliveriesOf(context));
  });
  const { messageId, feed } = envelope;
  const logger = createLogger(context);
  if (status === 'failed' || status === 'unknown') logger.error('message-dead-lettered', { messageId, feed });
  if (status === 'waits') logger.warn('message-left-to-reconciler', { messageId, feed });
}

/** How often a dead letter was delivered before: the host counts the delivery to us, too. */
function deliveriesOf({ triggerMetadata }: InvocationContext): number {
  const count = Number(triggerMetadata?.['deliveryCount']);
  return Number.isInteger(count) && count > 1 ? count - 1 : 1;
}

/** Puts forgotten messages on the queue again. */
export async function reconcileHandler(_timer: unknown, context: InvocationContext): Promise<void> {
  const { messages, queue, clock } = await container().acceptDependencies();
  const { reconcileAfterSeconds } = container().config;
  const { telemetry } = container();
  if (telemetry.isOn) telemetry.record('Backlog.Age', await backlogAge({ messages, clock }));
  const count = await reconcileMessages({ messages, queue, clock, reconcileAfterSeconds });
  telemetry.record('Message.Requeued', count);
  if (count > 0) createLogger(context).warn('messages-requeued', { count });
}

function logRetry(logger: Logger, event: string, error: unknown): void {
  const known = error instanceof ExchangeError ? error : undefined;
  logger.warn(event, { errorCode: known?.code, cause: causeOf(known?.cause ?? error) });
}
