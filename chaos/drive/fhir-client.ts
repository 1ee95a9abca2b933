/** Reads records as any client of the FHIR API does. */
import { numberSystem } from '../feeds.js';
import type { Person } from '../hospital/model.js';
import { at, listAt, textAt, type Json } from '../json.js';

export interface FhirClient {
  /** Everything about a person on one page; undefined when there is no such person or no answer. */
  everything(person: Person): Promise<readonly Json[] | undefined>;
  /** A receipt as its sender sees it. */
  receipt(id: string): Promise<Json | undefined>;
}

const pageSize = 1000;
const attemptMs = 30_000;

export function createFhirClient(
  url: string,
  tokens: { readonly reader: string; readonly sender: string },
): FhirClient {
  const ids = new Map<string, string>();
  const get = async (path: string, token: string): Promise<Json | undefined> => {
    try {
      const response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
        signal: AbortSignal.timeout(attemptMs),
      });
      const body = (await response.json()) as Json;
      return response.status === 200 ? body : undefined;
    } catch {
      return undefined;
    }
  };
  const idOf = async (person: Person): Promise<string | undefined> => {
    const known = ids.get(person.id);
    if (known !== undefined) return known;
    const identifier = encodeURIComponent(`${numberSystem('RZZ')}|${person.mrn}`);
    const found = await get(`/fhir/Patient?identifier=${identifier}`, tokens.reader);
    const id = textAt(found, 'entry', 0, 'resource', 'id');
    if (id !== '') ids.set(person.id, id);
    return id === '' ? undefined : id;
  };
  return {
    async everything(person) {
      const id = await idOf(person);
      if (id === undefined) return undefined;
      const bundle = await get(`/fhir/Patient/${id}/$everything?_count=${pageSize}`, tokens.reader);
      return bundle === undefined ? undefined : resourcesOf(bundle);
    },
    receipt: (id) => get(`/ingest/receipts/${id}`, tokens.sender),
  };
}

const resourcesOf = (bundle: Json): Json[] =>
  listAt(bundle, 'entry').map((entry) => at(entry, 'resource') as Json);
