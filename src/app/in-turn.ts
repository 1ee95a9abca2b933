/** Runs a task once all tasks that came before it under one of its keys are done. */
export type InTurn = <T>(keys: readonly string[], task: () => Promise<T>) => Promise<T>;

/**
 * Lets the tasks of one key run one after the other, in the order in which they came. It saves the writers of one process
 * from getting in each other's way; what is right is ensured by the store, which knows the writers of other processes, too.
 * A task takes its place under all its keys at once, so that no two tasks wait for each other.
 */
export function createTurns(): InTurn {
  const last = new Map<string, Promise<void>>();
  return (keys, task) => {
    const before = keys.flatMap((key) => last.get(key) ?? []);
    const result = Promise.all(before).then(task);
    const done = result.then(ignore, ignore).then(() => {
      for (const key of keys) if (last.get(key) === done) last.delete(key);
    });
    for (const key of keys) last.set(key, done);
    return result;
  };
}

const ignore = (): void => undefined;
