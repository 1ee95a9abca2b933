/** Ports whose use is told of. What they do is the same with telemetry as without. */
import type { TokenVerifier } from '../../adapters/auth/token-verifier.js';
import type { AuditTrail } from '../../app/audit/audit-trail.js';
import { ExchangeError } from '../../core/errors.js';
import type { Principal } from '../../core/governance/access.js';
import type { EventPublisher } from '../../ports/event-publisher.js';
import type { MessageQueue } from '../../ports/message-queue.js';
import type { RawArchive } from '../../ports/raw-archive.js';
import { inSpan, type Telemetry } from './telemetry.js';

/** What a message on the queue says of its trace goes on from the span that put it there. */
export const observedQueue = (telemetry: Telemetry, queue: MessageQueue): MessageQueue => ({
  send: (envelope) => {
    const { feed, messageId, traceparent: parent } = envelope;
    const options = { kind: 'producer', parent, attributes: { feed, messageId } } as const;
    return inSpan(telemetry, 'enqueue', options, ({ traceparent }) =>
      queue.send(traceparent === undefined ? envelope : { ...envelope, traceparent }),
    );
  },
});

/** Each event is published as a part of the trace that made it; whoever receives it goes on from there. */
export const observedEvents = (telemetry: Telemetry, publisher: EventPublisher): EventPublisher => ({
  async publish(events) {
    const published = events.map(({ consumer, event }) => {
      const { feed, messageId, messageType, traceparent: parent } = event;
      const attributes = { feed, messageId, messageType };
      const span = telemetry.begin('publish', { kind: 'producer', parent, attributes });
      const { traceparent } = span;
      return {
        span,
        told: { consumer, event: traceparent === undefined ? event : { ...event, traceparent } },
      };
    });
    let failed = true;
    try {
      await publisher.publish(published.map(({ told }) => told));
      failed = false;
      for (const { event } of events) telemetry.record('Event.Published', 1, { feed: event.feed });
    } finally {
      for (const { span } of published) span.end(failed);
    }
  },
});

export const observedArchive = (telemetry: Telemetry, archive: RawArchive): RawArchive => ({
  ...archive,
  put: (path, bytes, contentType) =>
    inSpan(telemetry, 'archive', { kind: 'client' }, () => archive.put(path, bytes, contentType)),
});

/** Accesses are counted as they are recorded, so that the counts agree with the trail. */
export const observedTrail = (telemetry: Telemetry, trail: AuditTrail): AuditTrail => ({
  record: (entry) => {
    const { interaction, outcome, reason } = entry;
    const attributes = { interaction, outcome, reason };
    if (outcome !== 'begun') telemetry.record('Access.Decided', 1, attributes);
    return inSpan(telemetry, 'audit', { kind: 'client', attributes }, () => trail.record(entry));
  },
});

export const observedVerifier =
  (telemetry: Telemetry, verify: TokenVerifier): TokenVerifier =>
  (...presented) => {
    const accept = (principal: Principal): Principal => {
      telemetry.record('Token.Verified', 1, { outcome: 'accepted' });
      return principal;
    };
    const refuse = (error: unknown): never => {
      const isRefused = error instanceof ExchangeError && error.code === 'HDE_UNAUTHENTICATED';
      telemetry.record('Token.Verified', 1, { outcome: isRefused ? 'refused' : 'unavailable' });
      throw error;
    };
    const verified = verify(...presented);
    return verified instanceof Promise ? verified.then(accept, refuse) : accept(verified);
  };
