import { Server } from 'node:net';
import type { ProgrammingModel } from './core-types.js';

/** What the Node worker tells the real host that it can do. */
const workerCapabilities = {
  RawHttpBodyBytes: 'true',
  RpcHttpBodyOnly: 'true',
  RpcHttpTriggerMetadataRemoved: 'true',
  UseNullableValueDictionaryForHttp: 'true',
  TypedDataCollection: 'true',
  WorkerStatus: 'true',
  HandlesWorkerTerminateMessage: 'true',
};

/**
 * Ends the app's setup and asks the library for its capabilities. With HTTP streaming the library opens a server of its own
 * here and names no address, which would open it to the network: while it does so, such a server is bound to 127.0.0.1.
 */
export async function getCapabilities(model: ProgrammingModel): Promise<Record<string, string>> {
  // eslint-disable-next-line @typescript-eslint/unbound-method -- called with the server as `this` below, and put back
  const listen = Server.prototype.listen as (this: Server, ...rest: unknown[]) => Server;
  Server.prototype.listen = function listenLocally(this: Server, ...rest: unknown[]) {
    const [first, ...others] = rest;
    if (typeof first === 'function' || first === undefined) return listen.call(this, 0, '127.0.0.1', ...rest);
    return typeof first === 'number'
      ? listen.call(this, first, '127.0.0.1', ...others)
      : listen.apply(this, rest);
  };
  try {
    return await model.getCapabilities({ ...workerCapabilities });
  } finally {
    Server.prototype.listen = listen as Server['listen'];
  }
}
