import type { Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import type { ReadResource } from '../../core/fhir/decimals.js';
import { readBody } from '../../core/fhir/read-body.js';
import { doubtsOfConsent } from '../../core/governance/consent-doubts.js';
import { faultsOfInnerLabels } from '../../core/governance/inner-labels.js';
import type { Preconditions } from '../../core/fhir/write/preconditions.js';
import { refusalOf } from './refusal.js';
import type { Writer } from './write-dependencies.js';

/** A resource that a client states, as it was read. */
export interface WriteRequest {
  readonly type: string;
  readonly statement: ReadResource;
  readonly writer: Writer;
  readonly alongside?: Alongside;
}

/** What the transaction of a write does besides: it is as good as done. */
export interface Alongside {
  /** Keys of patients whom it creates or updates. */
  readonly patients: ReadonlySet<string>;
  /** What it deletes: `Type/id`. */
  readonly deleted: ReadonlySet<string>;
  /** Replaces links to its entries in what a patch made of a resource; `before` is what stood. */
  readonly relink?: <T extends Resource>(patched: T, before: Resource) => Promise<T>;
}

/** The same of a resource that is to be created. */
export interface CreateRequest extends WriteRequest {
  /** The If-None-Exist header: only if nothing meets its criteria. */
  readonly ifNoneExist?: string | undefined;
}

/** The same of a resource whose id the client names. */
export interface UpdateRequest extends WriteRequest {
  readonly id: string;
  readonly preconditions: Preconditions;
  /** Whether labels and tags that the statement leaves out are removed. */
  readonly removesLabels?: boolean | undefined;
}

/** @throws ExchangeError HDE_RESOURCE_MISMATCH for a resource of another type than the address names */
export function requireType({ resourceType }: Resource, type: string): void {
  if (resourceType !== type)
    throw new ExchangeError('HDE_RESOURCE_MISMATCH', { location: 'resourceType', detail: type });
}

/**
 * Demands the shape of a resource's type, of whatever was stored or is only asked about, and that it is labelled as what
 * stands in it.
 *
 * @throws ExchangeError HDE_RESOURCE_INVALID that tells what is wrong where
 */
export async function requireShape({ resource, decimals }: ReadResource): Promise<void> {
  // The table of elements is large: only writes pay for it.
  const { checkResource } = await import('../../core/fhir/write/check-resource.js');
  const shape = checkResource(resource, decimals);
  const [first, ...others] = shape.length > 0 ? shape : faultsOfInnerLabels(resource);
  if (first !== undefined) throw refusalOf(first, others);
}

/**
 * Demands of what a client writes the shape of its type, the codes that R4 requires, and of a consent that it can be told
 * what it says.
 *
 * @throws ExchangeError HDE_RESOURCE_INVALID, HDE_CODE_INVALID and HDE_CONSENT_UNCLEAR that tell what is wrong where
 */
export async function requireValid(statement: ReadResource): Promise<void> {
  const { resource } = statement;
  await requireShape(statement);
  const { checkCodes } = await import('../../core/fhir/write/check-codes.js');
  // What has the shape of its type may have many codes; the first tell enough.
  const [first, ...others] = checkCodes(resource).slice(0, mostIssues);
  if (first !== undefined) throw refusalOf(first, others);
  const [doubt, ...more] = doubtsOfConsent(resource);
  if (doubt !== undefined) throw refusalOf(doubt, more);
}

/** More findings than these help nobody. */
const mostIssues = 50;

/** A body as it came, or the resource that it was read as before. */
export type RequestBody =
  | { readonly contentType: string | undefined; readonly bytes: Uint8Array }
  | { readonly statement: ReadResource };

/** The resource that a body states. @throws ExchangeError HDE_CONTENT_TYPE, HDE_PAYLOAD_EMPTY, HDE_REQUEST_INVALID */
export async function resourceOf(body: RequestBody): Promise<ReadResource> {
  if ('statement' in body) return body.statement;
  const { contentType, bytes } = body;
  const read = await readBody(contentType, bytes);
  if (read.ok) return read.value;
  const [first = { code: 'HDE_REQUEST_INVALID', severity: 'error' } as const, ...others] = read.error;
  throw refusalOf(first, others);
}
