import type { Bundle, BundleEntry, OperationOutcome, Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../errors.js';
import { operationOutcome } from '../operation-outcome.js';
import { toXml, type XmlOptions } from './to-xml.js';

/**
 * A resource as FHIR XML. One record that XML cannot say must not keep a reader from all others: in a Bundle its entry
 * keeps its address, and tells by an OperationOutcome that the record is there and what to do.
 *
 * @throws ExchangeError HDE_NOT_ACCEPTABLE where `toXml` does, for what is no entry of a Bundle
 */
export function writeXml(resource: Resource, options: XmlOptions): string {
  try {
    return toXml(resource, options);
  } catch (error) {
    if (!(error instanceof ExchangeError) || resource.resourceType !== 'Bundle') throw error;
    const { entry = [], ...bundle } = resource as Bundle;
    return toXml({ ...bundle, entry: entry.map(withoutInexpressible) } as Bundle, options);
  }
}

function withoutInexpressible(entry: BundleEntry): BundleEntry {
  const { resource, search, ...rest } = entry;
  const outcome = resource && outcomeOf(resource);
  if (outcome === undefined) return entry;
  // Outcomes stand beside the matches of a search, and in the responses of any other Bundle (R4 invariant bdl-4).
  return rest.response === undefined
    ? { ...rest, resource: outcome, ...(search === undefined ? {} : { search: { mode: 'outcome' } }) }
    : { ...rest, response: { ...rest.response, outcome } };
}

/** Why XML cannot say a resource; undefined where it can. */
function outcomeOf(resource: Resource): OperationOutcome | undefined {
  try {
    toXml(resource);
    return undefined;
  } catch (error) {
    if (!(error instanceof ExchangeError)) throw error;
    return operationOutcome([{ ...error.toIssue(), severity: 'warning' }]);
  }
}
