/** The protocol between the Functions host and a language worker (Azure/azure-functions-language-worker-protobuf). */
import { join } from 'node:path';
import { loadPackageDefinition, type ServiceClientConstructor, type ServiceDefinition } from '@grpc/grpc-js';
import { loadSync } from '@grpc/proto-loader';
import type { InvocationRequest, InvocationResponse } from '../../../local/functions-host/core-types.js';

export interface StatusResult {
  readonly status: 'Failure' | 'Success' | 'Cancelled';
  readonly exception?: { readonly message: string; readonly stackTrace?: string; readonly source?: string };
}

/** A function as a worker has found it. */
export interface FunctionMetadata {
  readonly name: string;
  readonly functionId: string;
  readonly directory?: string;
  readonly scriptFile?: string;
  readonly entryPoint?: string;
  readonly language?: string;
  readonly bindings?: Readonly<Record<string, { readonly type: string; readonly direction: string }>>;
  /** JSON of each binding, as a function.json has it. */
  readonly rawBindings: readonly string[];
}

export interface WorkerLog {
  readonly invocationId?: string;
  readonly category?: string;
  readonly level: string;
  readonly message: string;
}

/** One message of the stream; exactly one of its contents is set. */
export interface StreamingMessage {
  readonly requestId: string;
  readonly startStream?: { readonly workerId: string };
  readonly workerInitRequest?: { readonly hostVersion: string; readonly functionAppDirectory: string };
  readonly workerInitResponse?: {
    readonly capabilities: Readonly<Record<string, string>>;
    readonly result: StatusResult;
  };
  readonly functionsMetadataRequest?: { readonly functionAppDirectory: string };
  readonly functionMetadataResponse?: {
    readonly functionMetadataResults: readonly FunctionMetadata[];
    readonly result: StatusResult;
    readonly useDefaultMetadataIndexing?: boolean;
  };
  readonly functionLoadRequest?: { readonly functionId: string; readonly metadata: FunctionMetadata };
  readonly functionLoadResponse?: { readonly functionId: string; readonly result: StatusResult };
  readonly invocationRequest?: InvocationRequest;
  readonly invocationResponse?: InvocationResponse & { readonly result: StatusResult };
  readonly rpcLog?: WorkerLog;
  readonly workerTerminate?: object;
}

interface Package {
  readonly AzureFunctionsRpcMessages: {
    readonly FunctionRpc: ServiceClientConstructor & { readonly service: ServiceDefinition };
  };
}

/** As large as the real host lets a message be. */
export const maxMessageBytes = 134_217_728;

export const messageLimits = {
  'grpc.max_receive_message_length': maxMessageBytes,
  'grpc.max_send_message_length': maxMessageBytes,
};

/** The service, with names in camel case, numbers as such, and what is not set left out. */
export function loadProtocol(): Package['AzureFunctionsRpcMessages']['FunctionRpc'] {
  const definition = loadSync(join('test', 'support', 'functions-worker', 'rpc.proto'), {
    longs: Number,
    enums: String,
    oneofs: false,
  });
  return (loadPackageDefinition(definition) as unknown as Package).AzureFunctionsRpcMessages.FunctionRpc;
}
