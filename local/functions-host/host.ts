import { resolve } from 'node:path';
import { loadApp, provideCoreModule } from './app-loader.js';
import { toLoadedFunction } from './bindings.js';
import type { LoadedFunction } from './bindings.js';
import type { ProgrammingModel } from './core-types.js';
import { createCosmosTrigger } from './cosmos-trigger.js';
import { loadHostOptions } from './host-json.js';
import type { HostOptions } from './host-json.js';
import { HttpFront } from './http-server.js';
import { StreamForwarder } from './http-streamed.js';
import { toHttpFunction } from './http-trigger.js';
import { Invoker } from './invocation.js';
import { createLogFilter, describeError } from './log.js';
import type { Log } from './log.js';
import { getCapabilities } from './capabilities.js';
import { toManualInput } from './manual-input.js';
import { OutputWriter, serviceBusOutput } from './outputs.js';
import { Registration } from './registration.js';
import { isHttp, isServedBy } from './scale-group.js';
import type { ScaleGroup } from './scale-group.js';
import { ServiceBusClients } from './service-bus-clients.js';
import { createServiceBusTrigger } from './service-bus-trigger.js';
import { loadSettings } from './settings.js';
import type { Settings } from './settings.js';
import { disableNagle } from '../service-bus/tcp-no-delay.js';
import { createTimerTrigger } from './timer-trigger.js';
import { atMost } from './trigger.js';
import type { TriggerHost, TriggerListener } from './trigger.js';

/** How to run an app. */
export type FunctionsHostOptions = {
  /** Folder with package.json, host.json and the app's code. */
  readonly appDir: string;
  /** Port on 127.0.0.1; 0 = any free one. Without the HTTP functions nothing listens there. */
  readonly port: number;
  /** The functions to serve; default: all. */
  readonly group?: ScaleGroup;
  /** Settings file; by default `local.settings.json` in the app's folder. */
  readonly settings?: string;
  /** Function keys; without them functions of every level are open, as with `func start`. */
  readonly keys?: readonly string[];
  /** How long `close` lets running invocations go on, in milliseconds. Default 30 000. */
  readonly drainMs?: number;
  /** Where log entries go; by default nowhere. */
  readonly log?: Log;
};

/** A running host. */
export type FunctionsHost = {
  /** `http://127.0.0.1:<port>`; undefined without the HTTP functions. */
  readonly url: string | undefined;
  /** Names of the functions it serves, sorted; those that are disabled among them. */
  readonly functions: readonly string[];
  /**
   * Runs a function that is not HTTP triggered, now, as `POST /admin/functions/{name}` does.
   *
   * @param input - body of the message, or JSON text of the changed documents; ignored by timers
   * @throws what the function threw, or Error when there is no such function
   */
  invoke(name: string, input?: string): Promise<void>;
  /** Takes no new work, lets running invocations end (bounded), runs appTerminate hooks and gives up all connections. */
  close(): Promise<void>;
};

const defaultDrain = 30_000;

/**
 * Loads an unmodified Azure Functions v4 app and serves its triggers. It works on the whole process (module hook, environment,
 * working directory), so that a process runs one host only.
 *
 * @throws Error when the app cannot be loaded, a binding is unknown, a setting is missing, or the port is taken
 */
export async function startFunctionsHost(options: FunctionsHostOptions): Promise<FunctionsHost> {
  const appDir = resolve(options.appDir);
  const settings = loadSettings(appDir, options.settings && resolve(options.settings), process.env);
  const hostOptions = loadHostOptions(appDir);
  const log = filterLog(options.log ?? (() => undefined), hostOptions);
  const registration = new Registration(log);
  disableNagle();
  provideCoreModule(registration.coreModule());
  process.chdir(appDir); // as the real worker does

  const files = await loadApp(appDir);
  const functions = [...registration.functions.values()].map((registered) =>
    toLoadedFunction(registered, settings),
  );
  const { model } = registration;
  if (!model || functions.length === 0)
    throw new Error(`The app registers no function (loaded: ${files.join(', ')})`);
  await registration.runHooks('appStart', {
    hookData: registration.appLevelHookData,
    appHookData: registration.appHookData,
    functionAppDirectory: appDir,
  });
  const capabilities = await getCapabilities(model);
  registration.lock();
  return serve({
    options,
    settings,
    hostOptions,
    log,
    registration,
    model,
    functions,
    httpUri: capabilities['HttpUri'],
  });
}

type LoadedApp = {
  readonly options: FunctionsHostOptions;
  readonly settings: Settings;
  readonly hostOptions: HostOptions;
  readonly log: Log;
  readonly registration: Registration;
  readonly model: ProgrammingModel;
  readonly functions: readonly LoadedFunction[];
  readonly httpUri: string | undefined;
};

async function serve(app: LoadedApp): Promise<FunctionsHost> {
  const { options, settings, hostOptions, log, functions } = app;
  const clients = new ServiceBusClients();
  const invoker = new Invoker(app.registration, app.model, new OutputWriter(clients, settings), log);
  const served = functions.filter((one) => isServedBy(options.group, one));
  const enabled = served.filter(({ name }) => !isDisabled(name, settings));
  checkOutputs(functions, settings);
  const triggerHost = { invoker, settings, options: hostOptions, clients, log };
  const listeners = enabled.filter((one) => !isHttp(one)).map((one) => createListener(one, triggerHost));

  const invoke = async (name: string, input?: string): Promise<void> => {
    const target = functions.find((one) => one.name.toLowerCase() === name.toLowerCase() && !isHttp(one));
    if (!target) throw new Error(`There is no function '${name}' that can be run by hand`);
    await invoker.invoke(target, toManualInput(target, input));
  };
  const front = new HttpFront({
    functions: enabled.filter(isHttp).map((target) => toHttpFunction(target, hostOptions)),
    invoker,
    forwarder: app.httpUri === undefined ? undefined : new StreamForwarder(app.httpUri),
    keys: options.keys,
    maxOutstandingRequests: hostOptions.http.maxOutstandingRequests,
    runManually: (name, input) => {
      const exists = functions.some((one) => one.name.toLowerCase() === name.toLowerCase() && !isHttp(one));
      if (exists) invoke(name, input).catch(() => undefined); // logged by the invoker
      return exists;
    },
    log,
  });
  const url = options.group === 'background' ? undefined : await front.listen(options.port);
  for (const listener of listeners) listener.start();
  const close = createClose(app, front, listeners, clients, invoker);
  return { url, functions: served.map(({ name }) => name).sort(), invoke, close };
}

function createListener(target: LoadedFunction, host: TriggerHost): TriggerListener {
  switch (target.trigger.type) {
    case 'servicebustrigger':
      return createServiceBusTrigger(target, host);
    case 'timertrigger':
      return createTimerTrigger(target, host);
    case 'cosmosdbtrigger':
      return createCosmosTrigger(target, host);
    default:
      throw new Error(`Function '${target.name}': trigger type '${target.trigger.type}' is not supported`);
  }
}

function createClose(
  app: LoadedApp,
  front: HttpFront,
  listeners: readonly TriggerListener[],
  clients: ServiceBusClients,
  invoker: Invoker,
): () => Promise<void> {
  let closing: Promise<void> | undefined;
  const closeOnce = async (): Promise<void> => {
    const stops = [front.stop(), ...listeners.map((listener) => listener.stop())];
    await atMost(app.options.drainMs ?? defaultDrain, Promise.allSettled(stops));
    if (invoker.running > 0) {
      const message = `${invoker.running} invocations did not end in time; their messages will come again`;
      app.log({ level: 'warning', category: 'Host', message });
    }
    const { appLevelHookData: hookData, appHookData } = app.registration;
    await app.registration.runHooks('appTerminate', { hookData, appHookData }).catch((error: unknown) => {
      app.log({ level: 'error', category: 'Host', message: `appTerminate failed: ${describeError(error)}` });
    });
    front.dispose();
    await Promise.allSettled(listeners.map((listener) => listener.dispose()));
    await clients.close();
  };
  return () => (closing ??= closeOnce());
}

/** `AzureWebJobs.<name>.Disabled` takes a function out of service. */
function isDisabled(name: string, settings: Settings): boolean {
  const value =
    settings.get(`AzureWebJobs.${name}.Disabled`) ?? settings.get(`AzureWebJobs_${name}_Disabled`);
  return value === '1' || value?.toLowerCase() === 'true';
}

/** Tells at load, not at the first message, that an output has no connection. */
function checkOutputs(functions: readonly LoadedFunction[], settings: Settings): void {
  for (const { name, outputs } of functions) {
    for (const output of outputs.values())
      if (output.type === 'servicebus') serviceBusOutput(name, output, settings);
  }
}

function filterLog(log: Log, options: HostOptions): Log {
  const isWanted = createLogFilter(options.logLevels);
  return (entry) => {
    if (isWanted(entry)) log(entry);
  };
}
