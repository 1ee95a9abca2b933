/** Decides about the records that one request meets, by the access policy. */
import type { Resource } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { findServedType, servedTypes } from '../../core/fhir/interactions.js';
import {
  isWithin,
  type AccessPrincipal,
  type AccessRequest,
  type BreakGlass,
  type PatientFacts,
  type RecordFacts,
} from '../../core/governance/access-request.js';
import {
  actionsOfInteraction,
  type Interaction,
  type Purpose,
} from '../../core/governance/access-vocabulary.js';
import { mayBreakGlass } from '../../core/governance/break-glass.js';
import { compileConsents } from '../../core/governance/consent.js';
import { compileDecisions, type CompiledDecisions } from '../../core/governance/decide.js';
import {
  decisionOf,
  decisionReasons,
  type Decision,
  type ReasonCode,
} from '../../core/governance/decision-reasons.js';
import type { KeptGlass } from '../../core/governance/kept-facts.js';
import type { CurrentDocument, HistoryDocument, LatestDocument } from '../../core/records/types.js';
import { together, whenKnown } from '../together.js';
import type { AccessDependencies } from './access-dependencies.js';
import { alwaysOf, type KnownPatient, mostGoverning, readPatients } from './patient-facts.js';
import {
  custodianOf,
  FactsOfRecord,
  ownLabels,
  patientOf,
  type RecordPlace,
  type StatedDocument,
} from './record-facts.js';

/** Who asks, what for and when. */
export interface Asker {
  readonly principal: AccessPrincipal;
  readonly purpose: Purpose | undefined;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** A decision, and whom it was about. */
export interface Decided {
  readonly decision: Decision;
  /** Record id; undefined for what is about nobody. */
  readonly patient: string | undefined;
}

/** Reasons that a broken glass may overcome. */
const underGlass: ReadonlySet<ReasonCode> = new Set([
  ...(['restricted', 'no-relationship', 'sensitive', 'consent-denies'] as const),
]);

/** Patients whose facts are read at once. */
const readsAtOnce = 100;

const notKnown = decisionOf('not-understood');

/**
 * One for each request: it reads what is known of each patient once, and remembers what it decided, for the audit trail.
 */
export class RequestAccess {
  readonly asker: Asker;
  readonly #deps: AccessDependencies;
  /** The readings that were begun, by the patients of whom they are. */
  readonly #readings = new Map<string, Promise<void>>();
  readonly #known = new Map<string, KnownPatient>();
  readonly #glass = new Map<string, BreakGlass | undefined>();
  readonly #compiled = new Map<string, CompiledDecisions>();
  readonly #shown = new WeakMap<Resource, string>();
  #redacted: WeakSet<HistoryDocument> | undefined;
  /** What was let out, and refused. */
  readonly #decided = new Map<string, Decided>();

  constructor(deps: AccessDependencies, asker: Asker) {
    this.#deps = deps;
    this.asker = asker;
  }

  /** What was decided about records, one of each reason and patient. */
  get decided(): readonly Decided[] {
    return [...this.#decided.values()];
  }

  /**
   * Refuses what the request may not do with any record of a type; without a type, with any at all.
   *
   * @throws ExchangeError HDE_FORBIDDEN that says why: it depends on the token and the request, and on no record
   */
  demand(interaction: Interaction, type: string): void {
    const types = type === '' ? servedTypes.map((served): string => served.type) : [type];
    // What is not served is refused as such.
    if (type !== '' && findServedType(type) === undefined) return;
    const refusals = types.map((each) => this.#decisionsOn(interaction, undefined).refusalOf(each));
    const [first] = refusals;
    if (first === undefined || refusals.some((refusal) => refusal === undefined)) return;
    this.#note(first, undefined);
    throw new ExchangeError('HDE_FORBIDDEN', { detail: decisionReasons[first.reason].text });
  }

  /** The decisions about documents, in their order. */
  decide(
    interaction: Interaction,
    documents: readonly HistoryDocument[],
  ): readonly Decision[] | Promise<readonly Decision[]> {
    return whenKnown(this.prepare(documents), () =>
      together(
        documents.map((document) =>
          document.kind === 'resource'
            ? this.decideNow(interaction, document)
            : this.#decideFormer(interaction, document),
        ),
      ),
    );
  }

  /** Whether a document may be had. */
  async permits(interaction: Interaction, document: HistoryDocument): Promise<boolean> {
    const [decision = notKnown] = await this.decide(interaction, [document]);
    return decision.outcome === 'permit';
  }

  /** Reads what is known of the patients whom records are about, as far as it was not read before. */
  prepare(places: readonly RecordPlace[]): Promise<unknown> | undefined {
    const wanted = new Set<string>();
    for (const place of places) {
      const id = patientOf(place);
      if (id !== undefined) wanted.add(id);
    }
    return this.#readOnce(wanted);
  }

  #readOnce(wanted: ReadonlySet<string>): Promise<unknown> | undefined {
    const ids: string[] = [];
    for (const id of wanted) if (!this.#readings.has(id)) ids.push(id);
    for (let start = 0; start < ids.length; start += readsAtOnce) {
      const batch = ids.slice(start, start + readsAtOnce);
      const reading = this.#readPatients(batch);
      for (const id of batch) this.#readings.set(id, reading);
    }
    const readings = new Set<Promise<void>>();
    for (const id of wanted) {
      const reading = this.#readings.get(id);
      if (reading !== undefined) readings.add(reading);
    }
    return readings.size > 1 ? Promise.all(readings) : readings.values().next().value;
  }

  /** Whether the asker may break the glass, through which places are left out of records. */
  get mayRedact(): boolean {
    const { principal, purpose } = this.asker;
    return principal.kind === 'staff' && purpose === 'direct-care';
  }

  /** Whether the asker is one who may break the glass: it says nothing of any record. */
  get mayBreakGlass(): boolean {
    const { principal, purpose } = this.asker;
    return purpose === 'direct-care' && mayBreakGlass(principal, this.#deps.policy);
  }

  #readPatients(ids: readonly string[]): Promise<void> {
    const reading = readPatients(this.#deps, ids, this.asker);
    return this.mayRedact
      ? this.#withGlasses(ids, reading)
      : reading.then((known) => {
          this.#learn(known);
        });
  }

  async #withGlasses(ids: readonly string[], reading: Promise<readonly KnownPatient[]>): Promise<void> {
    const [patients, own] = await Promise.all([reading, Promise.all(ids.map((id) => this.#glassOf(id)))]);
    const latest = await Promise.all(patients.map(({ facts }, at) => this.#latestOf(own[at], facts)));
    for (const [at, id] of ids.entries()) this.#glass.set(id, latest[at]);
    this.#learn(patients);
  }

  #learn(patients: readonly KnownPatient[]): void {
    for (const known of patients) this.#known.set(known.facts.id, known);
  }

  /** Who works for several organisations answers for a glass to the one for which they broke it, and uses it for that one. */
  async #glassOf(patient: string): Promise<KeptGlass | undefined> {
    const { subject, organisation } = this.asker.principal;
    return organisation === undefined
      ? undefined
      : this.#deps.governance.glassOf(subject, patient, organisation);
  }

  /** The latest glass that was broken for a patient, by this record of them or another one. */
  async #latestOf(own: KeptGlass | undefined, { id, linked }: PatientFacts): Promise<BreakGlass | undefined> {
    const others = await Promise.all(linked.map((each) => this.#glassOf(each)));
    const [latest] = [own, ...others]
      .filter((glass) => glass !== undefined)
      .sort((a, b) => b.openedAt - a.openedAt);
    // The policy asks for whom it was broken: for this person.
    return latest === undefined ? undefined : { ...latest, patient: id };
  }

  /**
   * Decides about what a document says now, or would say: what is known of its patient was read before (`prepare`).
   *
   * @param others labels that count besides its own
   */
  decideNow(
    interaction: Interaction,
    document: StatedDocument,
    others: ReturnType<typeof ownLabels> = [],
  ): Decision {
    const id = patientOf(document);
    const known = id === undefined ? undefined : this.#known.get(id);
    if (id !== undefined && known === undefined) return notKnown;
    const organisation =
      (document.resourceType === 'Patient' ? known?.custodian : undefined) ?? this.custodianOf(document);
    return this.#decideRecord(
      interaction,
      new FactsOfRecord(document, { organisation, others, patient: known?.facts }),
      id,
    );
  }

  #decideRecord(interaction: Interaction, record: RecordFacts, id: string | undefined): Decision {
    const decision = this.#decisionsOn(interaction, undefined).decide(record);
    const glass = id === undefined ? undefined : this.#glass.get(id);
    const decided =
      glass !== undefined && underGlass.has(decision.reason)
        ? this.#decisionsOn(interaction, glass).decide(record)
        : decision;
    this.#note(decided, id);
    return decided;
  }

  /**
   * Decides about a record that a write creates, or states again after it was deleted. One of the writer's own must be
   * about somebody whom they may have: else writing about a patient would open their record.
   */
  decideNew(interaction: Interaction, document: CurrentDocument): Decision {
    const id = patientOf(document);
    const known = id === undefined ? undefined : this.#known.get(id);
    const own = this.asker.principal.organisation;
    if (known === undefined || this.custodianOf(document) !== own)
      return this.decideNow(interaction, document);
    const { facts, patient, custodian } = known;
    const isRelated = facts.relationships.some(
      (each) => each.organisation === own && each.subject === undefined && isWithin(each, this.asker.now),
    );
    // Whom nobody has stated yet, the writer states.
    const isFirst = patient === undefined;
    const stated = isFirst && own !== undefined ? facts.caredForBy([alwaysOf(own)]) : facts;
    const organisation = isFirst || isRelated ? own : custodian;
    const record = new FactsOfRecord(document, { organisation, others: [], patient: stated });
    return this.#decideRecord(interaction, record, id);
  }

  /** Whether a client may be shown a record of whose patient is known what is to be known (`prepare`), and all of it. */
  isSeen(document: LatestDocument): boolean {
    if (document.kind === 'deleted') return false;
    const { outcome, obligations } = this.#silently(() => this.decideNow('read', document));
    return outcome === 'permit' && !obligations.includes('redact-location');
  }

  /** Whether a patient is stored of whom the asker is not to know; what is known of them was read before (`prepare`). */
  hidesPatient(id: string): boolean {
    const patient = this.#known.get(id)?.patient;
    return (
      patient !== undefined && this.#silently(() => this.decideNow('read', patient)).outcome !== 'permit'
    );
  }

  /** Remembers of a document that is let out whom it is about, and whether places are left out of it. */
  show(document: HistoryDocument, isRedacted: boolean): void {
    if (isRedacted) (this.#redacted ??= new WeakSet()).add(document);
    const patient = patientOf(document);
    if (patient !== undefined && document.kind !== 'deleted') this.#shown.set(document.resource, patient);
  }

  /** Whom a resource is about that was let out. */
  patientShown(resource: Resource): string | undefined {
    return this.#shown.get(resource);
  }

  /** Whether it must not be told where the patient lives or is cared for, of a document that was let out. */
  isRedacted(document: HistoryDocument): boolean {
    return this.#redacted?.has(document) === true;
  }

  /** Whose record it is, or was when it was deleted. */
  custodianOf({ source }: HistoryDocument): string | undefined {
    return custodianOf(this.#deps, source);
  }

  /** What was known of a patient is asked again by whoever comes next: the request has changed something about them. */
  forget(id: string): void {
    this.#readings.delete(id);
  }

  /**
   * Whether anything about a patient is withheld from the asker, who may see others of their records: whatever it is, so
   * that no search tells by what it asks for.
   */
  async isWithholding(interaction: Interaction, id: string): Promise<boolean> {
    await this.#readOnce(new Set([id]));
    const known = this.#known.get(id);
    if (known?.patient === undefined) return false;
    const { patient, labelled, facts } = known;
    const outcomes = [patient, ...labelled].map(
      (document) => this.#silently(() => this.decideNow(interaction, document)).outcome,
    );
    if (outcomes.includes('withhold')) return true;
    const isSeen = outcomes.includes('permit');
    return (
      isSeen && (labelled.length >= mostGoverning || this.#isRefusedAnything(interaction, facts.consents))
    );
  }

  #isRefusedAnything(interaction: Interaction, consents: readonly unknown[]): boolean {
    const { principal, purpose, now } = this.asker;
    if (purpose === undefined || principal.kind === 'patient') return false;
    const { subject, organisation } = principal;
    const actions = actionsOfInteraction[interaction];
    return compileConsents(consents, { subject, organisation, purpose, actions, now }) !== undefined;
  }

  /** A version or a deletion is judged by what it says, or said last, with the labels that stand now. */
  async #decideFormer(
    interaction: Interaction,
    document: Exclude<HistoryDocument, CurrentDocument>,
  ): Promise<Decision> {
    const { resourceType, fhirId, partition } = document;
    const latest =
      document.kind === 'deleted'
        ? document
        : await this.#deps.records.readLatest(resourceType, fhirId, partition);
    const standing = latest?.kind === 'deleted' ? await this.#beforeDeletion(latest) : latest;
    const stated = document.kind === 'deleted' ? await this.#beforeDeletion(document) : document;
    if (stated === undefined || standing === undefined) return notKnown;
    return this.decideNow(interaction, stated, ownLabels(standing));
  }

  async #beforeDeletion(deletion: LatestDocument): Promise<StatedDocument | undefined> {
    const { resourceType, fhirId, partition, versionId } = deletion;
    const { records } = this.#deps;
    const before = await records.readVersion(resourceType, fhirId, versionId - 1, partition);
    return before?.kind === 'deleted' ? undefined : before;
  }

  #decisionsOn(interaction: Interaction, glass: BreakGlass | undefined): CompiledDecisions {
    const key = `${interaction} ${glass?.patient ?? ''}`;
    const known = this.#compiled.get(key);
    if (known !== undefined) return known;
    const request: AccessRequest = { ...this.asker, interaction, breakGlass: glass };
    const compiled = compileDecisions(request, this.#deps.policy);
    this.#compiled.set(key, compiled);
    return compiled;
  }

  #isSilent = false;

  /** What is decided only to know whether to declare something was asked of nobody. */
  #silently<T>(work: () => T): T {
    this.#isSilent = true;
    try {
      return work();
    } finally {
      this.#isSilent = false;
    }
  }

  #note(decision: Decision, patient: string | undefined): void {
    if (!this.#isSilent) this.#decided.set(`${decision.reason} ${patient ?? ''}`, { decision, patient });
  }
}
