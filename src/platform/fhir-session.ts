/** `x-hde-session`: what a client wrote it reads, whichever instance answers it. */
import { Buffer } from 'node:buffer';
import { inSession } from '../adapters/cosmos/sessions.js';
import type { FhirAnswer } from '../app/fhir/fhir-answer.js';
import { ExchangeError } from '../core/errors.js';
import { seal, type Seal, unseal } from '../core/fhir/seal.js';

/** The header of answers that a client sends back with its next requests. */
export const sessionHeader = 'x-hde-session';

/** Replicas are seconds behind, not hours: an older session says nothing any more. */
const lifetimeMs = 60 * 60 * 1000;
/** Of headers that are longer nothing is read. */
const maxLength = 8192;

/** A request that may take part in a session. */
export interface SessionRequest {
  /** The secret of the deployment. */
  readonly secret: string;
  readonly now: Date;
  /** The header as it was sent. */
  readonly header: string | undefined;
  /** Whether the request begins a session: who only reads takes part in the one that was sent. */
  readonly isWriting: boolean;
}

/**
 * Answers a request as one of a session: it sees what the session has seen, and the answer has the header that stands for
 * all of it.
 *
 * @throws ExchangeError HDE_REQUEST_INVALID for a header that is none of ours
 */
export const answerInSession = (
  request: SessionRequest,
  answer: () => Promise<FhirAnswer>,
): Promise<FhirAnswer> =>
  // What nothing is known of, and nothing will be told of, need not be followed from request to request.
  request.header === undefined && !request.isWriting ? answer() : answerWithin(request, answer);

async function answerWithin(
  { secret, now, header }: SessionRequest,
  answer: () => Promise<FhirAnswer>,
): Promise<FhirAnswer> {
  const sealing: Seal = { secret, kind: 'sessions', purpose: '' };
  const known = header === undefined ? '' : open(sealing, header, now);
  const { result, known: reached } = await inSession(known, answer);
  if (reached === '') return result;
  const sealed = seal(sealing, Buffer.from(`${now.getTime()} ${reached}`));
  return { ...result, headers: { ...result.headers, [sessionHeader]: sealed } };
}

function open(sealing: Seal, header: string, now: Date): string {
  const plain = header.length > maxLength ? undefined : unseal(sealing, header)?.toString();
  if (plain === undefined)
    throw new ExchangeError('HDE_REQUEST_INVALID', {
      location: sessionHeader,
      detail: 'the header of an earlier answer, or none',
    });
  const [time, token = ''] = plain.split(' ');
  return Number(time) + lifetimeMs > now.getTime() ? token : '';
}
