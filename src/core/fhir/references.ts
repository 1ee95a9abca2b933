import type { Resource } from 'fhir/r4.js';

/** What a literal reference to a resource of this server names. */
export interface LocalReference {
  readonly type: string;
  readonly id: string;
}

/** FHIR R4 datatype `id`. */
const fhirId = /^[A-Za-z0-9\-.]{1,64}$/;
const relativeReference = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})(?:\/_history\/[A-Za-z0-9\-.]{1,64})?$/;

/** Whether the text can be the logical id of a resource (FHIR R4 section 2.24.0.1, `id`). */
export function isFhirId(text: string): boolean {
  return fhirId.test(text);
}

/**
 * Reads `Type/id`, with or without a version and the base address of this server; undefined for anything else, such
 * as a contained resource, a URN or another server's address (FHIR R4 section 2.3.0.1).
 */
export function parseReference(reference: string, baseUrl: string): LocalReference | undefined {
  const base = `${baseUrl}/`;
  const relative = reference.startsWith(base) ? reference.slice(base.length) : reference;
  const [, type, id] = relativeReference.exec(relative) ?? [];
  return type === undefined || id === undefined ? undefined : { type, id };
}

/** Every `Reference.reference` of a resource in order of appearance, those of contained resources among them. */
export function referencesIn(resource: Resource): string[] {
  const found: string[] = [];
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      value.forEach(visit);
    } else if (typeof value === 'object' && value !== null) {
      for (const [key, child] of Object.entries(value)) {
        if (key === 'reference' && typeof child === 'string') found.push(child);
        else visit(child);
      }
    }
  };
  visit(resource);
  return found;
}
