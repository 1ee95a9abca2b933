/** TXA: content of documents, and how they relate to each other. */
import type {
  Attachment,
  DocumentReferenceContent,
  DocumentReferenceRelatesTo,
  Identifier,
  Reference,
} from 'fhir/r4.js';
import { Buffer } from 'node:buffer';
import { markField } from '../engine/ledger.js';
import { below, readText, textAt, trace, wholeText, traceConstant, type Step } from '../engine/run.js';
import type { SegmentNode } from '../engine/segment-tree.js';
import type { TransformFactory } from '../engine/transform.js';
import { attachment, documentLink } from './attachments.js';
import { entityIdentifier } from './identifiers.js';
import { replacing } from '../succession.js';
import { replacedDocument } from './identities/documents.js';
import { referenceTo, share } from './shared-records.js';
import { timeAt } from './simple-values.js';
import { toFhirDateTime } from '../times/hl7-time.js';
import { upperCase } from '../../upper-case.js';

/** Types of OBX-2 whose values are lines of the document. */
const TEXTS = new Set(['TX', 'FT', 'ST', '']);

/** Statuses (OBX-11) of what is deleted or was posted as wrong. */
const WITHDRAWN = new Set(['D', 'W']);

/** Types of OBX-2 whose values are documents by themselves. */
const DOCUMENTS = new Set(['ED', 'RP']);

/**
 * `ifWithdrawn(entered-in-error)`: what to say of a document of which all content is deleted or was posted as wrong. There
 * is no other that could take the place of what is stored.
 */
export const ifWithdrawn: TransformFactory = ([value]) => {
  if (value === undefined) throw new RangeError('ifWithdrawn needs a value');
  return (step) => {
    const contents = step.node.children.filter((obx) => {
      const type = read(step, obx, 2);
      return obx.segment.name === 'OBX' && (TEXTS.has(type) || DOCUMENTS.has(type) || isBase64(step, obx));
    });
    const isWithdrawn = contents.length > 0 && contents.every((obx) => WITHDRAWN.has(read(step, obx, 11)));
    return isWithdrawn ? value : undefined;
  };
};

const isBase64 = ({ run }: Step, { segment }: SegmentNode): boolean =>
  readText(run.message, segment, 5, 1, 4).toUpperCase() === 'BASE64';

/** `documentText`: the text of a document, line by line in the order of its OBX segments and their notes. */
export const documentText: TransformFactory = () => (step) => {
  const lines: string[] = [];
  for (const obx of step.node.children) {
    if (obx.segment.name !== 'OBX' || !TEXTS.has(read(step, obx, 2))) continue;
    if (WITHDRAWN.has(read(step, obx, 11))) continue;
    appendLines(step, obx, 5, lines);
    for (const child of obx.children) if (child.segment.name === 'NTE') appendLines(step, child, 3, lines);
  }
  if (lines.length === 0) return undefined;
  const text = lines.join('\n');
  return text.trim() === '' ? undefined : textContent(text);
};

const textContent = (text: string): DocumentReferenceContent => ({
  attachment: {
    contentType: 'text/plain; charset=utf-8',
    data: Buffer.from(text, 'utf8').toString('base64'),
  },
});

const read = (step: Step, { segment }: SegmentNode, field: number): string =>
  readText(step.run.message, segment, field, 1, 1);

/** A blank line of the source is a blank line of the text. */
function appendLines(step: Step, node: SegmentNode, field: number, lines: string[]): void {
  const { run, draft, rule } = step;
  const element = `${step.element}.attachment.data`;
  const count = Math.max(node.segment.repetitions(field), 1);
  for (let repetition = 1; repetition <= count; repetition++) {
    const at: Step = { run, node, field, repetition, component: 0, draft, element, rule };
    const line = wholeText(at);
    lines.push(line);
    if (line === '') continue;
    trace(at, '');
    markField(node, field, repetition, { fate: 'mapped', rule });
  }
}

/** `documentContent(data)`, `documentContent(link)`: ED or RP as content of the document. */
export const documentContent: TransformFactory = ([kind], setting) => {
  const readAttachment = kind === 'link' ? documentLink([], setting) : attachment([], setting);
  return (step): DocumentReferenceContent | undefined => {
    const result = readAttachment(below(step, 'attachment')) as Attachment | undefined;
    return result && { attachment: result };
  };
};

/**
 * `documentParent(replaces)`: the document that TXA-13 names and what this one is to it. The record of one that is
 * replaced is named, so that it is not valid any more.
 */
export const documentParent: TransformFactory = ([code], setting) => {
  if (code !== 'replaces' && code !== 'appends')
    throw new RangeError('documentParent is replaces or appends');
  const readNumber = entityIdentifier(['order'], setting);
  return (step): DocumentReferenceRelatesTo | undefined => {
    const identifier = readNumber(below(step, 'target.identifier')) as Identifier | undefined;
    if (identifier === undefined) return undefined;
    const replaced = code === 'replaces' ? replacedDocument(step.node, step.run) : undefined;
    if (replaced !== undefined) step.draft.removed.push(replacing(`DocumentReference/${replaced.id}`));
    return { code, target: { type: 'DocumentReference', identifier } };
  };
};

/** `withoutParent`: reports a document that replaces another and does not say which: that one stays as it is. */
export const withoutParent: TransformFactory = () => (step) => {
  step.run.issues.push({
    code: 'HDE_HL7_REQUIRED',
    severity: 'warning',
    location: `${step.node.label}-13`,
    detail: 'the document that is replaced, without which it stays valid',
  });
  return undefined;
};

/** `codedOrganisation`: an organisation that is named by a code (CWE) or, without one, by its name. */
export const codedOrganisation: TransformFactory =
  (_args, { codeSystems, profiles }) =>
  (step): Reference | undefined => {
    const code = textAt(step, 1);
    const name = textAt(step, 2) || textAt(step, 9) || code;
    if (name === '') return undefined;
    const local = `${step.run.feed.localSystems.location}/organisation`;
    const system = codeSystems.get(upperCase(textAt(step, 3))) ?? local;
    const isCoded = code !== '' && code !== name;
    const identity = isCoded ? code : `name:${name}`;
    const draft = share(step.run, 'Organization', system, identity, profiles, (shared) => {
      const { resource } = shared;
      if (isCoded) resource['identifier'] = [{ system, value: code }];
      resource['name'] = name;
      traceConstant(step, shared, 'Organization.name');
    });
    trace(step, 'reference');
    return referenceTo(draft, name);
  };

/** `instantIfTimed`: a time as an instant; a date alone is none (FHIR instants are exact to the second). */
export const instantIfTimed: TransformFactory = () => (step) => {
  const time = timeAt(step);
  return time?.hour === undefined ? undefined : toFhirDateTime(time, step.run.feed.timeZone);
};

/** `withoutAvailability`: forgets the original availability (TXA-19) of an earlier message where this one states none. */
export const withoutAvailability: TransformFactory = () => (step) => {
  if (step.draft.resource['_status'] === undefined) step.draft.removed.push('_status');
  return undefined;
};
