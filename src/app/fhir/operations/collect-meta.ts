import type { Coding, Meta, OperationOutcome, Parameters } from 'fhir/r4.js';
import { compareText } from '../../../core/compare-text.js';
import { operationOutcome } from '../../../core/fhir/operation-outcome.js';
import { servedTypes } from '../../../core/fhir/interactions.js';
import { anyOf, type Criterion } from '../../../core/fhir/search/criteria.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from '../fhir-answer.js';
import { pageById, readSome } from '../page-records.js';
import { type OperationRequest, readInput, requireKnown } from './operation-request.js';

/** Records that are looked at for labels and tags, and as many again for profiles: shared by the types asked about. */
const most = 2000;

/** Few records have labels, nearly all have profiles: each is looked for by itself, so that neither hides the other. */
const sought: readonly Criterion[] = [
  anyOf([present('token', '_security'), present('token', '_tag')]),
  present('uri', '_profile'),
];

function present(part: 'token' | 'uri', code: string): Criterion {
  return { kind: 'present', parts: [part], code };
}

/**
 * The profiles, labels and tags that records of a type have, or of all types (R4 operation Resource-meta on these levels).
 * At most so many records are looked at; the answer has a warning when there are more.
 *
 * @throws ExchangeError HDE_SEARCH_PARAMETER for parameters: it has none
 */
export async function collectMeta(deps: FhirDependencies, request: OperationRequest): Promise<FhirAnswer> {
  requireKnown(await readInput(request), []);
  const types = request.type === '' ? servedTypes.map(({ type }): string => type) : [request.type];
  const each = Math.floor(most / types.length);
  const metas: Meta[] = [];
  let isComplete = true;
  for (const resourceType of types) {
    for (const criterion of sought) {
      const read = pageById((page) => deps.records.findRecords({ resourceType, criterion }, page));
      const found = await readSome(read, each, ({ resource }) => resource.meta ?? {});
      metas.push(...found.kept);
      isComplete &&= found.isComplete;
    }
  }
  const resource: Parameters = {
    resourceType: 'Parameters',
    parameter: [
      { name: 'return', valueMeta: unionOf(metas) },
      ...(isComplete ? [] : [{ name: 'outcome', resource: incomplete(each) }]),
    ],
  };
  return answerWith(resource);
}

const incomplete = (each: number): OperationOutcome =>
  operationOutcome([
    {
      code: 'HDE_RESULT_INCOMPLETE',
      severity: 'warning',
      location: 'return',
      detail: `There are more records; of each type ${each} with labels or tags were looked at, and ${each} with profiles.`,
    },
  ]);

/** What any of them says, in an order that does not depend on theirs. */
function unionOf(metas: readonly Meta[]): Meta {
  const profile = [...new Set(metas.flatMap((meta) => meta.profile ?? []))].sort(compareText);
  const security = distinct(metas.flatMap((meta) => meta.security ?? []));
  const tag = distinct(metas.flatMap((meta) => meta.tag ?? []));
  // FHIR JSON has no empty lists.
  return {
    ...(profile.length > 0 && { profile }),
    ...(security.length > 0 && { security }),
    ...(tag.length > 0 && { tag }),
  };
}

/** Codings by their system and code; of those that are displayed otherwise the first counts. */
function distinct(codings: readonly Coding[]): Coding[] {
  const byKey = new Map<string, Coding>();
  for (const coding of codings) {
    const key = `${coding.system ?? ''}|${coding.code ?? ''}`;
    if (!byKey.has(key)) byKey.set(key, coding);
  }
  return [...byKey].sort(([one], [other]) => compareText(one, other)).map(([, coding]) => coding);
}
