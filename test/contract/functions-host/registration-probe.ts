/**
 * Loads an app through the registration contract of the Node worker, starts no trigger, and prints what it registered as JSON.
 * With a second argument, `{"function":"health","path":"/health/live"}`, it also runs that HTTP function through the library.
 * It runs as a process of its own, for the module hook works on a whole process.
 */
import { loadApp, provideCoreModule } from '../../../local/functions-host/app-loader.js';
import { toLoadedFunction } from '../../../local/functions-host/bindings.js';
import { getCapabilities } from '../../../local/functions-host/capabilities.js';
import { loadHostOptions } from '../../../local/functions-host/host-json.js';
import { toHttpFunction } from '../../../local/functions-host/http-trigger.js';
import { Invoker } from '../../../local/functions-host/invocation.js';
import { OutputWriter } from '../../../local/functions-host/outputs.js';
import { Registration } from '../../../local/functions-host/registration.js';
import type { RegisteredFunction } from '../../../local/functions-host/registration.js';
import { toHttpInput } from '../../../local/functions-host/rpc-request.js';
import { ServiceBusClients } from '../../../local/functions-host/service-bus-clients.js';
import type { Settings } from '../../../local/functions-host/settings.js';

/** Settings that need not exist: what an app registers does not depend on them. */
const settings: Settings = {
  get: () => undefined,
  expand: (text) => text,
  connectionString: (name) => name,
};

function describeFunction(registered: RegisteredFunction, routePrefix: string) {
  const loaded = toLoadedFunction(registered, settings);
  const options = { ...loadHostOptions(appDir), http: { routePrefix, maxOutstandingRequests: -1 } };
  const isHttp = loaded.trigger.type === 'httptrigger';
  return {
    name: loaded.name,
    trigger: loaded.trigger.options,
    outputs: [...loaded.outputs.values()].map(({ type }) => type),
    retry: registered.retryOptions ?? null,
    ...(isHttp ? { route: toHttpFunction(loaded, options).route.template } : {}),
  };
}

async function run(registration: Registration, call: { function: string; path: string }) {
  const registered = registration.functions.get(call.function);
  if (!registered || !registration.model) throw new Error(`There is no function '${call.function}'`);
  const loaded = toLoadedFunction(registered, settings);
  const { route } = toHttpFunction(loaded, loadHostOptions(appDir));
  const url = new URL(call.path, 'http://localhost:7071');
  const invoker = new Invoker(
    registration,
    registration.model,
    new OutputWriter(new ServiceBusClients(), settings),
    () => undefined,
  );
  const input = toHttpInput(loaded.trigger.name, {
    url,
    method: 'GET',
    headers: { host: url.host },
    params: route.match(url.pathname) ?? {},
    body: Buffer.alloc(0),
  });
  const { response } = await invoker.invoke(loaded, input);
  const http = response.returnValue?.http;
  return {
    status: http?.statusCode,
    headers: http?.headers,
    body: Buffer.from(http?.body?.bytes ?? []).toString('utf8'),
  };
}

const [appDir = '', call] = process.argv.slice(2);
const registration = new Registration(() => undefined);
provideCoreModule(registration.coreModule());
await loadApp(appDir);
const { routePrefix } = loadHostOptions(appDir).http;
if (registration.model) await getCapabilities(registration.model);
const functions = [...registration.functions.values()].map((one) => describeFunction(one, routePrefix));
const model = registration.model
  ? { name: registration.model.name, version: registration.model.version }
  : null;
const answer =
  call === undefined ? null : await run(registration, JSON.parse(call) as { function: string; path: string });
process.stdout.write(JSON.stringify({ model, functions, answer }), () => process.exit(0));
