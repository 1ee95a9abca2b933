import { Buffer } from 'node:buffer';
import { ExchangeError } from '../../../core/errors.js';
import { isWrite, tellsOfStored } from '../../../core/fhir/interactions.js';
import { fieldsOf, textOf } from '../../../core/fhir/search/shapes.js';
import type { EntryRequest } from '../../../core/fhir/transaction/read-bundle.js';
import type { FhirAnswer } from '../fhir-answer.js';
import type { FhirRequest } from '../handle-fhir-request.js';
import type { WriteDependencies, Writer } from '../write-dependencies.js';
import type { RequestBody } from '../write-request.js';

/** What the entries of a Bundle are carried out with. */
export interface EntryContext {
  readonly deps: WriteDependencies;
  readonly writer: Writer;
  readonly prefer: string | undefined;
  /** Answers a request as if it had come by itself. */
  readonly answer: (request: FhirRequest) => Promise<FhirAnswer>;
  /** Told of each failure that an entry answers with. */
  readonly onFailure: (error: ExchangeError) => void;
}

/** An entry as a request of its own. */
export function requestOf(entry: EntryRequest, { writer, prefer }: EntryContext): FhirRequest {
  const { method, path, query, headers } = entry;
  return {
    ...{ method, path, query, headers: { ...headers, prefer } },
    writer: writerOf(entry, writer),
    body: bodyOf(entry),
    readBytes: () => Promise.resolve(new Uint8Array()),
  };
}

/** Each entry is a request of its own: the ids of what it creates follow from its name. */
export const writerOf = ({ index }: EntryRequest, writer: Writer): Writer => ({
  ...writer,
  requestId: `${writer.requestId}.${index}`,
});

/** The resource of an entry; a JSON Patch comes as a Binary (FHIR R4 section 3.1.0.6). */
export function bodyOf({ route, statement }: EntryRequest): RequestBody {
  if (statement === undefined) return { contentType: undefined, bytes: new Uint8Array() };
  if (route.interaction !== 'patch' || statement.resource.resourceType !== 'Binary') return { statement };
  const { contentType, data } = fieldsOf(statement.resource) ?? {};
  return { contentType: textOf(contentType), bytes: Buffer.from(textOf(data) ?? '', 'base64') };
}

/**
 * Whether the client may do what an entry asks for.
 *
 * @throws ExchangeError HDE_FORBIDDEN
 */
export function requireRights({ route }: EntryRequest, { access, mayRead, mayWrite }: Writer): void {
  const { interaction, type } = route;
  if (interaction === 'capabilities' || interaction === 'transaction') return;
  const reads = isWrite(route) ? tellsOfStored(route) : true;
  if ((isWrite(route) && !mayWrite) || (reads && !mayRead)) throw new ExchangeError('HDE_FORBIDDEN');
  access.demand(interaction, type);
}
