/**
 * Plays Microsoft's Node worker where that is not at hand: a client of the host that loads the app through the registration
 * contract and runs its functions through the library. It proves the host of these tests, and that what the app registers can
 * be said in the protocol; that Microsoft's worker takes the app is proved by the same tests under that worker alone.
 */
import { parseArgs } from 'node:util';
import { credentials, type ClientDuplexStream } from '@grpc/grpc-js';
import { loadApp, provideCoreModule } from '../../../local/functions-host/app-loader.js';
import { getCapabilities } from '../../../local/functions-host/capabilities.js';
import type { CoreInvocationContext, InvocationRequest } from '../../../local/functions-host/core-types.js';
import { Registration, type RegisteredFunction } from '../../../local/functions-host/registration.js';
import { loadProtocol, messageLimits, type StatusResult, type StreamingMessage } from './protocol.js';

const { values } = parseArgs({
  strict: false,
  options: { 'functions-uri': { type: 'string' }, 'functions-worker-id': { type: 'string' } },
});
const address = new URL(String(values['functions-uri'])).host;

type Content = Omit<StreamingMessage, 'requestId'>;

const registration = new Registration(({ level, message }) => {
  stream.write({ requestId: '', rpcLog: { level: levelOf(level), message, category: 'Worker' } });
});
provideCoreModule(registration.coreModule());

const FunctionRpc = loadProtocol();
const client = new FunctionRpc(address, credentials.createInsecure(), messageLimits) as unknown as {
  EventStream(): ClientDuplexStream<StreamingMessage, StreamingMessage>;
};
const stream = client.EventStream();

const levelOf = (level: string): string => `${level.charAt(0).toUpperCase()}${level.slice(1)}`;
const success: StatusResult = { status: 'Success' };
const failure = (error: unknown): StatusResult => ({
  status: 'Failure',
  exception: {
    message: error instanceof Error ? error.message : String(error),
    stackTrace: error instanceof Error ? (error.stack ?? '') : '',
  },
});

const metadataOf = ({ id, name, bindings }: RegisteredFunction) => ({
  ...{ name, functionId: id, language: 'node', directory: '.', scriptFile: 'functions' },
  bindings: Object.fromEntries(
    Object.entries(bindings).map(([key, { type, direction }]) => [key, { type, direction }]),
  ),
  rawBindings: Object.entries(bindings).map(([key, binding]) => JSON.stringify({ name: key, ...binding })),
});

async function invoke(request: InvocationRequest): Promise<Content> {
  const { invocationId, functionId } = request;
  try {
    const registered = registration.functions.get(functionId);
    if (registered === undefined || registration.model === undefined)
      throw new Error(`there is no function ${functionId}`);
    const { id, name, bindings } = registered;
    const core: CoreInvocationContext = {
      ...{ invocationId, request, metadata: { name, bindings, functionId: id }, state: 'invocation' },
      log: (level, _category, message) => {
        stream.write({ requestId: '', rpcLog: { invocationId, level: levelOf(level), message } });
      },
    };
    const model = await registration.model.getInvocationModel(core);
    const { context, inputs } = await model.getArguments();
    const result = await model.invokeFunction(context, inputs, registered.callback);
    const response = await model.getResponse(context, result);
    return { invocationResponse: { ...response, invocationId, result: success } };
  } catch (error) {
    return { invocationResponse: { invocationId, result: failure(error) } };
  }
}

async function answer(message: StreamingMessage): Promise<Content | undefined> {
  if (message.workerInitRequest !== undefined) {
    await loadApp(message.workerInitRequest.functionAppDirectory);
    if (registration.model === undefined) throw new Error('the app has set no programming model');
    return {
      workerInitResponse: { capabilities: await getCapabilities(registration.model), result: success },
    };
  }
  if (message.functionsMetadataRequest !== undefined)
    return {
      functionMetadataResponse: {
        functionMetadataResults: [...registration.functions.values()].map(metadataOf),
        result: success,
      },
    };
  if (message.functionLoadRequest !== undefined)
    return {
      functionLoadResponse: { functionId: message.functionLoadRequest.functionId, result: success },
    };
  if (message.invocationRequest !== undefined) return invoke(message.invocationRequest);
  if (message.workerTerminate !== undefined) process.exit(0);
  return undefined;
}

stream.on('data', (message: StreamingMessage) => {
  void answer(message)
    .catch((error: unknown) => ({ workerInitResponse: { capabilities: {}, result: failure(error) } }))
    .then((content) => {
      if (content !== undefined) stream.write({ requestId: message.requestId, ...content });
    });
});
stream.on('error', () => process.exit(1));
stream.on('end', () => process.exit(0));
stream.write({ requestId: '', startStream: { workerId: String(values['functions-worker-id']) } });
