/** Records that belong to no person: staff, organisations and places that a message mentions. */
import type { Reference } from 'fhir/r4.js';
import { sharedId } from '../../identity/tokens.js';
import { createDraft, type Draft, type Run, type Step } from '../engine/run.js';
import type { TransformSetting } from '../engine/transform.js';

export type Profiles = TransformSetting['profiles'];

/**
 * The record of this type and identity, made and filled when the message mentions it for the first time. All are mode
 * `create`: many messages mention the same ward, and none of them is its authority.
 */
export function share(
  run: Run,
  type: string,
  scope: string,
  identity: string,
  profiles: Profiles,
  fill: (draft: Draft) => void,
): Draft {
  const id = sharedId(type, scope, identity);
  const held = run.shared.get(id);
  if (held !== undefined) return held;
  const draft = createDraft(type, { id, partition: id }, 'create', profiles.get(type));
  run.shared.set(id, draft);
  fill(draft);
  return draft;
}

/** A reference to a record, shown as `display`. */
export function referenceTo({ reference }: Draft, display?: string): Reference {
  return display === undefined || display === '' ? { reference } : { reference, display };
}

/** The same source, written to another record. */
export function into(step: Step, draft: Draft, path: string): Step {
  const { run, node, field, repetition, component, rule } = step;
  const { resourceType } = draft.resource;
  const element = path === '' ? resourceType : `${resourceType}.${path}`;
  return { run, node, field, repetition, component, draft, element, rule };
}

/** A step whose lineage goes nowhere, for values that are read to be shown beside their origin. */
export function untraced({ run, node, field, repetition, component, draft, element, rule }: Step): Step {
  const { partition, mode, resource, reference, removed, deletions } = draft;
  const silent: Draft = { partition, mode, resource, reference, traces: [], removed, deletions };
  return { run, node, field, repetition, component, draft: silent, element, rule };
}
