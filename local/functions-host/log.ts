import { inspect } from 'node:util';
import type { RpcLogLevel } from './core-types.js';

/** One event worth a line. Never holds message bodies. */
export type LogEntry = {
  readonly level: Exclude<RpcLogLevel, 'none'>;
  /** Who speaks, as in the real host: `Host.*`, `Function.<name>` (the host about it), `Function.<name>.User` (its own words). */
  readonly category: string;
  readonly message: string;
};

/** Where log entries go. */
export type Log = (entry: LogEntry) => void;

const severity: Readonly<Record<string, number>> = {
  trace: 0,
  debug: 1,
  information: 2,
  warning: 3,
  error: 4,
  critical: 5,
  none: 6,
};

const stackLines = 6;

/** One line: time, level, category, message; line breaks in the message are made visible. */
export function toLogLine(entry: LogEntry, at: Date): string {
  const message = entry.message.replace(/\r\n|\r|\n/g, '\\n');
  return `${at.toISOString()} ${entry.level} ${entry.category} ${message}`;
}

/**
 * The filter that `logging.logLevel` of host.json describes: the longest category prefix wins, then `default`,
 * then `information`. An unknown level name counts as `information`.
 */
export function createLogFilter(levels: Readonly<Record<string, string>>): (entry: LogEntry) => boolean {
  const rules = Object.entries(levels)
    .map(([category, level]) => [category.toLowerCase(), severity[level.toLowerCase()] ?? 2] as const)
    .sort(([a], [b]) => b.length - a.length);
  const fallback = rules.find(([category]) => category === 'default')?.[1] ?? 2;
  return ({ category, level }) => {
    const name = category.toLowerCase();
    const rule = rules.find(([prefix]) => name === prefix || name.startsWith(`${prefix}.`));
    return (severity[level] ?? 2) >= (rule?.[1] ?? fallback);
  };
}

/** An error in one sentence: code and message, also of the errors that an `AggregateError` holds. */
export function describeError(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) {
    return [...new Set(error.errors.map(describeError))].join('; ');
  }
  if (!(error instanceof Error)) return inspect(error, { depth: 1, breakLength: Infinity });
  const { code } = error as { code?: unknown };
  const message = error.message || error.name;
  const hasCode = (typeof code === 'string' || typeof code === 'number') && !message.startsWith(String(code));
  return hasCode ? `${code}: ${message}` : message;
}

/** An error of app code: its message and the first frames of its stack. */
export function describeFailure(error: unknown): string {
  if (!(error instanceof Error) || error.stack === undefined) return describeError(error);
  return error.stack.split('\n').slice(0, stackLines).join('\n');
}
