/** How what a message says of an order or prescription meets the stored one. */
import type { CodeableConcept, Resource } from 'fhir/r4.js';
import { NOT_STATED } from '../mapping/medicine-words.js';
import type { MappedRecord, OrderEvent } from '../mapping/types.js';
import { addLineage } from './lineage.js';
import { stateAfter } from './order-states.js';
import { isInWords } from './ordered.js';
import type { Meeting, Statement } from './statement.js';
import type { CurrentDocument } from './types.js';

/** Elements that say which medicine is prescribed. */
const MEDICINE = ['medicationCodeableConcept', 'medicationReference', 'contained'];

/** Whether no medicine is named but for the words that FHIR's requirement is met with. */
function isUnnamed(resource: Resource): boolean {
  const { medicationCodeableConcept: medicine } = resource as { medicationCodeableConcept?: CodeableConcept };
  return medicine?.coding === undefined && medicine?.text === NOT_STATED;
}

const omit = <T extends Resource>(resource: T, names: readonly string[]): T =>
  Object.fromEntries(Object.entries(resource).filter(([name]) => !names.includes(name))) as unknown as T;

const isNamed = (resource: Resource): boolean => MEDICINE.some((name) => name in resource);

/**
 * Prepares a message to meet a stored order: the state follows from all that was said of it (`withState`), and that no
 * medicine is named says nothing against one that is, nor do words against a code that is called so.
 *
 * @param fillsOnly whether the message may only add what is not known yet
 */
export function meetOrder(record: MappedRecord, stored: CurrentDocument, fillsOnly: boolean): Meeting {
  const { resource, removed } = record;
  const isOpen = isUnnamed(stored.resource) || isInWords(stored.resource, resource);
  const known = isOpen ? omit(stored.resource, MEDICINE) : stored.resource;
  const isKnown =
    isUnnamed(resource) || isInWords(resource, stored.resource) || (fillsOnly && isNamed(known));
  return {
    base: { resource: known, lineage: stored.lineage },
    parts: [
      {
        resource: omit(resource, ['status', ...(isKnown ? MEDICINE : [])]),
        removed: removed.filter((path) => path !== 'status'),
        fillsOnly,
      },
    ],
  };
}

/**
 * A statement with the state that follows from all events, and by whom it was said.
 *
 * @param events undefined for what is no order; where none of them states a state, it is unknown
 */
export function withState(statement: Statement, events: readonly OrderEvent[] | undefined): Statement {
  const { resource, lineage } = statement;
  if (events === undefined) return statement;
  const state = stateAfter(events, resource);
  const others = { ...lineage, rows: lineage.rows.filter(([element]) => element !== 'status') };
  if (state === undefined) {
    const known: Resource & { status?: string } = resource;
    if (known.status === undefined || known.status === 'unknown') return statement;
    const unknown: Resource & { status: string } = { ...resource, status: 'unknown' };
    return { resource: unknown, lineage: others };
  }
  const { status, by } = state;
  const isExplained = lineage.rows.some(
    ([element, message]) => element === 'status' && lineage.messages[message] === by.messageId,
  );
  const stated: Resource & { status: string } = { ...resource, status };
  if (isExplained) return { resource: stated, lineage };
  const own = {
    messages: [by.messageId],
    rows: by.rule === undefined ? [] : [['status', 0, by.rule] as const],
  };
  return { resource: stated, lineage: addLineage(others, own, (element) => element) };
}
