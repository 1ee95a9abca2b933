/** Sees what a request is answered with, and whom that concerns. */
import type { Bundle, Provenance, Resource } from 'fhir/r4.js';
import { sharedTypes } from '../../core/fhir/interactions.js';
import { isFhirId, parseReference } from '../../core/fhir/references.js';
import { subjectsOf } from '../../core/fhir/write/patient-compartment.js';
import { parseNhsNumber } from '../../core/identity/nhs-number.js';
import { patientOf } from '../access/record-facts.js';

/** A record, by type and id. */
export interface Named {
  readonly type: string;
  readonly id: string;
}

/** What was changed, and where it lives. */
export interface ChangedRecord {
  readonly resourceType: string;
  readonly fhirId: string;
  readonly versionId: number;
  readonly partition: string;
}

/** Names of records, and ids of patients. */
interface Seen {
  readonly records: readonly string[];
  readonly patients: readonly string[];
}

/** What is asked for: the parts of its address. */
interface Asked extends Named {
  readonly interaction: string;
  readonly versionId: string;
}

/** Parameters that name a patient by an id alone; in any other one a reference names a patient. */
const patientParameters: ReadonlySet<string> = new Set(
  ['patient', 'subject', 'beneficiary'].flatMap((name) => [name, `${name}:Patient`]),
);

/** Of a Bundle each entry is told of by itself, and of a write what it changed. */
const toldOtherwise: ReadonlySet<string> = new Set([
  ...['transaction', 'capabilities'],
  ...['create', 'update', 'patch', 'delete'],
]);

/** What a request is answered with, entry by entry where it is a Bundle. One for each request. */
export class Witness {
  readonly #baseUrl: string;
  readonly #records = new Set<string>();
  readonly #patients = new Set<string>();
  /** Ids that a client named as patients. */
  readonly #sought = new Set<string>();
  /** Records that do not say whom they concern. */
  readonly #unplaced = new Map<string, Named>();

  constructor(baseUrl: string) {
    this.#baseUrl = baseUrl;
  }

  /** A request, or an entry of a Bundle, was answered; with no resource when the client holds it, or wants none. */
  answered(
    { interaction, type, id, versionId }: Asked,
    parameters: Iterable<readonly [string, string]>,
    resource: Resource | undefined,
  ): void {
    if (toldOtherwise.has(interaction)) return;
    if (interaction === 'provenance') {
      this.#sawTargets(resource as Bundle | undefined);
      return;
    }
    if (resource?.resourceType === 'Bundle') this.#sawEntries(resource as Bundle);
    else if (resource?.id !== undefined && resource.resourceType === type) this.#saw(resource, versionId);
    else if (id !== '') this.named({ type, id }, versionId);
    // The patient in whose compartment was searched, and those whom the criteria name: even an empty answer tells of them.
    if (interaction === 'search-compartment') this.#sought.add(id);
    for (const [name, value] of parameters) {
      const isPatients = patientParameters.has(name) || (name === '_id' && type === 'Patient');
      for (const each of value.split(',')) this.#seek(each, isPatients);
    }
  }

  /** A record was changed. */
  changed(record: ChangedRecord): void {
    const { resourceType, fhirId, versionId } = record;
    this.#records.add(`${resourceType}/${fhirId}/_history/${versionId}`);
    const patient = patientOf(record);
    if (patient !== undefined) this.#patients.add(patient);
  }

  /** A record was asked for, without being shown. */
  named({ type, id }: Named, versionId = ''): void {
    if (!isFhirId(id) || parseNhsNumber(id) !== undefined) return;
    this.#records.add(versionId === '' ? `${type}/${id}` : `${type}/${id}/_history/${versionId}`);
    if (type === 'Patient') this.#patients.add(id);
    else if (!sharedTypes.has(type)) this.#unplaced.set(`${type}/${id}`, { type, id });
  }

  /** Whatever was seen. @param whomOf whom a record is about whose id does not say so; undefined when there is none, or nobody */
  tell(whomOf: (record: Named) => Promise<string | undefined>): Seen | Promise<Seen> {
    const seen = (): Seen => ({ records: [...this.#records], patients: [...this.#patients] });
    const isTold = this.#unplaced.size === 0 && this.#sought.size === 0;
    return isTold ? seen() : this.#seekPatients(whomOf).then(seen);
  }

  async #seekPatients(whomOf: (record: Named) => Promise<string | undefined>): Promise<void> {
    const unplaced = await eachOf(
      this.#unplaced.values(),
      async (record) => ownPatient(record.id) ?? whomOf(record),
    );
    // What is no patient's id may be anything: a number or a name that somebody typed.
    const sought = await eachOf(this.#sought, async (id) =>
      isOwnId(id) || (await whomOf({ type: 'Patient', id })) !== undefined ? id : undefined,
    );
    for (const patient of [...unplaced, ...sought]) if (patient !== undefined) this.#patients.add(patient);
  }

  #sawEntries({ entry = [] }: Bundle): void {
    for (const { resource, request } of entry) {
      if (resource?.resourceType === 'OperationOutcome') continue;
      // Of a history the versions count; a deletion has no resource, and says in its request what was deleted.
      if (resource !== undefined)
        this.#saw(resource, request === undefined ? '' : (resource.meta?.versionId ?? ''));
      else if (request !== undefined) {
        const deleted = parseReference(request.url, this.#baseUrl);
        if (deleted !== undefined) this.named(deleted);
      }
    }
  }

  /** What was shown of records is where they come from: they are named, and not what tells of them. */
  #sawTargets({ entry = [] }: Bundle = { resourceType: 'Bundle', type: 'searchset' }): void {
    for (const { resource } of entry) {
      const { target = [] } = (resource ?? {}) as Partial<Provenance>;
      for (const { reference = '' } of target) {
        const named = parseReference(reference, this.#baseUrl);
        if (named !== undefined) this.named(named, reference.split('/_history/')[1]);
      }
    }
  }

  #saw(resource: Resource, versionId: string): void {
    const { resourceType: type, id = '' } = resource;
    this.#records.add(versionId === '' ? `${type}/${id}` : `${type}/${id}/_history/${versionId}`);
    if (type === 'Patient') this.#patients.add(id);
    else if (!sharedTypes.has(type)) {
      const patients = this.#patientsOf(resource);
      for (const patient of patients) this.#patients.add(patient);
      if (patients.length === 0) this.#unplaced.set(`${type}/${id}`, { type, id });
    }
  }

  #patientsOf(resource: Resource): readonly string[] {
    const { subject, patient } = resource as Partial<
      Record<'subject' | 'patient', { readonly reference?: unknown }>
    >;
    const direct = this.#patientNamed(subject?.reference ?? patient?.reference);
    // Most records say so in one element; the table of all of them is slower to read.
    if (direct !== undefined) return [direct];
    return subjectsOf(resource).flatMap(({ reference }) => this.#patientNamed(reference) ?? []);
  }

  #patientNamed(reference: unknown): string | undefined {
    if (typeof reference !== 'string') return undefined;
    const named = parseReference(reference, this.#baseUrl);
    return named?.type === 'Patient' ? named.id : undefined;
  }

  #seek(value: string, isPatient: boolean): void {
    const named = parseReference(value, this.#baseUrl);
    if (named?.type === 'Patient') this.#sought.add(named.id);
    else if (named === undefined && isPatient && isFhirId(value)) this.#sought.add(value);
  }
}

/** Records that are looked up at the same time: a page of them may be in as many places. */
const lookedUpAtOnce = 16;

/** What becomes of each, some at a time, in their order. */
async function eachOf<T, R>(all: Iterable<T>, work: (each: T) => Promise<R>): Promise<readonly R[]> {
  const items = [...all];
  const done: R[] = [];
  for (let from = 0; from < items.length; from += lookedUpAtOnce)
    done.push(...(await Promise.all(items.slice(from, from + lookedUpAtOnce).map(work))));
  return done;
}

/** The form of the ids that the exchange gives (docs/adr/0003). */
const ownId = /^((?:nobody-)?[a-z2-7]{26})(?:\.[a-z2-7]{26})?$/;

/** The patient of whose record an id of the exchange is. */
const ownPatient = (id: string): string | undefined => (id.includes('.') ? ownId.exec(id)?.[1] : undefined);

/** Whether an id is one that the exchange gives: what a client made up may be anything, also a name. */
export const isOwnId = (id: string): boolean => ownId.test(id);
