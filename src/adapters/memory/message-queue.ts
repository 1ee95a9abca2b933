import type { MessageEnvelope, MessageQueue, QueueView } from '../../ports/message-queue.js';

/** A queue in memory that shows what was sent: for unit tests. */
export interface MemoryMessageQueue extends MessageQueue, QueueView {
  readonly sent: readonly MessageEnvelope[];
}

export function createMemoryMessageQueue(): MemoryMessageQueue {
  const sent: MessageEnvelope[] = [];
  return {
    sent,
    send(envelope) {
      sent.push(envelope);
      return Promise.resolve();
    },
    async *waiting() {
      yield await Promise.resolve(sent.map(({ messageId }) => messageId));
    },
  };
}
