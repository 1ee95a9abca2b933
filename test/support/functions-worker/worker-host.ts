/** The side of the Functions host: starts a Node worker, lets it load an app, and asks it to run functions. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { Server, ServerCredentials, type ServerDuplexStream } from '@grpc/grpc-js';
import type { InvocationRequest, InvocationResponse } from '../../../local/functions-host/core-types.js';
import {
  loadProtocol,
  maxMessageBytes,
  messageLimits,
  type FunctionMetadata,
  type StatusResult,
  type StreamingMessage,
  type WorkerLog,
} from './protocol.js';

type Stream = ServerDuplexStream<StreamingMessage, StreamingMessage>;
type Content = Omit<StreamingMessage, 'requestId'>;

export interface WorkerHost {
  readonly functions: readonly FunctionMetadata[];
  readonly capabilities: Readonly<Record<string, string>>;
  readonly logs: readonly WorkerLog[];
  /** @throws Error with what the worker said of a failure */
  invoke(request: InvocationRequest): Promise<InvocationResponse>;
  /** Asks the worker to end; answers its exit code. */
  terminate(): Promise<number | null>;
}

interface WorkerOptions {
  /** The script of the worker, such as `<core tools>/workers/node/dist/src/nodejsWorker.js`. */
  readonly script: string;
  readonly appDir: string;
  /** Settings of the app. */
  readonly env: Readonly<Record<string, string>>;
}

/** How long a worker may take for anything, in milliseconds. */
const patience = 60_000;

/**
 * Starts a worker and loads an app as the real host does: init, metadata, load of each function.
 *
 * @throws Error that names what failed, and the last lines that the worker wrote
 */
export async function startWorker({ script, appDir, env }: WorkerOptions): Promise<WorkerHost> {
  const server = new Server(messageLimits);
  const connected = new Promise<Stream>((resolve) => {
    server.addService(loadProtocol().service, { eventStream: resolve, EventStream: resolve });
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  const worker = new Worker(spawnWorker(script, port, env));
  try {
    await worker.attach(await worker.within(connected, 'the worker did not connect'));
    const functionAppDirectory = appDir;
    const init = await worker.ask({ workerInitRequest: { hostVersion: '4.1041.0', functionAppDirectory } });
    requireSuccess(init.workerInitResponse?.result, 'init');
    const found = await worker.ask({ functionsMetadataRequest: { functionAppDirectory } });
    requireSuccess(found.functionMetadataResponse?.result, 'metadata');
    const functions = found.functionMetadataResponse?.functionMetadataResults ?? [];
    for (const metadata of functions) {
      const { functionId } = metadata;
      const loaded = await worker.ask({ functionLoadRequest: { functionId, metadata } });
      requireSuccess(loaded.functionLoadResponse?.result, `load of ${metadata.name}`);
    }
    return {
      functions,
      capabilities: init.workerInitResponse?.capabilities ?? {},
      logs: worker.logs,
      async invoke(request) {
        const { invocationResponse } = await worker.ask({ invocationRequest: request });
        requireSuccess(invocationResponse?.result, 'invocation');
        return invocationResponse!;
      },
      async terminate() {
        const code = await worker.terminate();
        server.forceShutdown();
        return code;
      },
    };
  } catch (error) {
    await worker.terminate();
    server.forceShutdown();
    throw new Error(`${String(error)}\n${worker.output.slice(-20).join('')}`, { cause: error });
  }
}

/** With the arguments of old workers and of new ones, as the real host starts both. */
function spawnWorker(script: string, port: number, env: Readonly<Record<string, string>>): ChildProcess {
  const id = randomUUID();
  const common = [
    ...['--host', '127.0.0.1', '--port', String(port), '--workerId', id, '--requestId', id],
    ...['--grpcMaxMessageLength', String(maxMessageBytes)],
    ...['--functions-uri', `http://127.0.0.1:${port}/`, '--functions-worker-id', id],
    ...['--functions-request-id', id, '--functions-grpc-max-message-length', String(maxMessageBytes)],
  ];
  return spawn(process.execPath, ['--enable-source-maps', script, ...common], {
    env: { PATH: process.env['PATH'] ?? '', FUNCTIONS_WORKER_RUNTIME: 'node', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function requireSuccess(result: StatusResult | undefined, what: string): void {
  if (result?.status === 'Success') return;
  throw new Error(`${what}: ${result?.status ?? 'no result'} ${result?.exception?.message ?? ''}`.trim());
}

/** A worker process and what is said on its stream. */
class Worker {
  readonly output: string[] = [];
  readonly logs: WorkerLog[] = [];
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | null>;
  readonly #waiting = new Map<string, (answer: StreamingMessage) => void>();
  #stream: Stream | undefined;

  constructor(child: ChildProcess) {
    this.#child = child;
    this.#ended = new Promise((resolve) => child.once('exit', resolve));
    for (const channel of [child.stdout, child.stderr])
      channel?.on('data', (text: Buffer) => this.output.push(text.toString()));
  }

  /** Waits for the worker to say who it is; what it says afterwards goes to whoever asked. */
  attach(stream: Stream): Promise<void> {
    this.#stream = stream;
    stream.on('error', () => undefined);
    const started = new Promise<void>((resolve) => {
      stream.on('data', (message: StreamingMessage) => {
        if (message.startStream !== undefined) resolve();
        else if (message.rpcLog !== undefined) this.logs.push(message.rpcLog);
        else this.#answer(message);
      });
    });
    return this.within(started, 'the worker did not start its stream');
  }

  #answer(message: StreamingMessage): void {
    const id = message.invocationResponse?.invocationId ?? message.requestId;
    this.#waiting.get(id)?.(message);
    this.#waiting.delete(id);
  }

  ask(content: Content): Promise<StreamingMessage> {
    const requestId = content.invocationRequest?.invocationId ?? randomUUID();
    const answer = new Promise<StreamingMessage>((resolve) => this.#waiting.set(requestId, resolve));
    this.#stream?.write({ requestId, ...content });
    return this.within(answer, `no answer to ${Object.keys(content).join()}`);
  }

  async terminate(): Promise<number | null> {
    this.#stream?.write({ requestId: randomUUID(), workerTerminate: { gracePeriod: { seconds: 1 } } });
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), this.#stream === undefined ? 0 : 10_000);
    const code = await this.#ended;
    clearTimeout(timer);
    return code;
  }

  /** @throws Error when it takes too long, or the worker ends before */
  async within<T>(work: Promise<T>, otherwise: string): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new Error(otherwise));
      }, patience);
    });
    const died = this.#ended.then((code) => {
      throw new Error(`${otherwise}: the worker ended with ${code ?? 'a signal'}`);
    });
    try {
      return await Promise.race([work, late, died]);
    } finally {
      clearTimeout(timer);
    }
  }
}
