/** Stands between a use case and its ports. */

/** A port, with something done before each of its calls. */
export const watched = <T extends object>(port: T, before: (name: string) => Promise<void>): T =>
  Object.fromEntries(
    Object.entries(port).map(([name, method]) => [
      name,
      async (...args: unknown[]) => {
        await before(name);
        return (method as (...args: unknown[]) => unknown)(...args);
      },
    ]),
  ) as T;
