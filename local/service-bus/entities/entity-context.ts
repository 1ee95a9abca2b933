import type { Clock } from '../clock.js';
import type { BrokerMessage } from '../message/broker-message.js';
import type { Turn } from '../storage/turn.js';

/** What entities share. */
export interface EntityContext {
  readonly clock: Clock;
  readonly turn: Turn;
  /** Bytes that one entity may hold. */
  readonly maxEntityBytes: number;
  /** Sends a message on to another queue or topic. */
  forward(target: string, message: BrokerMessage): void;
}
