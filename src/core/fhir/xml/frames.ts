/** The elements of a document that are open while it is read, and what becomes of them when they close. */
import type { Element } from '../elements.js';

/** What was read of one element: its value, and what stands beside the value of a primitive. */
export interface Item {
  value?: unknown;
  beside?: unknown;
}

/** An element that is open. */
export interface Frame {
  /** A `slot` holds one resource of any type; what is `skipped` was found faulty. */
  readonly kind: 'slot' | 'resource' | 'fields' | 'primitive' | 'xhtml' | 'skipped';
  /** The type whose elements may stand in it. */
  readonly type: string;
  /** Its JSON pointer in the whole. */
  readonly pointer: string;
  /** Where its value goes when it closes. */
  readonly item: Item;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: Map<Element, Item[]>;
}

/** A frame with nothing in it yet. */
export const openFrame = (
  kind: Frame['kind'],
  more: Partial<Pick<Frame, 'type' | 'pointer' | 'item' | 'attributes'>> = {},
): Frame => ({ kind, type: '', pointer: '', item: {}, attributes: {}, children: new Map(), ...more });

/** Whether something was read in an element: FHIR has no empty ones (R4 section 2.6.0.2). */
export const isEmpty = ({ kind, item, attributes, children }: Frame): boolean =>
  kind === 'primitive' || kind === 'slot'
    ? item.value === undefined && children.size === 0
    : kind === 'fields' && children.size === 0 && attributes['url'] === undefined;

/** Gives an element that closes its value. */
export function closeFrame(frame: Frame): void {
  const { kind, type, item } = frame;
  if (kind === 'resource') item.value = { resourceType: type, ...fieldsOf(frame) };
  else if (kind === 'fields') item.value = fieldsOf(frame);
  else if (kind === 'primitive') {
    const beside = fieldsOf(frame);
    if (Object.keys(beside).length > 0) item.beside = beside;
  }
}

/** The JSON of what stands in an element (FHIR R4 section 2.6.2): lists of a primitive have null where there is nothing. */
function fieldsOf({ attributes, children }: Frame): Record<string, unknown> {
  const fields: Record<string, unknown> = { ...attributes };
  for (const [{ name, repeats }, items] of children) {
    const values = items.map(({ value }) => value);
    const besides = items.map(({ beside }) => beside);
    const isGiven = (each: unknown) => each !== undefined;
    const asJson = (list: readonly unknown[]) => (repeats ? list.map((each) => each ?? null) : list[0]);
    if (values.some(isGiven)) fields[name] = asJson(values);
    if (besides.some(isGiven)) fields[`_${name}`] = asJson(besides);
  }
  return fields;
}
