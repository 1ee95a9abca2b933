import type { BrokerError } from '../errors.js';

/** A receiver that is attached to a queue, a subscription or a dead-letter queue. */
export interface Consumer {
  /** Its link's name, by which session requests refer to it. */
  readonly name: string;
  /** Receive-and-delete: messages are settled by being handed out. */
  readonly deletesOnReceipt: boolean;
  /** Whether it has asked for another message. */
  canTake(): boolean;
  /** Hands it a message; `token` names the lock. */
  take(token: string, bytes: Buffer): void;
  /** Ends it because its right to receive has ended. */
  close(reason: BrokerError): void;
}

/** What a receiver decides about a message. */
export type Settlement =
  | { readonly kind: 'complete' }
  | {
      readonly kind: 'abandon' | 'defer' | 'dead-letter';
      /** Application properties to add or replace. */
      readonly properties: ReadonlyMap<string, unknown>;
    };
