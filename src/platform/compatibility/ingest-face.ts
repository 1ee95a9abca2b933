/** `POST /$ingest` as senders of the original exchange know it (docs/reference/compatibility.md). */
import type { HttpRequest } from '@azure/functions';
import { ExchangeError } from '../../core/errors.js';
import { demandRole } from '../../core/governance/access.js';
import { container } from '../container.js';
import { sourceOf } from '../feeds.js';
import { renderOutcome, type HttpAnswer, type Route } from '../http.js';
import { refuse, takeIn } from '../ingest.js';
import { textAnswer } from './json-texts.js';

export const ingestFaceRoute: Route = {
  name: '$ingest',
  async handle(exchange) {
    const { request, principal } = exchange;
    demandRole(principal, 'sender');
    const kind = headerOf(request, 'data-type');
    if (!isHl7v2(kind)) return textAnswer(`IngestionDataType ${safely(kind)} is not supported`);
    const source = `${headerOf(request, 'organisation-code')} ${headerOf(request, 'source-domain')}`;
    const feeds = [...container().config.feeds.values()];
    const feed = feeds.find((candidate) => sourceOf(candidate) === source.toLowerCase());
    return asText(await takeIn(exchange, feed));
  },
  async renderError(request, error) {
    // Somebody without a token need not know HL7.
    if (error.code === 'HDE_UNAUTHENTICATED') return renderOutcome(request, error);
    return asText(await refuse(request, error));
  },
};

/** The enumeration of the original has one member, which its callers write by name or by number. */
const isHl7v2 = (kind: string): boolean => kind === '0' || kind.toLowerCase() === 'hl7v2';

/** @throws ExchangeError HDE_HEADER_NEEDED that names the header */
function headerOf(request: HttpRequest, name: string): string {
  const value = request.headers.get(name)?.trim() ?? '';
  if (value === '') throw new ExchangeError('HDE_HEADER_NEEDED', { detail: name });
  return value;
}

/** What a sender wrote, when it cannot be anything about a person. */
const safely = (kind: string): string => (/^(\d{1,4}|[A-Za-z]\w{0,15})$/.test(kind) ? kind : 'as given');

/** The original declares plain text, and its callers may insist. */
const asText = (answer: HttpAnswer): HttpAnswer =>
  answer.body === undefined
    ? answer
    : { ...answer, headers: { ...answer.headers, 'content-type': 'text/plain' } };
