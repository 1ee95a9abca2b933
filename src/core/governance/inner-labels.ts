/**
 * Security labels inside a record: of a contained resource (which R4 forbids, dom-5), or of one element (HL7 Data Segmentation
 * for Privacy, inline security label). Records are held back as a whole, by their own labels.
 */
import type { Resource } from 'fhir/r4.js';
import type { Issue } from '../errors.js';
import { labelsOf } from './security-labels.js';

type Fields = Readonly<Record<string, unknown>>;

/** The extension that labels one element, in whatever guide its address is. */
const inlineLabel = /\binline-sec-label$/;

/** More findings than these help nobody. */
const mostIssues = 50;

/** The labels inside a resource that would hold back more than its own do, each with its place. No value of it appears. */
export function faultsOfInnerLabels(resource: Resource): Issue[] {
  const own = new Set(labelsOf(resource.meta?.security));
  const issues: Issue[] = [];
  const look = (value: unknown, place: string): void => {
    if (Array.isArray(value)) {
      for (const [index, each] of value.entries()) look(each, `${place}[${index}]`);
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    const fields = value as Fields;
    if (place !== resource.resourceType && labelsAt(fields).some((label) => !own.has(label)))
      issues.push(faultAt(place));
    for (const [name, each] of Object.entries(fields)) look(each, `${place}.${name.replace(/^_/, '')}`);
  };
  look(resource, resource.resourceType);
  return issues.slice(0, mostIssues);
}

function labelsAt({ resourceType, meta, url, valueCoding }: Fields): ReturnType<typeof labelsOf> {
  if (typeof resourceType === 'string') return labelsOf((meta as Fields | null | undefined)?.['security']);
  return typeof url === 'string' && inlineLabel.test(url) ? labelsOf([valueCoding]) : [];
}

const faultAt = (location: string): Issue => ({
  code: 'HDE_RESOURCE_INVALID',
  severity: 'error',
  location,
  detail:
    'a security label that the record has not: state it in meta.security of the record, which is held back whole',
});
