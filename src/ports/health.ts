/** A check of one dependency; rejects or takes too long when it is not usable. */
export interface HealthProbe {
  readonly name: string;
  check(signal: AbortSignal): Promise<void>;
}
