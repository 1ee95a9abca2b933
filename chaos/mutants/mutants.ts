/**
 * Builds that are broken on purpose, each in a way in which an exchange is broken in practice: chaos must notice every
 * one. An edit names a text of a module, which must be there exactly once.
 */
export interface Edit {
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

export const mutantNames = ['split-batch', 'answer-first', 'no-session', 'receipt-apart'] as const;
export type MutantName = (typeof mutantNames)[number];

export const isMutant = (name: string): name is MutantName => mutantNames.some((mutant) => mutant === name);

const requestBatch = 'const { code, result } = await requestBatch(container, partition, operations);';

export const mutants: Readonly<Record<MutantName, readonly Edit[]>> = {
  /** The records of a message are written in two batches, one after the other. */
  'split-batch': [
    {
      file: 'src/adapters/cosmos/record-store.ts',
      find: requestBatch,
      replace: `const half = Math.ceil(operations.length / 2);
  const first = await requestBatch(container, partition, operations.slice(0, half));
  const { code, result } =
    first.code === 200 && half < operations.length
      ? await requestBatch(container, partition, operations.slice(half))
      : first;`,
    },
  ],
  /** The sender hears that all is well before anything is safe. */
  'answer-first': [
    {
      file: 'src/app/accept-message.ts',
      find: 'await archive(deps, receipt, message);',
      replace: `if (receipt.status === 'accepted') {
    void (async () => {
      await archive(deps, receipt, message);
      const { receipt: kept } = await deps.messages.create(receipt);
      if (kept.status === 'accepted') await deps.queue.send(toEnvelope(kept));
    })().catch(() => undefined);
    return { outcome: 'accepted', receipt };
  }
  await archive(deps, receipt, message);`,
    },
  ],
  /** Messages of one patient no longer wait for one another: each is a session of its own. */
  'no-session': [
    {
      file: 'src/adapters/service-bus/messaging.ts',
      find: 'sessionId: envelope.sessionKey,',
      replace: 'sessionId: envelope.messageId,',
    },
  ],
  /** The receipt of a message is written after its records, in a batch of its own. */
  'receipt-apart': [
    {
      file: 'src/adapters/cosmos/record-store.ts',
      find: requestBatch,
      replace: `const records = operations.filter(({ document }) => document.kind !== 'receipt');
  const receipts = operations.filter(({ document }) => document.kind === 'receipt');
  const first =
    records.length === 0 ? { code: 200, result: [] } : await requestBatch(container, partition, records);
  const { code, result } =
    first.code === 200 && receipts.length > 0
      ? await requestBatch(container, partition, receipts)
      : first;`,
    },
  ],
};
