/** Time, so that core and use cases never read it by themselves. */
export interface Clock {
  now(): Date;
}
