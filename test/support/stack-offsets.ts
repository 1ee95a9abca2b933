/** Who starts a stack of their own. */
const stacks = [
  'access',
  'audit',
  'break-glass',
  'calm',
  'clients',
  'compatibility',
  'export',
  'formats',
  'functions-worker',
  'governance-faults',
  'hardening',
  'journey',
  'large-bodies',
  'operations',
  'shaken',
  'sign-in',
  'telemetry',
  'throttling',
  'transactions',
  'triage',
  'writes',
] as const;
export type StackName = (typeof stacks)[number];

/**
 * What a test adds to the ports of its stack. The ports of different stacks stay apart (those of one differ by no
 * multiple of 500), away from those of a stack that a developer runs, and below 32768, from where on the system gives
 * ports to outgoing connections.
 */
export const stackOffset = (name: StackName): number => 12_000 + 500 * stacks.indexOf(name);
