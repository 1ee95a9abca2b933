/**
 * Says in an answer that something is withheld, and not what, how much or why. It depends on the patients whom the answer
 * is about and on who asks: never on what was asked for, or a search by a code would tell who has it.
 */
import type { Bundle, BundleEntry, OperationOutcome, Resource } from 'fhir/r4.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import type { RouteMatch } from '../../core/fhir/interactions.js';
import { operationOutcome } from '../../core/fhir/operation-outcome.js';
import { isFhirId, parseReference } from '../../core/fhir/references.js';
import { partitionOf } from '../../core/records/ids.js';
import { ExchangeError, type Issue } from '../../core/errors.js';
import { actionsOfInteraction, type Interaction } from '../../core/governance/access-vocabulary.js';
import type { RequestAccess } from './request-access.js';

/** What is said. */
const withheld: Issue = { code: 'HDE_RECORDS_WITHHELD', severity: 'information' };

/** To those who may break the glass, how; whether it would open anything is not told. */
const withheldFrom = ({ mayBreakGlass }: RequestAccess): Issue =>
  mayBreakGlass ? { ...withheld, detail: 'In an emergency: POST /access/break-glass' } : withheld;

/** Parameters that name a patient by an id alone; in any other one a reference names a patient. */
const patientParameters: ReadonlySet<string> = new Set(
  ['patient', 'subject', 'beneficiary'].flatMap((name) => [name, `${name}:Patient`]),
);

/** Patients whom a request may name; of more at once no search is answered. */
const mostPatients = 100;

/** The patients whom a request names: in its address, or by its parameters. */
export function patientsAskedFor(
  { type, id, interaction }: Pick<RouteMatch, 'type' | 'id' | 'interaction'>,
  parameters: readonly ParameterPair[],
  baseUrl: string,
): ReadonlySet<string> {
  const named = new Set<string>();
  // The id of a record about a patient says whom it is about, also where there is no such record.
  if (interaction === 'search-compartment' || type === 'Patient') named.add(id);
  else if (id.includes('.')) named.add(partitionOf(id));
  for (const [name, value] of parameters) {
    const isPatients = patientParameters.has(name) || (name === '_id' && type === 'Patient');
    for (const each of value.split(',')) {
      const reference = parseReference(each, baseUrl);
      if (reference !== undefined && (reference.type === 'Patient' || reference.id.includes('.')))
        named.add(partitionOf(reference.id));
      else if (reference === undefined && isPatients) named.add(each);
    }
  }
  return new Set([...named].filter(isFhirId).slice(0, mostPatients));
}

/**
 * Answers a request that reads: the answer, or the refusal of what is not there, says so where something of a patient whom
 * it is about, or who was asked for, is withheld.
 */
export async function declareWithheld<A extends { readonly resource?: Resource }>(
  access: RequestAccess,
  interaction: string,
  asked: () => ReadonlySet<string>,
  answer: () => Promise<A>,
): Promise<A> {
  if (!isReading(interaction)) return answer();
  try {
    const whole = await answer();
    const { resource } = whole;
    if (resource?.resourceType !== 'Bundle' || (resource as Bundle).type !== 'searchset') return whole;
    const patients = [...asked(), ...patientsIn(resource as Bundle, access)];
    const isDeclared = await isWithholding(access, interaction, patients);
    return isDeclared ? { ...whole, resource: declaring(resource as Bundle, withheldFrom(access)) } : whole;
  } catch (error) {
    if (!(error instanceof ExchangeError) || error.code !== 'HDE_RESOURCE_NOT_FOUND') throw error;
    if (!(await isWithholding(access, interaction, [...asked()]))) throw error;
    throw new ExchangeError(error.code, { others: [...error.others, withheldFrom(access)] });
  }
}

const patientsIn = ({ entry = [] }: Bundle, access: RequestAccess): string[] =>
  entry.flatMap(({ resource }) => (resource && access.patientShown(resource)) ?? []);

async function isWithholding(
  access: RequestAccess,
  interaction: Interaction,
  patients: readonly string[],
): Promise<boolean> {
  for (const patient of [...new Set(patients)])
    if (await access.isWithholding(interaction, patient)) return true;
  return false;
}

/** What is written was stated by the client. */
const isReading = (interaction: string): interaction is Interaction =>
  Object.hasOwn(actionsOfInteraction, interaction) &&
  actionsOfInteraction[interaction as Interaction].every((action) => action === 'r' || action === 's');

function declaring(bundle: Bundle, said: Issue): Bundle {
  const { entry = [] } = bundle;
  const isOutcome = ({ search }: BundleEntry): boolean => search?.mode === 'outcome';
  const others = entry.filter((each) => !isOutcome(each));
  const told = entry.find(isOutcome)?.resource as OperationOutcome | undefined;
  const { issue } = operationOutcome([said]);
  const outcome: OperationOutcome = {
    resourceType: 'OperationOutcome',
    issue: [...(told?.issue ?? []), ...issue],
  };
  return { ...bundle, entry: [...others, { resource: outcome, search: { mode: 'outcome' } }] };
}
