/** What the national service answered about opt-outs, kept by patient. */
import type { KeptAnswer } from '../../core/governance/opt-out.js';
import { isKnownBy } from '../../core/identity/known-by.js';
import { NHS_NUMBER_SYSTEM } from '../../core/identity/nhs-number.js';
import { identifierToken } from '../../core/identity/tokens.js';
import type { GovernanceStore } from '../../ports/governance-store.js';
import type { IdentityStore } from '../../ports/identity-store.js';
import type { RecordStore } from '../../ports/record-store.js';

export interface OptOutDependencies {
  readonly governance: Pick<GovernanceStore, 'saveOptOut'>;
  readonly identities: Pick<IdentityStore, 'find'>;
  readonly records: Pick<RecordStore, 'readCurrent'>;
  readonly identitySecret: string;
}

type Answer = KeptAnswer['answer'];

/** What was kept, without saying about whom what. */
export interface KeptAnswers {
  /** Record ids, in any order. */
  readonly patients: readonly string[];
  readonly mayBeUsed: number;
  readonly optedOut: number;
  /** Numbers of nobody known here: nothing is kept about them. */
  readonly unknown: number;
}

/** Patients who are looked up at the same time. */
const patientsAtOnce = 20;

/**
 * Keeps answers, by NHS number.
 *
 * @param at when the service answered: ISO instant
 */
export async function keepOptOuts(
  deps: OptOutDependencies,
  answers: ReadonlyMap<string, Answer>,
  at: string,
): Promise<KeptAnswers> {
  const byPatient = new Map<string, { answer: Answer; readonly numbers: string[] }>();
  let unknown = 0;
  for (const part of partsOf([...answers], patientsAtOnce)) {
    const holders = await holdersOf(
      deps,
      part.map(([number]) => number),
    );
    for (const [number, answer] of part) {
      const patient = holders.get(number);
      if (patient === undefined) {
        unknown++;
        continue;
      }
      const kept = byPatient.get(patient) ?? { answer, numbers: [] };
      kept.numbers.push(identifierToken(deps.identitySecret, NHS_NUMBER_SYSTEM, number));
      // Of several numbers of a patient one that has opted out decides.
      if (answer === 'opted-out') kept.answer = answer;
      byPatient.set(patient, kept);
    }
  }
  for (const part of partsOf([...byPatient], patientsAtOnce))
    await Promise.all(part.map(([patient, kept]) => deps.governance.saveOptOut(patient, { ...kept, at })));
  const mayBeUsed = [...byPatient.values()].filter(({ answer }) => answer === 'may-be-used').length;
  const patients = [...byPatient.keys()];
  return { patients, mayBeUsed, optedOut: patients.length - mayBeUsed, unknown };
}

/**
 * The patients who have these numbers. A claim alone does not count: a number that the record states no more may be that of
 * somebody else, who has not been asked.
 */
async function holdersOf(
  { identities, records, identitySecret }: OptOutDependencies,
  numbers: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const tokenOf = (number: string) => identifierToken(identitySecret, NHS_NUMBER_SYSTEM, number);
  const claims = await identities.find(numbers.map(tokenOf));
  const holders = await Promise.all(
    numbers.map(async (number): Promise<readonly [string, string] | undefined> => {
      const key = claims.get(tokenOf(number))?.patientKey;
      const document = key === undefined ? undefined : await records.readCurrent('Patient', key);
      return key !== undefined && isKnownBy(document?.resource, { system: NHS_NUMBER_SYSTEM, value: number })
        ? [number, key]
        : undefined;
    }),
  );
  return new Map(holders.filter((holder) => holder !== undefined));
}

const partsOf = <T>(all: readonly T[], size: number): readonly (readonly T[])[] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, part) =>
    all.slice(part * size, (part + 1) * size),
  );
