/** What the policy needs to know of a patient: from their own partition, the patients linked to them, and what is kept of them. */
import type { Organization, Patient, Reference } from 'fhir/r4.js';
import { parseReference } from '../../core/fhir/references.js';
import type { AccessPrincipal, PatientFacts, Relationship } from '../../core/governance/access-request.js';
import type { KeptFacts } from '../../core/governance/kept-facts.js';
import { answerAbout, answerAt, answerOfPerson, type OptOutAnswer } from '../../core/governance/opt-out.js';
import { valuesToday } from '../../core/identity/known-by.js';
import { NHS_NUMBER_SYSTEM } from '../../core/identity/nhs-number.js';
import { identifierToken } from '../../core/identity/tokens.js';
import type { CurrentDocument, RecordSource } from '../../core/records/types.js';
import { together, whenKnown } from '../together.js';
import type { AccessDependencies } from './access-dependencies.js';
import { readPerson, type Person, type Said } from './person.js';
import { custodianOf, ownLabels } from './record-facts.js';

/**
 * Labelled records of one patient, and as many consents, that are looked at. Where there are more labelled ones, something
 * counts as withheld; where there are more consents, the patient counts as having refused everything.
 */
export const mostGoverning = 200;

/** From where a patient is seen. */
export interface Seer {
  /** `organisation`: the ODS code; undefined for patients. */
  readonly principal: Pick<AccessPrincipal, 'organisation'>;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Facts of a patient, as the policy asks for them. */
export class FactsOfPatient implements PatientFacts {
  readonly id: PatientFacts['id'];
  readonly linked: PatientFacts['linked'];
  readonly labels: PatientFacts['labels'];
  readonly consents: PatientFacts['consents'];
  readonly relationships: PatientFacts['relationships'];
  readonly proxies: PatientFacts['proxies'];
  readonly #optOut: () => OptOutAnswer;

  constructor(facts: Omit<PatientFacts, 'optOut'>, optOut: () => OptOutAnswer) {
    this.id = facts.id;
    this.linked = facts.linked;
    this.labels = facts.labels;
    this.consents = facts.consents;
    this.relationships = facts.relationships;
    this.proxies = facts.proxies;
    this.#optOut = optOut;
  }

  /** Looked up where it is asked for: it counts for few purposes, and its numbers are hashed. */
  get optOut(): OptOutAnswer {
    return this.#optOut();
  }

  /** The same patient in the care of others. */
  caredForBy(relationships: readonly Relationship[]): FactsOfPatient {
    const { id, linked, labels, consents, proxies } = this;
    return new FactsOfPatient({ id, linked, labels, consents, relationships, proxies }, this.#optOut);
  }
}

/** A patient, seen from an organisation. */
export interface KnownPatient {
  readonly facts: FactsOfPatient;
  /** The record of the Patient; undefined where none is stored. */
  readonly patient: CurrentDocument | undefined;
  /** Whose the record of the Patient is: that of the asker, where they have stated anything about the patient. */
  readonly custodian: string | undefined;
  /** Records of the patient that have security labels. */
  readonly labelled: readonly CurrentDocument[];
}

/**
 * Reads what is known of patients, in one query of their partitions and, for an asker of another organisation than those
 * whose feeds stated the Patients last, a second one. Of patients who are linked to others these are read, too.
 *
 * @param ids partitions, each once
 * @returns in their order
 */
export function readPatients(
  deps: AccessDependencies,
  ids: readonly string[],
  seer: Seer,
): Promise<readonly KnownPatient[]> {
  const reading = [deps.records.listGoverning(ids, mostGoverning), deps.governance.factsOf(ids)] as const;
  return Promise.all(reading).then(([governing, kept]) => {
    const following = ids.map((id) => {
      const person = readPerson(deps, id, patientAmong(governing.get(id)));
      return whenKnown(person, (known): Known => ({ id, person: known }));
    });
    return whenKnown(together(following), (patients) => {
      const others = othersOf(patients, { governing });
      const asking = together([
        others.length === 0 ? [] : deps.governance.factsOf(others),
        whereStated(deps, { governing, patients }, seer),
      ] as const);
      return whenKnown(asking, ([keptOfOthers, stated]) => {
        const reads = { governing, stated, kept: new Map<string, KeptFacts | undefined>() };
        for (const [at, id] of ids.entries()) reads.kept.set(id, kept[at]);
        for (const [at, id] of others.entries()) reads.kept.set(id, keptOfOthers[at]);
        return together(patients.map((patient) => knownOf(deps, patient, reads, seer)));
      });
    });
  });
}

/** Those who are linked to patients, and of whom nothing was read yet. */
function othersOf(patients: readonly Known[], { governing }: Pick<Reads, 'governing'>): readonly string[] {
  const others = new Set<string>();
  for (const { person } of patients)
    for (const id of person.others.keys()) if (!governing.has(id)) others.add(id);
  return [...others];
}

/** What was read of some patients. */
interface Reads {
  readonly governing: ReadonlyMap<string, readonly CurrentDocument[]>;
  /** Also of the others of each person. */
  readonly kept: ReadonlyMap<string, KeptFacts | undefined>;
  /** Where the asker's organisation has stated something. */
  readonly stated: ReadonlySet<string>;
}

const patientAmong = (documents: readonly CurrentDocument[] = []): CurrentDocument | undefined =>
  documents.find(({ resourceType }) => resourceType === 'Patient');

function knownOf(
  deps: AccessDependencies,
  { id, person }: Known,
  reads: Reads,
  { principal: { organisation }, now }: Seer,
): KnownPatient | Promise<KnownPatient> {
  const governing = reads.governing.get(id) ?? [];
  const patient = patientAmong(governing);
  const same = [id, ...person.joined];
  const isStating = organisation !== undefined && same.some((each) => reads.stated.has(each));
  const registered = same.flatMap((each) => reads.kept.get(each) ?? []);
  const caredForBy = (given: readonly Relationship[]): KnownPatient => ({
    patient,
    custodian: reads.stated.has(id) ? organisation : patient && custodianOf(deps, patient.source),
    labelled: governing.filter(({ index }) => index.token?.['_security'] !== undefined),
    facts: new FactsOfPatient(
      {
        ...{ id, linked: person.joined },
        labels: labelsOfPerson(person),
        consents: consentsAmong(governing),
        relationships: [...given, ...registered.flatMap(({ relationships }) => relationships)],
        proxies: registered.flatMap(({ proxies }) => proxies),
      },
      () => optOutOf(deps, { id, person }, reads.kept, now),
    ),
  });
  return isStating
    ? caredForBy([alwaysOf(organisation)])
    : practicesOf(deps, patient, person).then(caredForBy);
}

function consentsAmong(governing: readonly CurrentDocument[]): PatientFacts['consents'] {
  const consents = governing.filter(({ resourceType }) => resourceType === 'Consent');
  // What was not looked at may be a refusal: it stands as a consent that nobody understands.
  const others = consents.length < mostGoverning ? [] : [undefined];
  return [...consents.map(({ resource }) => resource), ...others];
}

/** A patient, and who else is the same person. */
interface Known {
  readonly id: string;
  readonly person: Person;
}

function optOutOf(
  { identitySecret, policy }: AccessDependencies,
  { id, person: { self, others, joined, isComplete } }: Known,
  kept: Reads['kept'],
  now: number,
): OptOutAnswer {
  if (!isComplete) return 'opted-out';
  const records = [[id, self] as const, ...others].map(([each, said]) => {
    const numbers = valuesToday(said?.kind === 'deleted' ? undefined : said?.resource, NHS_NUMBER_SYSTEM);
    // Keyed hashes, as answers name them.
    const hashes = () => numbers.map((number) => identifierToken(identitySecret, NHS_NUMBER_SYSTEM, number));
    const answer = answerAt(answerAbout(kept.get(each)?.optOut, hashes), now, policy.optOut);
    // Who was deleted is asked about no more: an opt-out of theirs counts, and what lets data be used does not.
    const opens = said?.kind !== 'version' && (each === id || joined.includes(each));
    return { answer, hasNumber: said?.kind === 'resource' && numbers.length > 0, opens };
  });
  return answerOfPerson(records.filter(({ answer, opens }) => opens || answer !== 'may-be-used'));
}

/** An organisation that cares for a patient, as far as is known without an end. */
export const alwaysOf = (organisation: string): Relationship => ({
  organisation,
  ...{ subject: undefined, start: undefined, end: undefined },
});

/** About whom an organisation has stated something lately, or stated the Patient: it cares for them. */
function whereStated(
  { records, feeds, policy }: AccessDependencies,
  { governing, patients }: Pick<Reads, 'governing'> & { readonly patients: readonly Known[] },
  { principal: { organisation }, now }: Seer,
): ReadonlySet<string> | Promise<ReadonlySet<string>> {
  if (organisation === undefined) return new Set();
  const isTheirs = (document: Said): boolean =>
    document?.kind === 'resource' && custodianOf({ feeds }, document.source) === organisation;
  const known = new Set<string>();
  const others = new Set<string>();
  const look = (id: string, document: Said): void => {
    (isTheirs(document) ? known : others).add(id);
  };
  for (const { person } of patients)
    for (const id of person.joined) if (!governing.has(id)) look(id, person.others.get(id));
  for (const [id, documents] of governing) look(id, patientAmong(documents));
  if (others.size === 0) return known;
  const own = [...feeds].filter(([, feed]) => feed.organisation === organisation).map(([name]) => name);
  const since = new Date(now - policy.relationship.days * 86_400_000).toISOString();
  return records
    .whereStated([...others], { feeds: own, organisation, since })
    .then((stated) => new Set([...known, ...stated]));
}

/** Patients who are linked are one person: what restricts one restricts all. */
function labelsOfPerson({ self, others, isComplete }: Person): PatientFacts['labels'] {
  const labels = new Set(labelsOfSaid(self));
  for (const said of others.values()) for (const label of labelsOfSaid(said)) labels.add(label);
  if (!isComplete) labels.add('restricted');
  return [...labels];
}

function labelsOfSaid(said: Said): PatientFacts['labels'] {
  if (said === undefined) return [];
  return said.kind === 'deleted' ? ['very-restricted'] : ownLabels(said);
}

/** The practices of a person: not those that stand in a record which another one has replaced. */
async function practicesOf(
  deps: AccessDependencies,
  patient: CurrentDocument | undefined,
  { joined, others }: Person,
): Promise<readonly Relationship[]> {
  const all = [patient, ...joined.map((id) => others.get(id))].filter((each) => each?.kind === 'resource');
  const standing = all.filter(({ resource }) => !isReplaced(resource as Patient));
  const lists = await Promise.all(
    (standing.length === 0 ? all : standing).map((each) => practices(deps, each)),
  );
  return lists.flat();
}

const isReplaced = ({ link = [] }: Patient): boolean => link.some(({ type }) => type === 'replaced-by');

const odsSystem = 'https://fhir.nhs.uk/Id/ods-organization-code';

/**
 * The practices where the patient is registered. An Organization says which one it is if a feed stated it, or whoever stated
 * the patient: a client that makes one under the id that somebody names would else be their practice.
 */
async function practices(
  deps: AccessDependencies,
  patient: CurrentDocument | undefined,
): Promise<readonly Relationship[]> {
  const { records, baseUrl } = deps;
  const { generalPractitioner = [] } = (patient?.resource ?? {}) as Partial<Patient>;
  const codeOf = async ({ identifier, reference }: Reference): Promise<string | undefined> => {
    if (identifier?.system === odsSystem) return identifier.value;
    const named = parseReference(reference ?? '', baseUrl);
    if (named?.type !== 'Organization') return undefined;
    const organisation = await records.readCurrent('Organization', named.id);
    if (organisation === undefined || !isTrusted(deps, organisation.source, patient?.source))
      return undefined;
    const { identifier: identifiers = [] } = organisation.resource as Organization;
    return identifiers.find(({ system }) => system === odsSystem)?.value;
  };
  const codes = await Promise.all(generalPractitioner.map(codeOf));
  return codes.filter((code) => code !== undefined).map(alwaysOf);
}

const isTrusted = (
  deps: AccessDependencies,
  source: RecordSource,
  ofPatient: RecordSource | undefined,
): boolean =>
  source.client === undefined ||
  (ofPatient !== undefined && custodianOf(deps, source) === custodianOf(deps, ofPatient));
