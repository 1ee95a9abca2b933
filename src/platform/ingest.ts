/** How a partner's message comes in, and how HL7 senders are answered in their own protocol: `POST /ingest/{feed}`. */
import type { HttpRequest } from '@azure/functions';
import { randomUUID } from 'node:crypto';
import { acceptMessage, type AcceptDependencies, type Acceptance } from '../app/accept-message.js';
import { receiveBody, type ReceivedBody } from '../app/receive-body.js';
import { ExchangeError, type Issue } from '../core/errors.js';
import type { Feed } from '../core/feed.js';
import {
  acceptAckWanted,
  acknowledgementFor,
  acknowledgementMode,
} from '../core/formats/hl7v2/acknowledge.js';
import { readHeaderLeniently } from '../core/formats/hl7v2/parse-leniently.js';
import { encodeText } from '../core/formats/hl7v2/charset.js';
import { demand, demandRole } from '../core/governance/access.js';
import { container } from './container.js';
import { chunksOf, renderOutcome, type Exchange, type HttpAnswer, type Route } from './http.js';
import { causeOf, type Logger } from './logger.js';
import { observedAcceptance } from './telemetry/messages.js';

const hl7ContentType = 'application/hl7-v2+er7';
/** What HL7 senders declare in practice; the body itself is checked by the parser. */
const hl7ContentTypes = new Set([
  '',
  hl7ContentType,
  'application/hl7-v2',
  'x-application/hl7-v2+er7',
  'text/plain',
  'application/octet-stream',
]);

/** Enough of a message to find its MSH segment for an error answer. */
const headerBytes = 65_536;

export const ingestRoute: Route = {
  name: 'ingest/{feed}',
  handle(exchange) {
    demandRole(exchange.principal, 'sender');
    return takeIn(exchange, container().config.feeds.get(exchange.request.params['feed'] ?? ''));
  },
  async renderError(request, error) {
    return speaksHl7(request) ? refuse(request, error) : renderOutcome(request, error);
  },
};

/**
 * Takes the message of a request into custody for a feed; undefined stands for one that nobody configured.
 *
 * @throws ExchangeError of which `refuse` makes an acknowledgement
 */
export async function takeIn(exchange: Exchange, feed: Feed | undefined): Promise<HttpAnswer> {
  if (feed === undefined) throw new ExchangeError('HDE_FEED_UNKNOWN');
  demand(exchange.principal, { kind: 'send', feed: feed.id });
  if (!hl7ContentTypes.has(mediaType(exchange.request)))
    throw new ExchangeError('HDE_CONTENT_TYPE', { detail: hl7ContentType });
  const deps = await container().acceptDependencies();
  const body = await bodyOf(exchange.request, feed, deps);
  try {
    const acceptance = await accept(deps, exchange, feed, body);
    return answer(body.bytes, acceptance);
  } catch (error) {
    // Somebody is to know: a sender that uses its control ids again gets no message through.
    if (error instanceof ExchangeError && error.code === 'HDE_CONTROL_ID_REUSED')
      exchange.logger.warn('control-id-reused', { feed: feed.id });
    throw error;
  } finally {
    await discard(body, exchange.logger);
  }
}

/** The negative acknowledgement of a message that `takeIn` did not take. */
export async function refuse(request: HttpRequest, error: ExchangeError): Promise<HttpAnswer> {
  const bytes = beginnings.get(request) ?? (await beginningOf(request));
  return hl7Answer(bytes, error.definition.http, error.definition.ack, [error.toIssue()]);
}

/** How bodies begin that were read, in whole or in part: an HL7 error answer needs their MSH. */
const beginnings = new WeakMap<HttpRequest, Uint8Array>();

/** The chunks of a body, whose beginning is kept. */
async function* chunksKept(request: HttpRequest, maxBytes: number): AsyncGenerator<Uint8Array> {
  let kept = new Uint8Array();
  for await (const chunk of chunksOf(request, maxBytes)) {
    if (kept.length < headerBytes) {
      kept = Buffer.concat([kept, chunk.subarray(0, headerBytes - kept.length)]);
      beginnings.set(request, kept);
    }
    yield chunk;
  }
}

/** The body as far as it is held in memory; a large one is on its way to the archive by then. */
async function bodyOf(request: HttpRequest, feed: Feed, deps: AcceptDependencies): Promise<ReceivedBody> {
  const body = await receiveBody(deps.archive, chunksKept(request, feed.maxBytes), {
    contentType: contentTypeOf(request),
    // Whom the backlog holds back need not send megabytes first.
    ...(deps.backlog === undefined ? {} : { beforeLarge: () => deps.backlog?.admit() ?? Promise.resolve() }),
  });
  if (body.size === 0) throw new ExchangeError('HDE_PAYLOAD_EMPTY');
  return body;
}

const contentTypeOf = (request: HttpRequest): string =>
  request.headers.get('content-type') ?? 'application/octet-stream';

async function accept(
  deps: AcceptDependencies,
  { request, traceparent, logger }: Exchange,
  feed: Feed,
  body: ReceivedBody,
): Promise<Acceptance> {
  const acceptance = await observedAcceptance(container().telemetry, feed.id, () =>
    acceptMessage(deps, {
      feed,
      body,
      contentType: contentTypeOf(request),
      ...(traceparent === undefined ? {} : { traceparent }),
    }),
  );
  const { outcome, receipt } = acceptance;
  logger.info('message-received', {
    messageId: receipt.id,
    feed: feed.id,
    messageType: receipt.messageType,
    errorCode: receipt.errorCode,
    status: outcome,
  });
  return acceptance;
}

/** What became of the message is decided by then: that something of it could not be removed must not change the answer. */
async function discard({ unnamed }: ReceivedBody, logger: Logger): Promise<void> {
  try {
    await unnamed?.discard();
  } catch (error) {
    logger.warn('unnamed-body-left', { cause: causeOf(error) });
  }
}

function answer(bytes: Uint8Array, { outcome, receipt }: Acceptance): HttpAnswer {
  const headers = {
    'x-hde-receipt': receipt.id,
    'x-hde-status': outcome,
    location: `/ingest/receipts/${receipt.id}`,
  };
  const [issue] = receipt.issues;
  const response =
    outcome === 'failed' && issue !== undefined ? refusal(bytes, issue) : hl7Answer(bytes, 200, 'AA', []);
  return { ...response, headers: { ...response.headers, ...headers } };
}

function refusal(bytes: Uint8Array, issue: Issue): HttpAnswer {
  const { http, ack } = new ExchangeError(issue.code).definition;
  return hl7Answer(bytes, http, ack, [issue]);
}

/**
 * An acknowledgement in the mode that MSH-15 and MSH-16 ask for (HL7 v2.5.1 section 2.9): in enhanced mode this is
 * the accept acknowledgement, and it is left out (204) when the sender does not want one.
 */
function hl7Answer(
  bytes: Uint8Array,
  status: number,
  code: 'AA' | 'AE' | 'AR',
  issues: readonly Issue[],
): HttpAnswer {
  const header = readHeaderLeniently(bytes.subarray(0, headerBytes));
  const enhanced = header !== undefined && acknowledgementMode(header) === 'enhanced';
  if (enhanced && !acceptAckWanted(header, code === 'AA'))
    return status === 200 ? { status: 204 } : { status };
  const body = acknowledgementFor(header, {
    code: enhanced ? acceptCodes[code] : code,
    controlId: randomUUID().replaceAll('-', '').slice(0, 20),
    time: container().clock.now(),
    issues,
  });
  // MSH-18 is echoed, so the bytes are in the sender's character set; MSH-18 says which, not the content type.
  return {
    status,
    headers: { 'content-type': hl7ContentType },
    body: encodeText(body, header?.value(18) ?? ''),
  };
}

const acceptCodes = { AA: 'CA', AE: 'CE', AR: 'CR' } as const;

const mediaType = (request: HttpRequest): string =>
  (request.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';

/** HL7 senders expect HL7 answers, unless they ask for FHIR ones. */
function speaksHl7(request: HttpRequest): boolean {
  const accept = request.headers.get('accept') ?? '';
  if (accept.includes('fhir+json') || accept.includes('application/json')) return false;
  return mediaType(request).includes('hl7-v2') || accept.includes('hl7-v2');
}

/** The first part of a body that nobody has read yet, for the header in it. */
async function beginningOf(request: HttpRequest): Promise<Uint8Array> {
  if (request.bodyUsed || request.body?.locked !== false) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of chunksOf(request, Infinity)) {
    chunks.push(chunk);
    size += chunk.byteLength;
    if (size >= headerBytes) break;
  }
  return Buffer.concat(chunks).subarray(0, headerBytes);
}
