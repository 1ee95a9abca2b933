import type { Patient } from 'fhir/r4.js';
import { ExchangeError } from '../../core/errors.js';
import { isFhirId } from '../../core/fhir/references.js';
import { referencesTo } from '../../core/fhir/search/parse-values.js';
import type { Preconditions } from '../../core/fhir/write/preconditions.js';
import { planDeletion } from '../../core/records/plan-write.js';
import type { CurrentDocument, LatestDocument } from '../../core/records/types.js';
import type { FhirDependencies } from './fhir-answer.js';
import { pageById, type PageReader, type Place, type RecordPage } from './page-records.js';
import { demand } from './update-resource.js';
import type { WriteDependencies, Writer } from './write-dependencies.js';
import type { PreparedWrite } from './write-record.js';
import type { Alongside } from './write-request.js';

/** A resource that is to go. */
export interface DeleteRequest {
  readonly type: string;
  readonly id: string;
  readonly preconditions: Preconditions;
  /** Who deletes; absent where the records are those that the client may see. */
  readonly writer?: Writer;
  readonly alongside?: Alongside;
}

/**
 * Prepares the deletion of a resource (FHIR R4 section 3.1.0.7): it is no longer found, and its versions stay. What is not
 * there, or no longer, is answered in the same way.
 *
 * @returns undefined where nothing was ever stored under the id
 * @throws ExchangeError HDE_PRECONDITION_FAILED, or HDE_PATIENT_NOT_EMPTY for a patient about whom there are records, or who
 * is linked with others
 */
export async function prepareDelete(
  deps: WriteDependencies,
  { type, id, preconditions, writer, alongside }: DeleteRequest,
): Promise<PreparedWrite | undefined> {
  const stands = isFhirId(id) ? await deps.records.readLatest(type, id) : undefined;
  const demandOf = (document: LatestDocument | undefined): void => {
    // What is gone already answers in the same way, whatever `If-None-Match` says.
    const isThere = document?.kind === 'resource';
    demand(isThere ? preconditions : { ifMatch: preconditions.ifMatch }, document);
  };
  demandOf(stands);
  if (stands === undefined) return undefined;
  if (stands.kind === 'resource' && type === 'Patient')
    await requireEmpty(deps, stands, { writer, alongside });
  return {
    place: { type, id, partition: stands.partition },
    decide: (before, context) => {
      demandOf(before?.document);
      const { document = stands, etag = '' } = before ?? {};
      return document.kind === 'deleted'
        ? { operations: [], document, outcome: 'unchanged' }
        : planDeletion({ document, etag }, context);
    },
  };
}

/** @throws ExchangeError HDE_PATIENT_NOT_EMPTY */
async function requireEmpty(
  deps: FhirDependencies,
  stands: CurrentDocument,
  { writer, alongside }: { readonly writer: Writer | undefined; readonly alongside: Alongside | undefined },
): Promise<void> {
  const { link = [] } = stands.resource as Patient;
  if (link.length > 0)
    throw new ExchangeError('HDE_PATIENT_NOT_EMPTY', {
      location: 'Patient.link',
      detail: 'links other patients',
    });
  const gone = alongside?.deleted ?? new Set();
  // What the client may not see is in the way all the same, and not named.
  const isNamed = async (document: CurrentDocument) =>
    writer === undefined || writer.access.permits('read', document);
  await requireUnlinked(deps, stands.fhirId, { gone, isNamed });
  const about = await firstOther(
    pageById((page) => deps.records.listPartition(stands.partition, undefined, page), deps.room),
    new Set([...gone, `Patient/${stands.fhirId}`]),
  );
  if (about !== undefined)
    throw notEmpty((await isNamed(about)) ? `such as one of type ${about.resourceType}` : undefined);
}

/** Links are read in both directions: whoever links to nobody would lose the records of the person there. */
async function requireUnlinked(
  { records, baseUrl, room }: FhirDependencies,
  id: string,
  {
    gone,
    isNamed,
  }: {
    readonly gone: ReadonlySet<string>;
    readonly isNamed: (document: CurrentDocument) => Promise<boolean>;
  },
): Promise<void> {
  const criterion = referencesTo('link', [`Patient/${id}`], baseUrl);
  const search = { resourceType: 'Patient', criterion };
  const linking = await firstOther(
    pageById((page) => records.findRecords(search, page), room),
    gone,
  );
  if (linking !== undefined)
    throw notEmpty((await isNamed(linking)) ? `Patient/${linking.fhirId} links them` : undefined);
}

/** The first record that is none of these: page by page, since those that go with the patient may be large. */
async function firstOther(
  read: PageReader,
  these: ReadonlySet<string>,
): Promise<CurrentDocument | undefined> {
  for (let from: Place | undefined; ;) {
    const { documents, next }: RecordPage = await read(1 + these.size, from);
    const other = documents.find(({ resourceType, fhirId }) => !these.has(`${resourceType}/${fhirId}`));
    if (other !== undefined || next === undefined) return other;
    from = next;
  }
}

const notEmpty = (detail: string | undefined): ExchangeError =>
  new ExchangeError('HDE_PATIENT_NOT_EMPTY', detail === undefined ? {} : { detail });
