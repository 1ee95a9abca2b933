/** Bundles that ask for something, and what they are answered. */
import { expect } from '@jest/globals';
import type { Bundle, BundleEntry, OperationOutcome, Resource } from 'fhir/r4.js';
import { type Api, type Asked, send } from '../arrange.js';
import { aMinimal } from '../minimal.js';

export type Entry = BundleEntry;

/** An entry: `entry('POST', 'Observation', { fullUrl, resource })`. */
export function entry(
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  { request = {}, ...rest }: { fullUrl?: string; resource?: Resource; request?: object } = {},
): Entry {
  return { ...rest, request: { method, url, ...request } };
}

/** An Observation about somebody. */
export const anObservation = (reference: string, subject: string, fields: object = {}) =>
  aMinimal(reference, { subject: { reference: subject }, ...fields });

/** What a refusal is expected to be. */
export const refused = (code: string, fields: object = {}): unknown =>
  expect.objectContaining({ code, ...fields });

/** Sends a Bundle. */
export async function sendBundle(
  api: Api,
  type: 'batch' | 'transaction',
  entries: readonly Entry[],
  asked: Partial<Asked> = {},
): Promise<Bundle> {
  const body = { resourceType: 'Bundle', type, entry: [...entries] } as Bundle;
  const { status, resource } = await send(api, { method: 'POST', target: '', body, ...asked });
  if (status !== 200) throw new Error(`status ${status}`);
  return resource as Bundle;
}

/** `201`, `404 HDE_RESOURCE_NOT_FOUND` ... in the order of the entries. */
export const statusesOf = ({ entry: entries = [] }: Bundle): string[] =>
  entries.map(({ response }) => {
    const [status = ''] = (response?.status ?? '').split(' ');
    const outcome = response?.outcome as OperationOutcome | undefined;
    const code = outcome?.issue[0]?.details?.coding?.[0]?.code;
    return code === undefined ? status : `${status} ${code}`;
  });

/** `Type/id` of what an entry was answered with. */
export const addressOf = ({ entry: entries = [] }: Bundle, index: number): string => {
  const { resource } = entries[index] ?? {};
  return `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`;
};
