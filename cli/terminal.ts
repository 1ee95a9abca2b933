/** What a command may touch of the process, so that tests can stand in for it. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `out` shows colours. */
  readonly isColoured: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readInput(): Promise<Uint8Array>;
}

/** How a command ended; docs/reference/cli.md says what each means. */
export const exit = { done: 0, refused: 1, usage: 2, doubtful: 3 } as const;

/** The command was called in a way it does not know. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The only place that a command takes, such as its file. */
export function oneOf(places: readonly string[], name: string): string {
  const [place] = places;
  if (place === undefined || places.length > 1) throw new UsageError(`one ${name} is needed`);
  return place;
}

/** The number that an option holds. @throws UsageError */
export function wholeNumber(text: string, name: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new UsageError(`--${name} takes a number`);
  return Number(text);
}
