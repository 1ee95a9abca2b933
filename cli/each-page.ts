/** Work that the exchange does page by page, and that goes on where it broke off. */
import { setTimeout } from 'node:timers/promises';
import { RefusedError } from './exchange-client.js';
import type { Terminal } from './terminal.js';

interface Page {
  /** Present exactly when there is more. */
  readonly continuation?: string;
}

interface Paging<T extends Page> {
  /** Asks for the page behind a continuation; undefined for the first. @throws RefusedError */
  readonly ask: (continuation: string | undefined) => Promise<T>;
  readonly add: (page: T) => void;
  readonly from: string | undefined;
  /** Milliseconds between two pages. */
  readonly pause: number;
}

/** @returns false when a page was refused: why, and where to go on, was told then */
export async function eachPage<T extends Page>(
  { ask, add, from, pause }: Paging<T>,
  terminal: Terminal,
): Promise<boolean> {
  let continuation = from;
  try {
    do {
      const page = await ask(continuation);
      add(page);
      continuation = page.continuation;
      if (continuation !== undefined) await setTimeout(pause);
    } while (continuation !== undefined);
    return true;
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    terminal.err(`${error.message}\n`);
    if (continuation !== undefined) terminal.err(`Go on with --continuation '${continuation}'\n`);
    return false;
  }
}
