import type { ServiceBusMessage, ServiceBusSender } from '@azure/service-bus';
import { textOption } from './bindings.js';
import { isPresent } from './core-types.js';
import type { Binding, LoadedFunction } from './bindings.js';
import type { InvocationResponse, TypedData } from './core-types.js';
import type { ServiceBusClients } from './service-bus-clients.js';
import type { Settings } from './settings.js';

const returnBinding = '$return';

/** Writes what a function returned and set as extra outputs to its output bindings. */
export class OutputWriter {
  readonly #clients: ServiceBusClients;
  readonly #settings: Settings;

  constructor(clients: ServiceBusClients, settings: Settings) {
    this.#clients = clients;
    this.#settings = settings;
  }

  /**
   * Sends the outputs of an invocation. HTTP outputs are left to the HTTP trigger.
   *
   * @throws Error of the SDK when sending fails; the invocation counts as failed then
   */
  async write(target: LoadedFunction, response: InvocationResponse): Promise<void> {
    if (response.returnValue) await this.#writeOne(target, returnBinding, response.returnValue);
    for (const { name, data } of response.outputData ?? []) await this.#writeOne(target, name, data);
  }

  async #writeOne(target: LoadedFunction, name: string, data: TypedData): Promise<void> {
    const binding = target.outputs.get(name);
    if (binding?.type !== 'servicebus') return;
    const { connectionString, entity } = serviceBusOutput(target.name, binding, this.#settings);
    await sendAll(await this.#clients.sender(connectionString, entity), toMessages(data));
  }
}

/**
 * Where a Service Bus output sends to.
 *
 * @throws Error when neither queueName nor topicName is set, or the connection is missing
 */
export function serviceBusOutput(
  functionName: string,
  binding: Binding,
  settings: Settings,
): { readonly connectionString: string; readonly entity: string } {
  const entity = textOption(binding, 'queueName') ?? textOption(binding, 'topicName');
  if (entity === undefined)
    throw new Error(`Function '${functionName}': serviceBus output needs 'queueName' or 'topicName'`);
  const connection = textOption(binding, 'connection') ?? 'ServiceBus';
  return { connectionString: settings.connectionString(connection, `Function '${functionName}'`), entity };
}

/**
 * The messages that an output value makes: one per element of a JSON array, else one. Bodies are always AMQP data sections,
 * the only kind that the trigger reads.
 */
export function toMessages(data: TypedData): readonly ServiceBusMessage[] {
  if (isPresent(data.bytes))
    return [{ body: Buffer.from(data.bytes), contentType: 'application/octet-stream' }];
  if (!isPresent(data.json)) {
    const text = data.string ?? data.int ?? data.double;
    return !isPresent(text) ? [] : [{ body: Buffer.from(String(text)), contentType: 'text/plain' }];
  }
  const value = JSON.parse(data.json) as unknown;
  const items: readonly unknown[] = Array.isArray(value) ? value : [value];
  return items.map((item) =>
    typeof item === 'string'
      ? { body: Buffer.from(item), contentType: 'text/plain' }
      : { body: Buffer.from(JSON.stringify(item)), contentType: 'application/json' },
  );
}

async function sendAll(sender: ServiceBusSender, messages: readonly ServiceBusMessage[]): Promise<void> {
  const [first] = messages;
  if (first === undefined) return;
  if (messages.length === 1) {
    await sender.sendMessages(first);
    return;
  }
  let batch = await sender.createMessageBatch();
  for (const message of messages) {
    if (batch.tryAddMessage(message)) continue;
    await sender.sendMessages(batch);
    batch = await sender.createMessageBatch();
    if (!batch.tryAddMessage(message)) await sender.sendMessages(message); // too large alone: let the broker say so
  }
  if (batch.count > 0) await sender.sendMessages(batch);
}
