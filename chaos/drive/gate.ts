/** Holds senders back for a moment, such as while a store writes down what it has only in memory. */
export interface Gate {
  /** Runs a request; waits first while the gate is closed. */
  pass<T>(request: () => Promise<T>): Promise<T>;
  /** Closes the gate and waits until no request is under way. */
  close(): Promise<void>;
  open(): void;
}

export function createGate(): Gate {
  let running = 0;
  let closed: Promise<void> | undefined;
  let reopen = (): void => undefined;
  let idle = (): void => undefined;
  return {
    async pass(request) {
      while (closed !== undefined) await closed;
      running += 1;
      try {
        return await request();
      } finally {
        running -= 1;
        if (running === 0) idle();
      }
    },
    async close() {
      closed ??= new Promise((resolve) => {
        reopen = resolve;
      });
      if (running === 0) return;
      await new Promise<void>((resolve) => {
        idle = resolve;
      });
    },
    open() {
      closed = undefined;
      reopen();
    },
  };
}
