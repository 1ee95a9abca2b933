import { join } from 'node:path';
import type { Namespace } from '../entities/namespace.js';
import { claimDataFolder } from './data-folder.js';
import { OperationLog } from './log.js';
import { noJournal } from './operations.js';
import { Turn } from './turn.js';

/** The entities of a running broker, and how to let go of them. */
export interface State {
  readonly namespace: Namespace;
  readonly turn: Turn;
  close(): void;
}

/** Where and how state is kept. */
export interface StateOptions {
  /** Absent for a state that ends with the process. */
  readonly dataDir: string | undefined;
  /** Bytes of log below which it is left alone. */
  readonly compactAbove: number;
  readonly log: (line: string) => void;
  /** The log cannot be written: nothing may be confirmed any more. */
  readonly onFailure: (error: unknown) => void;
}

/** A log is compacted when it is so many times as large as what is worth keeping of it. */
const GARBAGE_FACTOR = 3;

/**
 * Brings the entities back from the log, or starts them empty.
 *
 * @param build makes the entities of the configuration, empty
 * @throws LogDamagedError for an unreadable log, Error when another process holds the data folder
 */
export function openState(options: StateOptions, build: (turn: Turn) => Namespace): State {
  const { dataDir, onFailure } = options;
  if (dataDir === undefined) {
    const turn = new Turn(noJournal, () => undefined, onFailure);
    return { namespace: build(turn), turn, close: () => undefined };
  }
  const release = claimDataFolder(dataDir);
  try {
    const journal = OperationLog.open(join(dataDir, 'service-bus.log'));
    const { namespace, turn } = replay(journal, options, build);
    const close = (): void => {
      turn.run();
      journal.close();
      release();
    };
    return { namespace, turn, close };
  } catch (error) {
    release();
    throw error;
  }
}

function replay(
  journal: OperationLog,
  { compactAbove, log, onFailure }: StateOptions,
  build: (turn: Turn) => Namespace,
): Omit<State, 'close'> {
  // What the log held when it was last compacted: it is let grow to a multiple of that, so that the work of
  // compacting stays a small part of the work of writing, whatever the log holds besides messages.
  let kept = 0;
  const compact = (): void => {
    journal.compact(namespace.snapshot());
    kept = journal.size;
  };
  const compactWhenWorthwhile = (): void => {
    const worthwhile = GARBAGE_FACTOR * Math.max(kept, namespace.bytes());
    if (journal.size > compactAbove && journal.size > worthwhile) compact();
  };
  const turn = new Turn(journal, compactWhenWorthwhile, onFailure);
  const namespace = build(turn);
  journal.replay((operation) => {
    namespace.restore(operation);
  });
  for (const [entity, count] of namespace.orphans) {
    log(`The Service Bus log has ${count} entries of '${entity}', which the configuration lacks: dropped.`);
  }
  namespace.open();
  compact();
  return { namespace, turn };
}
