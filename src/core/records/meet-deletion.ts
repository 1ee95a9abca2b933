/** What becomes of a record that a client deleted when a message states it (docs/adr/0012). */
import type { MappedRecord } from '../mapping/types.js';
import type { DeletedDocument } from './types.js';

/**
 * Whether a record comes back. What happened before the deletion is kept as evidence only. A person comes back whatever
 * is said of them, and so does whatever a record that is stated refers to: only empty patients can be deleted, and what
 * a message states about one must be found.
 *
 * @param latestEventTime ISO instant: the latest that the time of the event can mean
 */
export function afterDeletion(
  { mode, resource }: MappedRecord,
  { eventTime }: DeletedDocument,
  { latestEventTime }: { readonly latestEventTime: string },
): 'returns' | 'late' | 'stays' {
  if (resource.resourceType === 'Patient' || mode === 'create') return 'returns';
  if (mode === 'link') return 'stays';
  return latestEventTime < eventTime ? 'late' : 'returns';
}
