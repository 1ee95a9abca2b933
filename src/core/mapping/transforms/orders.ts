/** Order and specimen numbers that come in pairs, and what belongs to an order. */
import type { Extension, Identifier, Reference } from 'fhir/r4.js';
import { systemOf } from '../../identity/assigning-authority.js';
import type { Feed } from '../../feed.js';
import {
  below,
  copy,
  draftOf,
  personOf,
  readText,
  remember,
  report,
  textAt,
  traceConstant,
  type Run,
  type Step,
} from '../engine/run.js';
import { markField } from '../engine/ledger.js';
import { findSegment, type SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { attachment, documentLink } from './attachments.js';
import { contactPoint } from './contact-points.js';
import {
  findOrderControl,
  groupControl,
  precedingSpecimen,
  specimensComeFirst,
} from './identities/orders.js';
import { codingBy } from './coded-values.js';
import { codeIfKnown } from './simple-values.js';
import { practitionerAt } from './staff.js';

const IDENTIFIER_TYPES = 'http://terminology.hl7.org/CodeSystem/v2-0203';

type Purpose = keyof Feed['localSystems'];
const ORDER: Purpose = 'order';

/**
 * One number of an EIP: its parts are subcomponents. Many senders write an EI instead, whose number is the first
 * component and whose authority the second: a second component that is plain text is then no number.
 */
function pairedNumber(step: Step, component: number, type: string): Identifier | undefined {
  const value = textAt(step, component, 1);
  const isPlain = textAt(step, 1, 2) === '' && textAt(step, 2, 2) === '';
  const isEntity = isPlain && textAt(step, 1) !== '' && textAt(step, 2) !== '' && textAt(step, 3) !== '';
  if (value === '' || (isEntity && component === 2)) return undefined;
  const authority = isEntity
    ? { namespace: textAt(step, 2), universal: textAt(step, 3), type: '' }
    : { namespace: textAt(step, component, 2), universal: textAt(step, component, 3), type: '' };
  const result: Identifier = { type: { coding: [{ system: IDENTIFIER_TYPES, code: type }] } };
  result.system = systemOf(authority, step.run.feed, step.run.feed.localSystems[ORDER]);
  copy(step, result, 'value', component, 1);
  return result;
}

/** `pairedIdentifier(order, PGN, 1)`: the placer's (1) or the filler's (2) number of an EIP, with its type. */
export const pairedIdentifier: TransformFactory = ([purpose, type, part]) => {
  if (purpose !== ORDER || type === undefined || (part !== '1' && part !== '2'))
    throw new RangeError('pairedIdentifier takes order, a type and 1 or 2');
  return (step) => pairedNumber(step, Number(part), type);
};

/** `parentOrder(1)`: the order that this one belongs to, by the placer's (1) or the filler's (2) number. */
export const parentOrder: TransformFactory = ([part]) => {
  if (part !== '1' && part !== '2') throw new RangeError('parentOrder takes 1 or 2');
  const type = part === '1' ? 'PLAC' : 'FILL';
  return (step): Reference | undefined => {
    const identifier = pairedNumber(below(step, 'identifier'), Number(part), type);
    return identifier && { type: 'ServiceRequest', identifier };
  };
};

/** `pairedReference(order, Specimen)`: a record by the placer's number of an EIP, else the filler's. */
export const pairedReference: TransformFactory = ([purpose, type]) => {
  if (purpose !== ORDER || type === undefined)
    throw new RangeError('pairedReference takes order and a resource type');
  return (step): Reference | undefined => {
    const at = below(step, 'identifier');
    const identifier = pairedNumber(at, 1, 'PGN') ?? pairedNumber(at, 2, 'FGN');
    return identifier && { type, identifier };
  };
};

/**
 * `codeOfGroup(OrderEnded, 1)`, `labelOfGroup(OrderConfidentiality, 28)`: what a field of the ORC that an OBR with a number
 * of its own shares with others says by a table, as `codeIfKnown` and `codingBy`.
 */
const ofGroup =
  (factory: TransformFactory): TransformFactory =>
  ([table = '', number = ''], setting) => {
    const field = Number(number);
    if (!Number.isInteger(field) || field < 1) throw new RangeError('a table and a field of ORC are needed');
    const read = factory([table], setting);
    return (step) => {
      const orc = groupControl(step.node, step.run);
      if (orc?.segment.has(field) !== true || orc.segment.isNull(field)) return undefined;
      return read({ ...step, node: orc, field, repetition: 1 });
    };
  };

export const codeOfGroup = ofGroup(codeIfKnown);
export const labelOfGroup = ofGroup(codingBy);

/** `deviceReference`: EI, a device by its number. */
export const deviceReference: TransformFactory =
  () =>
  (step): Reference | undefined => {
    if (textAt(step, 1) === '') return undefined;
    const authority = { namespace: textAt(step, 2), universal: textAt(step, 3), type: '' };
    const identifier: Identifier = {};
    identifier.system = systemOf(authority, step.run.feed, `${step.run.feed.localSystems.order}/device`);
    copy(below(step, 'identifier'), identifier, 'value', 1);
    return { type: 'Device', identifier };
  };

/** `contactExtension(OrderCallback, TelecomUse, TelecomSystem)`: XTN as an extension. */
export const contactExtension: TransformFactory = ([name = '', ...tables], setting) => {
  const url = setting.extension(name);
  const read = contactPoint(tables, setting);
  return (step): Extension | undefined => {
    const valueContactPoint = read(below(step, 'valueContactPoint')) as Extension['valueContactPoint'];
    return valueContactPoint && { url, valueContactPoint };
  };
};

/** The specimens of an order or report: those under OBR, or the one that OBR stands in. */
function specimensOf(obr: SegmentNode, run: Run): readonly SegmentNode[] {
  const preceding = precedingSpecimen(obr, run);
  if (preceding !== undefined) return [preceding];
  return obr.children.filter(({ segment }) => segment.name === 'SPM');
}

/** Specimens by OBR: every result of an order asks for those of its order. */
const SPECIMENS = {};

function specimenReferences(obr: SegmentNode, run: Run): readonly Reference[] {
  const known = remember(run, SPECIMENS, () => new Map<SegmentNode, readonly Reference[]>());
  const held = known.get(obr);
  if (held !== undefined) return held;
  const references = new Map<string, Reference>();
  for (const node of [...specimensOf(obr, run), obr]) {
    const reference = draftOf(node, 'Specimen')?.reference;
    if (reference !== undefined) references.set(reference, { reference });
  }
  const all = [...references.values()];
  known.set(obr, all);
  return all;
}

/** `specimens`: every specimen of an OBR. */
export const specimens: TransformFactory = () => (step) => {
  const references = specimenReferences(step.node, step.run);
  if (references.length === 0) return undefined;
  references.forEach((_, index) => {
    traceConstant(step, step.draft, `${step.element}[${index}]`);
  });
  return references.map((reference) => ({ ...reference }));
};

/** `specimenOrder`: the order that a specimen stands under. Where specimens come first it is that of the one before. */
export const specimenOrder: TransformFactory = () => (step) => {
  const reference = specimensComeFirst(step.run)
    ? undefined
    : draftOf(step.node, 'ServiceRequest')?.reference;
  return reference === undefined ? undefined : { reference };
};

/** `onlySpecimen`: the specimen of an OBR, where there is just one: of several, nobody says which was examined. */
export const onlySpecimen: TransformFactory = () => (step) => {
  const [only, ...others] = specimenReferences(step.node, step.run);
  return others.length === 0 && only !== undefined ? { ...only } : undefined;
};

/**
 * `results`: the results of an OBR. Some senders put the specimen between the order and its results, which then stand
 * under SPM.
 */
export const results: TransformFactory = () => (step) => {
  let nodes = step.node.children.filter(({ segment }) => segment.name === 'OBX');
  if (nodes.length === 0)
    nodes = specimensOf(step.node, step.run)
      .filter((node) => node.parent === step.node)
      .flatMap(({ children }) => children.filter(({ segment }) => segment.name === 'OBX'));
  const references: Reference[] = [];
  for (const node of nodes) {
    const draft = draftOf(node, 'Observation');
    if (draft === undefined) continue;
    traceConstant(step, step.draft, `${step.element}[${references.length}]`);
    references.push({ reference: draft.reference });
  }
  return references.length === 0 ? undefined : references;
};

const TIME = /^\d{4,}/;

/** `interpreter(NameUse)`: NDL, whose person is its first component; some senders write XCN. */
export const interpreter: TransformFactory = ([useTable = ''], { table, profiles }) => {
  const uses = table(useTable);
  return (step): Reference | undefined => {
    const second = textAt(step, 2);
    return practitionerAt(
      second === '' || TIME.test(second) ? { ...step, component: 1 } : step,
      uses,
      profiles,
    );
  };
};

/** Statuses (OBX-11) of what is deleted or was posted as wrong. */
const WITHDRAWN = new Set(['D', 'W']);

/** `specimenDocuments`: documents that stand under the SPM of an OBR instead of under it: they are of its report too. */
export const specimenDocuments: TransformFactory = (args, setting) => {
  const readContent = attachment(args, setting);
  const readLink = documentLink(args, setting);
  return (step) => {
    const { run, draft, rule } = step;
    const documents: unknown[] = [];
    for (const node of step.node.children.filter(({ segment }) => segment.name === 'SPM')) {
      for (const obx of node.children) {
        if (obx.segment.name !== 'OBX') continue;
        const type = readText(run.message, obx.segment, 2, 1, 1);
        if (type !== 'ED' && type !== 'RP') continue;
        if (WITHDRAWN.has(readText(run.message, obx.segment, 11, 1, 1))) continue;
        const count = obx.segment.repetitions(5);
        for (let repetition = 1; repetition <= count; repetition++) {
          const element = `${step.element}[${documents.length}]`;
          const at: Step = { run, node: obx, field: 5, repetition, component: 0, draft, element, rule };
          const document = type === 'ED' ? readContent(at) : readLink(at);
          if (document === undefined) continue;
          documents.push(document);
          markField(obx, 5, repetition, { fate: 'mapped', rule });
        }
      }
    }
    return documents.length === 0 ? undefined : documents;
  };
};

/** Results of each message by code and sub-id, for those that belong to another. */
const RESULTS_BY_NAME = {};

const nameOfResult = (code: string, subId: string): string => `${code}\u001f${subId}`;

const namedResults = (from: SegmentNode, run: Run): ReadonlyMap<string, readonly SegmentNode[]> =>
  remember(run, RESULTS_BY_NAME, () => nameResults(from, run));

function nameResults(from: SegmentNode, run: Run): ReadonlyMap<string, readonly SegmentNode[]> {
  let root = from;
  while (root.parent !== undefined) root = root.parent;
  const found = new Map<string, SegmentNode[]>();
  const pending = [root];
  for (let at = pending.pop(); at !== undefined; at = pending.pop()) {
    for (const child of at.children) pending.push(child);
    if (at.segment.name !== 'OBX') continue;
    const read = (field: number): string => readText(run.message, at.segment, field, 1, 1);
    const name = nameOfResult(read(3), read(4));
    const held = found.get(name);
    if (held === undefined) found.set(name, [at]);
    else held.push(at);
  }
  return found;
}

/** Whether a result is of the order that a child names as its parent (OBR-29) by the placer's or filler's number. */
function isOfOrder(obx: SegmentNode, numbers: readonly string[], run: Run): boolean {
  if (numbers.length === 0) return true;
  const obr = findSegment(obx, 'OBR');
  const orc = obr === undefined ? undefined : findOrderControl(obr, run);
  return [obr, orc].some(
    (node) =>
      node !== undefined &&
      [2, 3].some((field) => numbers.includes(readText(run.message, node.segment, field, 1, 1))),
  );
}

/** What each order goes on from: all of its results ask for the same. */
const PARENTS = {};

function parentOf(step: Step): SegmentNode | undefined {
  const { node: obr, run } = step;
  const known = remember(run, PARENTS, () => new Map<SegmentNode, SegmentNode | undefined>());
  if (known.has(obr)) return known.get(obr);
  const name = nameOfResult(textAt(step, 1, 1), textAt(step, 2));
  const numbers = [1, 2]
    .map((part) => textAt({ ...step, field: 29 }, part, 1))
    .filter((number) => number !== '');
  const patient = personOf(obr, run)?.patientKey;
  const [only, ...others] = (namedResults(obr, run).get(name) ?? []).filter(
    (obx) => obx.parent !== obr && personOf(obx, run)?.patientKey === patient && isOfOrder(obx, numbers, run),
  );
  const parent = others.length === 0 ? only : undefined;
  known.set(obr, parent);
  return parent;
}

/**
 * `parentResult`: the result that an order goes on from (OBR-26), such as the organism whose sensitivities it states, of
 * the same patient and in the order that OBR-29 names. A name that several of those bear is no reference: sensitivities
 * must not be read for another organism.
 */
export const parentResult: TransformFactory =
  () =>
  (step): Reference | undefined => {
    const parent = parentOf(step);
    if (parent === undefined) {
      report(step, 'HDE_HL7_DATA_TYPE', 'the code and sub-id of exactly one result of the parent order');
      return undefined;
    }
    const reference = draftOf(parent, 'Observation')?.reference;
    return reference === undefined ? undefined : { reference };
  };
