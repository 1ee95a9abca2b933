/**
 * What travels on the inbound queue: everything the worker needs to find the message, nothing clinical. Facts stand
 * in the body because the Functions host may overwrite trigger metadata with body properties.
 */
export interface MessageEnvelope {
  readonly messageId: string;
  readonly feed: string;
  /** Path in the raw archive. */
  readonly archivePath: string;
  /** Keyed hash of feed and source patient: the session, so that one patient's messages stay in order. */
  readonly sessionKey: string;
  /** ISO instant at which the exchange accepted the message. */
  readonly receivedAt: string;
  /** How often it was taken up again after it had failed; absent before the first time. */
  readonly resubmitted?: number;
  /** Id of the message that this edited copy takes the place of. */
  readonly correctionOf?: string;
  /** W3C trace context of the request that brought it. */
  readonly traceparent?: string;
}

/**
 * The ordered inbound queue. Sending the same message id twice within the duplicate window has one effect, unless it was
 * resubmitted in between.
 */
export interface MessageQueue {
  send(envelope: MessageEnvelope): Promise<void>;
}

/** What the inbound queue holds, seen without taking anything from it. */
export interface QueueView {
  /**
   * Ids of all messages on the queue, in parts: those that wait, are being processed, are put off or are dead letters. What
   * comes or goes meanwhile may be missing.
   */
  waiting(): AsyncIterable<readonly string[]>;
}
