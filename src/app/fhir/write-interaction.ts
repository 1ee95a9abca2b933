/** Writes as requests and entries of Bundles ask for them: checked, resolved to the record that they mean, and prepared. */
import { ExchangeError } from '../../core/errors.js';
import type { ParameterPair } from '../../core/fhir/bundle.js';
import type { Preconditions } from '../../core/fhir/write/preconditions.js';
import type { WritePlan } from '../../core/records/plan-write.js';
import { guardWrite, requireCreatable, standingOf, visibleTo } from '../access/guard-write.js';
import { type CreatePlace, placeOfCreate, prepareCreate } from './create-resource.js';
import { whileClaimed } from './claim-age.js';
import { claimCriteria } from './claim-criteria.js';
import { type Criteria, findByCriteria, requireMeant, unlessOther, whileMet } from './criteria.js';
import { prepareDelete } from './delete-resource.js';
import type { FhirAnswer } from './fhir-answer.js';
import { preparePatch } from './patch-resource.js';
import { placeOfNew } from './place-of-new.js';
import { requireServed } from './require-served.js';
import { demand, idOfUpdate, placeOfNewId, prepareUpdate, updateAt } from './update-resource.js';
import { answerWrite, versionHeaders } from './write-answer.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import { writeRecord, type PreparedWrite } from './write-record.js';
import {
  requireType,
  requireValid,
  resourceOf,
  type Alongside,
  type RequestBody,
  type WriteRequest,
} from './write-request.js';

/** What is written where; without an id the criteria say which resource is meant. */
interface Addressed {
  readonly type: string;
  readonly id: string;
  readonly criteria: readonly ParameterPair[];
  readonly preconditions: Preconditions;
  readonly writer: Writer;
}

/** A write as it was asked for. */
export type WriteInteraction =
  | (WriteRequest & { readonly kind: 'create'; readonly ifNoneExist?: string | undefined })
  | (Addressed & WriteRequest & { readonly kind: 'update' })
  | (Addressed & { readonly kind: 'patch'; readonly body: RequestBody })
  | (Addressed & { readonly kind: 'delete' });

/** The record that a write means: by its id, or the place of one that a create, or an update that nothing meets, makes. */
export type WriteTarget =
  | {
      readonly kind: 'record';
      readonly id: string;
      /** Of the criteria of the write. */
      readonly isMet?: Criteria['isMet'];
      /** Whether nothing was found to meet them, so that an update creates under the id of its client. */
      readonly isNew?: boolean;
    }
  | { readonly kind: 'place'; readonly place: CreatePlace }
  | { readonly kind: 'nothing' };

/** What a request asks to be written. */
export interface AskedWrite {
  readonly route: { readonly interaction: string; readonly type: string; readonly id: string };
  readonly parameters: readonly ParameterPair[];
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly writer: Writer;
  readonly readBody: () => Promise<RequestBody>;
}

/**
 * Reads a write and checks what can be checked without asking what stands.
 *
 * @throws ExchangeError HDE_TYPE_NOT_SUPPORTED, HDE_RESOURCE_MISMATCH, HDE_RESOURCE_INVALID, HDE_CODE_INVALID and those
 * of reading a body
 */
export async function openWrite(asked: AskedWrite): Promise<WriteInteraction> {
  const { route, parameters, headers, writer, readBody } = asked;
  const { interaction, type, id } = route;
  const preconditions = { ifMatch: headers['if-match'], ifNoneMatch: headers['if-none-match'] };
  const addressed = { type, id, criteria: id === '' ? parameters : [], preconditions, writer };
  switch (interaction) {
    case 'delete':
      requireServed(type, 'delete');
      return { kind: 'delete', ...addressed };
    case 'patch':
      requireServed(type, 'patch');
      return { kind: 'patch', ...addressed, body: await readBody() };
    case 'update': {
      const statement = await resourceOf(await readBody());
      requireServed(type, 'update');
      requireType(statement.resource, type);
      if (id !== '' && statement.resource.id !== id)
        throw new ExchangeError('HDE_RESOURCE_MISMATCH', {
          location: `${type}.id`,
          detail: 'the id of the address',
        });
      await requireValid(statement);
      return { kind: 'update', ...addressed, statement };
    }
    case 'create': {
      const statement = await resourceOf(await readBody());
      requireServed(type, 'create');
      requireType(statement.resource, type);
      await requireValid(statement);
      return { kind: 'create', type, statement, writer, ifNoneExist: headers['if-none-exist'] };
    }
    default:
      throw new ExchangeError('HDE_ROUTE_NOT_FOUND');
  }
}

/**
 * Finds the record that a write means. Where it claims something, doing it again claims the same.
 *
 * @throws ExchangeError those of `findByCriteria` and `placeOfCreate`; HDE_RESOURCE_NOT_FOUND for a patch of nothing
 */
export async function resolveWrite(deps: WriteDependencies, write: WriteInteraction): Promise<WriteTarget> {
  if (write.kind === 'create') return { kind: 'place', place: await placeOfCreate(deps, write) };
  const { kind, type, id } = write;
  if (id !== '') return { kind: 'record', id };
  const criteria = await findByCriteria(
    visibleTo(deps, write.writer, kind),
    type,
    write.criteria,
    write.writer,
  );
  const { match, isMet } = criteria;
  if (kind === 'update') {
    const found = idOfUpdate(write, match);
    if (found !== undefined) return { kind: 'record', id: found, isMet, isNew: match === undefined };
    demand(write.preconditions, undefined);
    const wanted = await placeOfNew(deps, write);
    const { writer, statement } = write;
    await requireCreatable(deps, writer, kind, { place: wanted, statement });
    const place = await claimCriteria(deps, wanted, criteria, { kind, writer });
    return { kind: 'place', place: { ...place, kind: 'claimed' } };
  }
  if (match !== undefined) return { kind: 'record', id: match.fhirId, isMet };
  if (kind === 'patch') throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  demand({ ifMatch: write.preconditions.ifMatch }, undefined);
  return { kind: 'nothing' };
}

/** A write of what the client does not see is answered as one of what is not there, as far as that can be. */
async function treatAsAbsent(
  deps: WriteDependencies,
  write: WriteInteraction,
  { id }: { readonly id: string },
  alongside: Alongside | undefined,
): Promise<void> {
  if (write.kind === 'update' || write.kind === 'delete')
    demand({ ifMatch: write.preconditions.ifMatch }, undefined);
  if (write.kind === 'update' && write.type !== 'Patient')
    await placeOfNewId(deps, { ...write, id, alongside });
  if (write.kind !== 'delete') throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
}

async function prepareUnguarded(
  deps: WriteDependencies,
  write: WriteInteraction,
  target: WriteTarget,
  alongside?: Alongside,
): Promise<PreparedWrite | undefined> {
  if (target.kind === 'place') {
    if (write.kind === 'create') return prepareCreate(write, target.place);
    if (write.kind !== 'update') return undefined;
    const { id, partition } = target.place;
    const prepared = updateAt({ type: write.type, id, partition }, write.statement, write.preconditions);
    return target.place.kind === 'claimed' ? whileClaimed(prepared, target.place) : prepared;
  }
  if (target.kind === 'nothing' || write.kind === 'create') return undefined;
  return prepareRecord(deps, write, target, alongside);
}

/** Prepares a write of the record that it means, as long as the criteria that led to it mean it. */
async function prepareRecord(
  deps: WriteDependencies,
  write: Exclude<WriteInteraction, { kind: 'create' }>,
  { id, isMet, isNew }: Extract<WriteTarget, { kind: 'record' }>,
  alongside: Alongside | undefined,
): Promise<PreparedWrite | undefined> {
  // Nothing may be claimed for a write that is refused.
  if (isMet !== undefined && isNew === true)
    requireMeant(await deps.records.readLatest(write.type, id), isMet);
  const prepared = await prepareOf(deps, { ...write, id, alongside });
  if (prepared === undefined || isMet === undefined) return prepared;
  return isNew === true ? unlessOther(prepared, isMet) : whileMet(prepared, isMet);
}

/**
 * Prepares a write of the record that it means; undefined when there is nothing to be done.
 *
 * @throws ExchangeError HDE_FORBIDDEN and HDE_RESOURCE_NOT_FOUND, as the access policy decides
 */
export async function prepareWrite(
  deps: WriteDependencies,
  write: WriteInteraction,
  target: WriteTarget,
  alongside?: Alongside,
): Promise<PreparedWrite | undefined> {
  const { type, kind, writer } = write;
  if (target.kind === 'record') {
    const standing = await standingOf(deps.records, writer.access, kind, { type, id: target.id });
    if (standing === 'refused') throw new ExchangeError('HDE_FORBIDDEN');
    if (standing === 'hidden') {
      await treatAsAbsent(deps, write, target, alongside);
      return undefined;
    }
  }
  const prepared = await prepareUnguarded(deps, write, target, alongside);
  return prepared && guardWrite(writer.access, kind, prepared);
}

/** Prepares a write of the record that has its id. */
function prepareOf(
  deps: WriteDependencies,
  {
    alongside,
    ...write
  }: Exclude<WriteInteraction, { kind: 'create' }> & {
    readonly alongside: Alongside | undefined;
  },
): Promise<PreparedWrite | undefined> {
  const beside = alongside === undefined ? {} : { alongside };
  switch (write.kind) {
    case 'update':
      return prepareUpdate(deps, { ...write, ...beside });
    case 'patch':
      return preparePatch(deps, { ...write, ...beside });
    case 'delete':
      return prepareDelete(deps, { ...write, ...beside });
  }
}

/** Carries out a write by itself. */
export async function carryOut(
  deps: WriteDependencies,
  write: WriteInteraction,
  prefer: string | undefined,
): Promise<FhirAnswer> {
  const plan = await writeRecord(deps, write.writer, async () =>
    prepareWrite(deps, write, await resolveWrite(deps, write)),
  );
  return answerWritten(deps, write, plan, prefer);
}

/**
 * Answers a write; undefined stands for a deletion of nothing. What a conditional create found is shown only to who may
 * read.
 */
export function answerWritten(
  deps: WriteDependencies,
  write: WriteInteraction,
  plan: WritePlan | undefined,
  prefer: string | undefined,
): FhirAnswer {
  const { kind, writer } = write;
  if (plan === undefined) return { status: 204, headers: {} };
  writer.witness?.changed(plan.document);
  const isFound = kind === 'create' && plan.outcome !== 'created';
  const isShown = !isFound || (writer.mayRead && writer.access.isSeen(plan.document));
  writer.access.forget(plan.document.partition);
  if (kind === 'delete') return { status: 204, headers: versionHeaders(plan.document) };
  // Of what criteria found the address tells which one it is.
  const isNamed = plan.outcome === 'created' || (isShown && (write.kind === 'create' || write.id === ''));
  return answerWrite(deps, plan, { prefer: isShown ? prefer : 'return=minimal', isNamed });
}
