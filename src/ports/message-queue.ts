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
  /** W3C trace context of the request that brought it. */
  readonly traceparent?: string;
}

/** The ordered inbound queue. Sending the same message id twice within the duplicate window has one effect. */
export interface MessageQueue {
  send(envelope: MessageEnvelope): Promise<void>;
}
