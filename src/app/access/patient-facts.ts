/** What the policy needs to know of a patient: from their own partition, the patients linked to them, and what is kept of them. */
import type { Organization, Patient, Reference } from 'fhir/r4.js';
import { parseReference } from '../../core/fhir/references.js';
import type { AccessPrincipal, PatientFacts, Relationship } from '../../core/governance/access-request.js';
import type { KeptFacts } from '../../core/governance/kept-facts.js';
import { answerAbout, answerAt } from '../../core/governance/opt-out.js';
import { valuesToday } from '../../core/identity/known-by.js';
import { NHS_NUMBER_SYSTEM } from '../../core/identity/nhs-number.js';
import { identifierToken } from '../../core/identity/tokens.js';
import type { CurrentDocument } from '../../core/records/types.js';
import { expandLinks } from '../fhir/link-set.js';
import type { AccessDependencies } from './access-dependencies.js';
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

/** Facts of a patient, seen from an organisation. */
export interface KnownPatient {
  readonly facts: PatientFacts;
  /** The record of the Patient; undefined where none is stored. */
  readonly patient: CurrentDocument | undefined;
  /** Whose the record of the Patient is: that of the asker, where they have stated anything about the patient. */
  readonly custodian: string | undefined;
  /** Records of the patient that have security labels. */
  readonly labelled: readonly CurrentDocument[];
}

/**
 * Reads what is known of patients, in one query of their partitions and, for an asker of another organisation than those
 * whose feeds stated the Patients last, a second one.
 *
 * @param ids partitions, each once
 */
export async function readPatients(
  deps: AccessDependencies,
  ids: readonly string[],
  { principal: { organisation }, now }: Seer,
): Promise<ReadonlyMap<string, KnownPatient>> {
  const [governing, kept] = await Promise.all([
    deps.records.listGoverning(ids, mostGoverning),
    deps.governance.factsOf(ids),
  ]);
  const stated = await whereStated(deps, governing, organisation);
  const known = ids.map(async (id, at) => {
    const stating = stated.has(id) ? organisation : undefined;
    return [
      id,
      await knownOf(deps, id, { governing: governing.get(id) ?? [], kept: kept[at], stating, now }),
    ] as const;
  });
  return new Map(await Promise.all(known));
}

/** What was read of one patient. */
interface PatientReads {
  readonly governing: readonly CurrentDocument[];
  readonly kept: KeptFacts | undefined;
  /** The asker's organisation, where it has stated something about the patient. */
  readonly stating: string | undefined;
  readonly now: number;
}

async function knownOf(
  deps: AccessDependencies,
  id: string,
  { governing, kept, stating, now }: PatientReads,
): Promise<KnownPatient> {
  const patient = governing.find(({ resourceType }) => resourceType === 'Patient');
  const labels = await labelsOfPerson(deps, id, patient);
  return {
    patient,
    custodian: stating ?? (patient && custodianOf(deps, patient.source)),
    labelled: governing.filter(({ index }) => index.token?.['_security'] !== undefined),
    facts: {
      id,
      labels,
      optOut: answerAt(
        answerAbout(kept?.optOut, () => numbersOf(deps, patient)),
        now,
        deps.policy.optOut,
      ),
      consents: consentsAmong(governing),
      relationships: [
        ...(stating === undefined ? await practices(deps, patient) : [alwaysOf(stating)]),
        ...(kept?.relationships ?? []),
      ],
      proxies: kept?.proxies ?? [],
    },
  };
}

function consentsAmong(governing: readonly CurrentDocument[]): PatientFacts['consents'] {
  const consents = governing.filter(({ resourceType }) => resourceType === 'Consent');
  // What was not looked at may be a refusal: it stands as a consent that nobody understands.
  const others = consents.length < mostGoverning ? [] : [undefined];
  return [...consents.map(({ resource }) => resource), ...others];
}

/** Keyed hashes of the NHS numbers that the patient has today. */
const numbersOf = (
  { identitySecret }: AccessDependencies,
  patient: CurrentDocument | undefined,
): readonly string[] =>
  valuesToday(patient?.resource, NHS_NUMBER_SYSTEM).map((number) =>
    identifierToken(identitySecret, NHS_NUMBER_SYSTEM, number),
  );

/** An organisation that cares for a patient, as far as is known without an end. */
export const alwaysOf = (organisation: string): Relationship => ({
  organisation,
  ...{ subject: undefined, start: undefined, end: undefined },
});

/** About whom an organisation has stated something: it cares for them. */
async function whereStated(
  { records, feeds }: AccessDependencies,
  governing: ReadonlyMap<string, readonly CurrentDocument[]>,
  organisation: string | undefined,
): Promise<ReadonlySet<string>> {
  if (organisation === undefined) return new Set();
  const isTheirs = ({ source }: CurrentDocument): boolean => custodianOf({ feeds }, source) === organisation;
  const known: string[] = [];
  const others: string[] = [];
  for (const [id, documents] of governing) (documents.some(isTheirs) ? known : others).push(id);
  const own = [...feeds].filter(([, feed]) => feed.organisation === organisation).map(([name]) => name);
  const found = others.length === 0 ? [] : await records.whereStated(others, { feeds: own, organisation });
  return new Set([...known, ...found]);
}

/** Patients of one person whose labels are looked up; whoever is linked with more counts as restricted. */
const mostOfPerson = 200;

/** Patients who are linked are one person: what restricts one restricts all. */
async function labelsOfPerson(
  { records, baseUrl }: AccessDependencies,
  id: string,
  patient: CurrentDocument | undefined,
): Promise<PatientFacts['labels']> {
  if (patient === undefined) return labelsOfPatient(records, id);
  const own = ownLabels(patient);
  if ((patient.resource as Patient).link === undefined) return own;
  const { patients, isComplete } = await expandLinks({ records, baseUrl }, id, mostOfPerson);
  const others = await Promise.all(
    patients.filter((each) => each !== id).map((each) => labelsOfPatient(records, each)),
  );
  return [...new Set([...own, ...others.flat(), ...(isComplete ? [] : (['restricted'] as const))])];
}

/** Of a Patient who is deleted what was said last: the history of the records about them is judged by it. */
async function labelsOfPatient(
  records: AccessDependencies['records'],
  id: string,
): Promise<PatientFacts['labels']> {
  const latest = await records.readLatest('Patient', id);
  if (latest?.kind !== 'deleted') return latest === undefined ? [] : ownLabels(latest);
  const before = await records.readVersion('Patient', id, latest.versionId - 1);
  return before === undefined || before.kind === 'deleted' ? ['very-restricted'] : ownLabels(before);
}

const odsSystem = 'https://fhir.nhs.uk/Id/ods-organization-code';

/** The practices where the patient is registered. */
async function practices(
  { records, baseUrl }: AccessDependencies,
  patient: CurrentDocument | undefined,
): Promise<readonly Relationship[]> {
  const { generalPractitioner = [] } = (patient?.resource ?? {}) as Partial<Patient>;
  const codeOf = async ({ identifier, reference }: Reference): Promise<string | undefined> => {
    if (identifier?.system === odsSystem) return identifier.value;
    const named = parseReference(reference ?? '', baseUrl);
    if (named?.type !== 'Organization') return undefined;
    const organisation = await records.readCurrent('Organization', named.id);
    const { identifier: identifiers = [] } = (organisation?.resource ?? {}) as Partial<Organization>;
    return identifiers.find(({ system }) => system === odsSystem)?.value;
  };
  const codes = await Promise.all(generalPractitioner.map(codeOf));
  return codes.filter((code) => code !== undefined).map(alwaysOf);
}
