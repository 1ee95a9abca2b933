/** Ids of what master files are about: the ids by which every message that mentions it knows it. */
import { sharedId } from '../../../identity/tokens.js';
import { identityOf, type Run } from '../../engine/run.js';
import type { SegmentNode } from '../../engine/segment-tree.js';
import type { Identity } from '../../engine/transform.js';
import { placeNamesOf, staffMemberOf } from '../master-files.js';
import { placePath } from '../locations.js';
import { codeOf, numberOf, reader } from './reading.js';

const own = (id: string): { readonly id: string; readonly partition: string } => ({ id, partition: id });

function reportUnnamed(node: SegmentNode, run: Run, detail: string): void {
  const location = `${node.label}-1`;
  run.issues.push({ code: 'HDE_HL7_REQUIRED', severity: 'warning', location, detail });
}

/**
 * A register's number (General Medical Council and the like, STF-2 or PRA-6), else the sender's own (STF-2, STF-1): as
 * messages name the person in XCN.
 */
export const staffMember: Identity = (node, run) => {
  const number = staffMemberOf(node, run);
  if (number !== undefined) return own(sharedId('Practitioner', number.system, number.value));
  reportUnnamed(node, run, 'a number of the member of staff, without which it is not recorded');
  return undefined;
};

/** The member of staff and the feed: one role for what STF and PRA say. */
export const staffRole: Identity = (node, run) => {
  const number = staffMemberOf(node, run);
  return number === undefined
    ? undefined
    : own(sharedId('PractitionerRole', run.feed.id, identityOf('staff', number.system, number.value)));
};

/** The member of staff and the unit (ORG-2, else ORG-4). */
export const unitRole: Identity = (node, run) => {
  const number = node.parent === undefined ? undefined : staffMemberOf(node.parent, run);
  const read = reader(run);
  const unit = codeOf(read, node, 2) || codeOf(read, node, 4) || numberOf(read, node, 5);
  if (number === undefined || unit === '') return undefined;
  return own(
    sharedId('PractitionerRole', run.feed.id, identityOf('unit', number.system, number.value, unit)),
  );
};

/** The path to the place (LOC-1) from the outside in. */
export const place: Identity = (node, run) => {
  const read = reader(run);
  const at = (component: number): string => read(node, 1, component);
  const names = placeNamesOf(at);
  if (names !== undefined)
    return own(sharedId('Location', run.feed.localSystems.location, placePath(at, names)));
  reportUnnamed(node, run, 'a place, without which it is not recorded');
  return undefined;
};
