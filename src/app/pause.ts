/** The longest pause, in milliseconds. */
const longest = 250;

/** Waits for some milliseconds. */
export const sleep = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, milliseconds);
  });

/** Waits before another attempt, by chance and longer each time, so that writers who met once do not meet again. */
export const pauseBefore = (attempt: number): Promise<void> =>
  sleep(Math.random() * Math.min(longest, 5 * 2 ** attempt));
