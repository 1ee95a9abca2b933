import { parseArgs } from 'node:util';
import { startFunctionsHost } from './host.js';
import type { FunctionsHost } from './host.js';
import { describeFailure, toLogLine } from './log.js';
import type { LogEntry } from './log.js';
import type { ScaleGroup } from './scale-group.js';

/**
 * Command line of the local Functions host: `--app DIR --port N [--group http|background] [--settings FILE]
 * [--keys k1,k2] [--drain-ms N]`. Prints one line of JSON to standard output when it serves; log lines go to standard error.
 */

function log(entry: LogEntry): void {
  process.stderr.write(`${toLogLine(entry, new Date())}\n`);
}

function fail(message: string): never {
  log({ level: 'critical', category: 'Host', message });
  process.exit(1);
}

function toNumber(text: string, option: string, maximum: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value >= 0 && value <= maximum
    ? value
    : fail(`${option} must be a whole number`);
}

function toGroup(text: string): ScaleGroup {
  return text === 'http' || text === 'background' ? text : fail('--group must be http or background');
}

function readArguments() {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    options: { app: text, port: text, group: text, settings: text, keys: text, 'drain-ms': text },
  });
  if (values.app === undefined) fail('--app DIR is missing');
  const keys = values.keys?.split(',').filter((key) => key !== '');
  return {
    appDir: values.app,
    port: toNumber(values.port ?? '7071', '--port', 65_535),
    ...(values.group === undefined ? {} : { group: toGroup(values.group) }),
    ...(values.settings === undefined ? {} : { settings: values.settings }),
    ...(keys === undefined ? {} : { keys }),
    ...(values['drain-ms'] === undefined
      ? {}
      : { drainMs: toNumber(values['drain-ms'], '--drain-ms', 2 ** 31 - 1) }),
  };
}

/** The first signal drains; a second one gives up waiting. */
function closeOnSignal(host: FunctionsHost): void {
  let isClosing = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (isClosing) process.exit(130);
    isClosing = true;
    log({ level: 'information', category: 'Host', message: `${signal}: stopping` });
    host.close().then(
      () => process.exit(0),
      (error: unknown) => fail(describeFailure(error)),
    );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}

// In Azure such an error ends the worker and the host starts a new one; here worker and host are one process, which must live.
process.on('unhandledRejection', (reason) => {
  log({ level: 'error', category: 'Worker', message: `Unhandled rejection: ${describeFailure(reason)}` });
});
process.on('uncaughtException', (error) => {
  log({ level: 'critical', category: 'Worker', message: `Uncaught exception: ${describeFailure(error)}` });
});

try {
  const host = await startFunctionsHost({ ...readArguments(), log });
  closeOnSignal(host);
  process.stdout.write(`${JSON.stringify({ ready: true, url: host.url, functions: host.functions })}\n`);
} catch (error) {
  const cause =
    error instanceof Error && error.cause !== undefined ? `: ${describeFailure(error.cause)}` : '';
  fail(`${error instanceof Error ? error.message : String(error)}${cause}`);
}
