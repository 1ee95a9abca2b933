/** The labels, tags and profiles of one resource (R4 operations Resource-meta, -meta-add and -meta-delete). */
import type { Meta, Parameters } from 'fhir/r4.js';
import { ExchangeError } from '../../../core/errors.js';
import { isFhirId } from '../../../core/fhir/references.js';
import { fieldsOf, listOf } from '../../../core/fhir/search/shapes.js';
import { guardedRecords } from '../../access/guarded-records.js';
import { guardWrite } from '../../access/guard-write.js';
import type { CurrentDocument } from '../../../core/records/types.js';
import { answerWith, type FhirAnswer, type FhirDependencies } from '../fhir-answer.js';
import { prepareUpdate } from '../update-resource.js';
import { versionHeaders } from '../write-answer.js';
import type { WriteDependencies } from '../write-dependencies.js';
import { writeRecord } from '../write-record.js';
import { requireShape } from '../write-request.js';
import { type OperationRequest, readInput, requireKnown } from './operation-request.js';

/**
 * What the metadata of a resource says.
 *
 * @throws ExchangeError HDE_RESOURCE_NOT_FOUND, HDE_RESOURCE_DELETED
 */
export async function readMeta(deps: FhirDependencies, request: OperationRequest): Promise<FhirAnswer> {
  requireKnown(await readInput(request), []);
  return answerMeta(await readStanding(deps, request));
}

/**
 * Adds labels, tags and profiles to a resource, or removes them: as a new version, where something changes.
 *
 * @throws ExchangeError HDE_REQUEST_INVALID for no parameter `meta`, HDE_PRECONDITION_FAILED, and those of `readMeta` and
 * of an update
 */
export async function changeMeta(
  deps: WriteDependencies,
  change: 'add' | 'delete',
  request: OperationRequest,
): Promise<FhirAnswer> {
  const { type, id, headers, writer } = request;
  const input = await readInput(request);
  requireKnown(input, ['meta']);
  const given = fieldsOf(input.objects.get('meta')) as Meta | undefined;
  if (given === undefined)
    throw new ExchangeError('HDE_REQUEST_INVALID', {
      location: 'meta',
      detail: 'the parameter meta, a Meta',
    });
  // A label under a wrong name would be passed over.
  await requireShape({ resource: { resourceType: 'Parameters', meta: given } });
  const interaction = `meta-${change}` as const;
  const visible = { ...deps, records: guardedRecords(deps.records, writer.access, interaction) };
  const plan = await writeRecord(deps, writer, async () => {
    const { resource, decimals, versionId } = await readStanding(visible, request);
    const meta = changed(resource.meta ?? {}, given, change);
    const statement = { resource: { ...resource, meta }, ...(decimals === undefined ? {} : { decimals }) };
    await requireShape(statement);
    const preconditions = { ifMatch: headers['if-match'] };
    const update = { type, id, statement, preconditions, writer, removesLabels: true };
    const { place, decide } = await guardWrite(writer.access, interaction, await prepareUpdate(deps, update));
    // What was read may have been changed since: then it is read again.
    return {
      place,
      decide: (before, context) =>
        before?.document.versionId === versionId ? decide(before, context) : undefined,
    };
  });
  if (plan?.document.kind !== 'resource') throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  writer.access.forget(plan.document.partition);
  return answerMeta(plan.document);
}

async function readStanding(
  { records }: FhirDependencies,
  { type, id }: OperationRequest,
): Promise<CurrentDocument> {
  const stands = isFhirId(id) ? await records.readLatest(type, id) : undefined;
  if (stands === undefined) throw new ExchangeError('HDE_RESOURCE_NOT_FOUND');
  if (stands.kind === 'deleted') throw new ExchangeError('HDE_RESOURCE_DELETED');
  return stands;
}

function answerMeta(document: CurrentDocument): FhirAnswer {
  const resource: Parameters = {
    resourceType: 'Parameters',
    parameter: [{ name: 'return', valueMeta: document.resource.meta ?? {} }],
  };
  return answerWith(resource, versionHeaders(document));
}

/** The lists of a Meta, whatever a client has put there: what is wrong in them is told by the check of the resource. */
interface Lists {
  readonly profile: readonly unknown[];
  readonly security: readonly unknown[];
  readonly tag: readonly unknown[];
}

const listsOf = ({ profile, security, tag }: Meta): Lists => ({
  profile: listOf(profile),
  security: listOf(security),
  tag: listOf(tag),
});

const isSame = (one: unknown, other: unknown): boolean => {
  const [a, b] = [fieldsOf(one), fieldsOf(other)];
  return a === undefined || b === undefined
    ? one === other
    : a['system'] === b['system'] && a['code'] === b['code'];
};

const without = (held: readonly unknown[], given: readonly unknown[]): readonly unknown[] =>
  held.filter((each) => !given.some((other) => isSame(each, other)));

const combine: Readonly<
  Record<'add' | 'delete', (held: readonly unknown[], given: readonly unknown[]) => readonly unknown[]>
> = {
  add: (held, given) => [...held, ...without(given, held)],
  delete: without,
};

function changed(held: Meta, given: Meta, change: 'add' | 'delete'): Meta {
  const { profile: _profile, security: _security, tag: _tag, ...rest } = held;
  const [before, stated] = [listsOf(held), listsOf(given)];
  const lists = (['profile', 'security', 'tag'] as const).map(
    (name) => [name, combine[change](before[name], stated[name])] as const,
  );
  // FHIR JSON has no empty lists.
  return { ...rest, ...Object.fromEntries(lists.filter(([, list]) => list.length > 0)) };
}
