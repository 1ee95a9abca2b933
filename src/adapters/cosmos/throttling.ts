/**
 * The policy of repetition at the network edge of `@azure/cosmos`: a plugin that every request of the client goes
 * through, so that what is counted and repeated is what the service sees, whatever operation it is a part of.
 */
import { OperationType, type Plugin, type PluginConfig, type RequestOptions } from '@azure/cosmos';
import type { Guard, Setback } from '../throttling/guard.js';
import { callCosmos } from './errors.js';

type RequestContext = Parameters<Plugin<unknown>>[0];

/** Refused before anything was done (Azure Cosmos DB REST reference, HTTP status codes): too many requests, retry with. */
const refused = new Set([429, 449]);
/** The service is in trouble; whether it did what was asked for is unknown. */
const unavailable = new Set([408, 410, 500, 502, 503, 504]);
/** The request did not reach anybody. */
const unreachable = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN']);
/** The connection broke, or nobody answered in time. */
const unanswered = new Set([
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'TimeoutError',
  'REQUEST_SEND_ERROR',
]);
/** The partition has moved: the client looks up where it is and asks there, which a repetition would only delay. */
const partitionMoved = 1002;

/** No replica has come as far as the session of the reader (404). */
const sessionNotReached = 1002;
/** So often a replica may be behind. Where none ever comes so far, another region took over without the last writes. */
const mostTimesBehind = 5;

/** What `@azure/cosmos` throws for an answer from 400 on, or for none. */
interface CosmosFailure {
  readonly code?: number | string;
  readonly substatus?: number;
  /** `x-ms-retry-after-ms` */
  readonly retryAfterInMs?: number;
}

const isBehind = (error: unknown): boolean => {
  const { code, substatus } = (error ?? {}) as CosmosFailure;
  return code === 404 && substatus === sessionNotReached;
};

/**
 * What a failed request means.
 *
 * @param isRead whether doing it twice is doing it once
 */
function judgeCosmos(error: unknown, isRead: boolean): Setback | undefined {
  // The client reads any body as JSON; a gateway in between that answers otherwise speaks for a service that is away.
  if (error instanceof SyntaxError) return { kind: 'unavailable', mayRepeat: isRead };
  const { code, substatus, retryAfterInMs: retryAfterMs } = (error ?? {}) as CosmosFailure;
  if (typeof code === 'number') {
    if (refused.has(code)) return { kind: 'throttled', mayRepeat: true, retryAfterMs };
    if (code === 410 && substatus === partitionMoved) return undefined;
    // It would be taken for a record that does not exist.
    if (isBehind(error)) return { kind: 'unavailable', mayRepeat: true };
    return unavailable.has(code) ? { kind: 'unavailable', mayRepeat: isRead, retryAfterMs } : undefined;
  }
  if (code === undefined) return undefined;
  if (unreachable.has(code)) return { kind: 'unavailable', mayRepeat: true };
  return unanswered.has(code) ? { kind: 'unavailable', mayRepeat: isRead } : undefined;
}

/** Failures of batches by the options of their requests: the client throws errors that keep only the text. */
const batchFailures = new WeakMap<object, unknown>();

/**
 * Makes the request of a batch, and throws what it really failed with.
 *
 * @param request passes the options on to `items.batch`
 */
export async function callBatch<T>(request: (options: RequestOptions) => Promise<T>): Promise<T> {
  const options: RequestOptions = {};
  return callCosmos(async () => {
    try {
      return await request(options);
    } catch (error) {
      throw batchFailures.get(options) ?? error;
    }
  });
}

/**
 * The plugin that lets every request of a client through its guard. The client's own repetitions are to be switched off
 * (`maxRetryAttemptCount: 0`); those that cannot be do not know the errors that are thrown here in the end.
 */
export function throttlingPlugin(guard: Guard): PluginConfig {
  return {
    on: 'request',
    async plugin(context, _diagnostics, next) {
      const isBatch = context.operationType === OperationType.Batch;
      let timesBehind = 0;
      const attempt = async () => {
        try {
          const response = await next(context);
          if (isBatch) throwRefusal(response.result);
          return response;
        } catch (error) {
          timesBehind += Number(isBehind(error));
          throw error;
        }
      };
      const judge = (error: unknown) =>
        // No operation of a batch is done where one of them was refused.
        judgeCosmos(error, error instanceof RefusedOperation || isRead(context));
      try {
        return await guard.run(attempt, judge, context.options.abortSignal);
      } catch (error) {
        if (isBatch) batchFailures.set(context.options, error);
        // What the process knows is of writes that are lost: it would read nothing any more until it is started anew.
        if (timesBehind >= mostTimesBehind) context.client?.clearSessionToken(context.path ?? '');
        throw error;
      }
    },
  };
}

/** A query is a POST by its method, and a read by what it does. */
const isRead = ({ operationType }: RequestContext): boolean =>
  operationType === OperationType.Read || operationType === OperationType.Query;

/** An operation that the service refused within a batch; all others were left undone for it. */
class RefusedOperation extends Error {
  override readonly name = 'RefusedOperation';

  constructor(
    readonly code: number,
    readonly retryAfterInMs: number | undefined,
  ) {
    super(`an operation of a batch was refused with ${code}`);
  }
}

interface OperationAnswer {
  readonly statusCode?: number;
  readonly retryAfterMilliseconds?: number;
}

function throwRefusal(answers: unknown): void {
  if (!Array.isArray(answers)) return;
  for (const { statusCode = 0, retryAfterMilliseconds } of answers as OperationAnswer[]) {
    if (refused.has(statusCode) || unavailable.has(statusCode))
      throw new RefusedOperation(statusCode, retryAfterMilliseconds);
  }
}
