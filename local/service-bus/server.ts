import { KEY_NAME } from './amqp/authorisation.js';
import { listen } from './amqp/listener.js';
import type { Clock } from './clock.js';
import { systemClock } from './clock.js';
import type { EmulatorConfig } from './config/emulator-config.js';
import { readConfig } from './config/read-config.js';
import type { EntityCounts } from './entities/namespace.js';
import { Namespace } from './entities/namespace.js';
import { serveHealth } from './health.js';
import { openState } from './storage/open-state.js';

/** How to start the broker. */
export interface ServiceBusBrokerOptions {
  /** AMQP port on 127.0.0.1; 0 for any free one. */
  readonly port: number;
  /** HTTP port of `/health` and `/queues`; 0 for any free one, absent for none. */
  readonly healthPort?: number;
  /** The topology, in the format of Microsoft's emulator. */
  readonly config: EmulatorConfig;
  /** Where the log is kept; absent for a broker that forgets everything when it stops. */
  readonly dataDir?: string;
  /** The access key that clients must have; the emulator's by default. */
  readonly key?: string;
  /** Largest message or batch in bytes; by default 256 KiB, the limit of the Standard tier. */
  readonly maxMessageSize?: number;
  /** Bytes that one queue or subscription may hold; by default 1 GiB. */
  readonly maxEntityBytes?: number;
  /** Bytes of log below which it is left alone; by default 8 MiB. */
  readonly compactAbove?: number;
  readonly clock?: Clock;
  /** Told, in one line, what somebody should know: warnings and failures. */
  readonly log?: (line: string) => void;
  /** Told once when the broker cannot go on, because its log cannot be written; it confirms nothing any more. */
  readonly onFailure?: (error: unknown) => void;
}

/** A running broker. */
export interface ServiceBusBroker {
  readonly connectionString: string;
  readonly port: number;
  readonly healthPort: number | undefined;
  /** What in the configuration Microsoft's emulator would refuse. */
  readonly warnings: readonly string[];
  /** Messages per entity by state. */
  counts(): Record<string, EntityCounts>;
  /** Does what is due without waiting for the next sweep; for tests with a clock of their own. */
  sweep(): void;
  close(): Promise<void>;
}

const SWEEP_INTERVAL = 25;
const DEFAULTS = {
  key: 'SAS_KEY_VALUE',
  maxMessageSize: 256 * 1024,
  maxEntityBytes: 1024 ** 3,
  compactAbove: 8 * 1024 ** 2,
} as const;

/**
 * Starts a Service Bus broker on 127.0.0.1. Development and tests only.
 *
 * @throws ConfigError for a faulty configuration, LogDamagedError for an unreadable log, Error when a port or
 * the data folder is taken
 */
export async function startServiceBusBroker(options: ServiceBusBrokerOptions): Promise<ServiceBusBroker> {
  const { clock = systemClock, key = DEFAULTS.key, log = () => undefined } = options;
  const { namespace: config, warnings } = readConfig(options.config);
  for (const warning of warnings) log(warning);
  let stopListening: () => void = () => undefined;
  const stateOptions = {
    dataDir: options.dataDir,
    compactAbove: options.compactAbove ?? DEFAULTS.compactAbove,
    log,
    onFailure: (error: unknown) => {
      log(`The Service Bus broker cannot go on, so it stops: ${String(error)}`);
      stopListening();
      options.onFailure?.(error);
    },
  };
  const { maxEntityBytes = DEFAULTS.maxEntityBytes, maxMessageSize = DEFAULTS.maxMessageSize } = options;
  const state = openState(stateOptions, (turn) => new Namespace(config, { clock, turn, maxEntityBytes }));
  const { namespace, turn } = state;
  try {
    const services = { namespace, turn, clock, key, maxMessageSize };
    const listener = await listen(services, options.port, (error) => {
      log(`The Service Bus broker failed: ${String(error)}`);
    });
    stopListening = () => void listener.close();
    const health =
      options.healthPort === undefined
        ? undefined
        : await serveHealth(options.healthPort, () => namespace.counts()).catch(async (error: unknown) => {
            await listener.close();
            throw error;
          });
    const sweep = (): void => {
      namespace.sweep(clock.now());
    };
    const sweeper = setInterval(sweep, SWEEP_INTERVAL);
    return {
      connectionString: `Endpoint=sb://127.0.0.1:${listener.port};SharedAccessKeyName=${KEY_NAME};SharedAccessKey=${key};UseDevelopmentEmulator=true`,
      port: listener.port,
      healthPort: health?.port,
      warnings,
      counts: () => namespace.counts(),
      sweep,
      close: async () => {
        clearInterval(sweeper);
        await health?.close();
        await listener.close();
        state.close();
      },
    };
  } catch (error) {
    state.close();
    throw error;
  }
}
