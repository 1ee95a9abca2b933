import { container } from '../container.js';

/** A worker has some seconds to end in; a collector that is away must not take them all. In milliseconds. */
const longestMs = 3_000;

/** Sends what is held, as far as that is possible soon. */
export async function flushTelemetry(): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, longestMs);
  });
  await Promise.race([container().telemetry.flush(), enough]);
  clearTimeout(timer);
}
