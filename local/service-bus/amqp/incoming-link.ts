import type { Entity } from '../entities/namespace.js';
import { toBrokerError } from '../errors.js';
import { parseBatch, parseMessage } from '../message/parse.js';
import { BATCH_FORMAT } from '../message/sections.js';
import type { Turn } from '../storage/turn.js';
import type { Delivery } from './rhea.js';
import { formatOf } from './rhea.js';

/**
 * Takes a transfer from a client's sender: one message, or a batch, of which all or none are taken. It is
 * accepted once it is written to the journal.
 */
export function receiveTransfer(entity: Entity, delivery: Delivery, bytes: Buffer, turn: Turn): void {
  try {
    const arrived = formatOf(delivery) === BATCH_FORMAT ? parseBatch(bytes) : [parseMessage(bytes)];
    for (const message of arrived) entity.check(message);
    for (const message of arrived) entity.submit(message);
  } catch (error) {
    const { condition, message: description } = toBrokerError(error);
    delivery.reject({ condition, description });
    return;
  }
  turn.onceWritten(() => {
    delivery.accept();
  });
}
