import type { Resource } from 'fhir/r4.js';
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { Issue } from '../../errors.js';
import { fail, ok, type Result } from '../../result.js';
import { besideOf, isWrittenOtherwise, placeOf, type ReadResource, readResource } from '../decimals.js';
import { type Element, elementsOf, isPrimitiveType, isResourceType } from '../elements.js';
import { closeFrame, type Frame, isEmpty, type Item, openFrame } from './frames.js';
import { closeNarrative, openInNarrative, type OpenNarrative, xhtmlNamespace } from './narrative.js';
import { readPrimitive } from './read-primitive.js';
import { fhirNamespace } from './to-xml.js';

/** Elements within elements; FHIR needs some 20. */
const maxDepth = 64;

/** Findings after which a text is not read further. */
const maxIssues = 20;

/** Hints for validators, which say nothing of the resource: `xsi:schemaLocation`. */
const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance';

interface Reading {
  readonly text: string;
  readonly parser: SaxesParser<{ xmlns: true }>;
  readonly open: Frame[];
  readonly issues: Issue[];
  readonly decimals: Record<string, string>;
  /** Where the tag stands that was opened last. */
  tag: { readonly line: number; readonly column: number; readonly start: number };
  narrative?: OpenNarrative | undefined;
}

/** Thrown to stop the parser. */
class Stop extends Error {}

/**
 * Reads a resource from FHIR XML (R4 section 2.6.1). Elements may come in any order; comments are dropped. Refused are
 * unknown elements and attributes, text between elements, what occurs too often, values that are none of their type,
 * empty elements, document types and with them entities, XML 1.1, other encodings than UTF-8, and too deep a nesting.
 *
 * @returns the findings of a refusal, each with its place and line
 */
export function fromXml(text: string): Result<ReadResource, readonly Issue[]> {
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const root = openFrame('slot');
  const tag = { line: 1, column: 1, start: 0 };
  const reading: Reading = { text, parser, open: [root], issues: [], decimals: {}, tag };
  listen(reading);
  try {
    parser.write(text).close();
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
  }
  const { issues, decimals } = reading;
  return issues.length > 0 ? fail(issues) : ok(readResource(root.item.value as Resource, decimals));
}

function listen(reading: Reading): void {
  const { parser, text } = reading;
  const here = () => ({ line: parser.line, column: Math.max(parser.column, 1), start: parser.position });
  const stopHere = (detail: string) => {
    reading.tag = here();
    stop(reading, detail);
  };
  parser.on('error', () => {
    stopHere('This is not well-formed XML.');
  });
  parser.on('doctype', () => {
    stopHere('A document type is not allowed.');
  });
  parser.on('xmldecl', ({ version, encoding = 'utf-8' }) => {
    if (version !== '1.0' || encoding.toLowerCase() !== 'utf-8') stopHere('FHIR takes XML 1.0 in UTF-8.');
  });
  parser.on('opentagstart', () => {
    reading.tag = { ...here(), start: text.lastIndexOf('<', parser.position - 1) };
  });
  parser.on('opentag', (tag) => {
    openTag(reading, tag);
  });
  parser.on('closetag', () => {
    closeTag(reading);
  });
  const refuseText = () => {
    const frame = reading.open.at(-1);
    if (reading.narrative !== undefined || frame === undefined || frame.kind === 'skipped') return;
    reading.tag = here();
    refuse(reading, frame.pointer, 'There is text where FHIR has elements only.');
  };
  parser.on('text', (content) => {
    if (/[^ \t\r\n]/.test(content)) refuseText();
  });
  parser.on('cdata', refuseText);
}

function openTag(reading: Reading, tag: SaxesTagNS): void {
  const { open, narrative } = reading;
  if (open.length + (narrative?.declared.length ?? 0) > maxDepth) {
    stop(reading, `Elements are nested at most ${maxDepth} deep.`);
  }
  const parent = open.at(-1);
  if (narrative !== undefined) openInNarrative(narrative, tag);
  else if (parent !== undefined) {
    const { pointer } = parent;
    open.push(openChild(reading, parent, tag) ?? openFrame('skipped', { pointer }));
  }
}

/** The frame of an element; undefined when it was refused, or stands in one that was. */
function openChild(reading: Reading, parent: Frame, tag: SaxesTagNS): Frame | undefined {
  if (parent.kind === 'skipped') return undefined;
  if (parent.kind === 'slot') return openResource(reading, parent, tag);
  const element = elementsOf(parent.type)?.get(tag.local);
  const namespace = element?.type === 'xhtml' ? xhtmlNamespace : fhirNamespace;
  if (element === undefined || element.isAttribute || tag.uri !== namespace) {
    refuse(reading, parent.pointer, 'There is an element here that FHIR R4 does not define.');
    return undefined;
  }
  const items = parent.children.get(element) ?? [];
  parent.children.set(element, items);
  const pointer = `${parent.pointer}/${element.name}${element.repeats ? `/${items.length}` : ''}`;
  if (!element.repeats && items.length > 0) {
    refuse(reading, pointer, 'This element does not repeat.');
    return undefined;
  }
  const item = {};
  items.push(item);
  return openElement(reading, element, openFrame('fields', { pointer, item }), tag);
}

function openResource(reading: Reading, { pointer, item }: Frame, tag: SaxesTagNS): Frame | undefined {
  const { local: type, uri } = tag;
  const isOne = item.value === undefined;
  if (!isOne || uri !== fhirNamespace || !isResourceType(type)) {
    const needed = `A resource type of FHIR R4 is needed, in the namespace ${fhirNamespace}.`;
    refuse(reading, pointer, isOne ? needed : 'There is more than one resource.');
    return undefined;
  }
  const resource = { resourceType: type };
  item.value = resource;
  readAttributes(reading, pointer, tag, []);
  return openFrame('resource', { type, pointer, item });
}

function openElement(reading: Reading, { type }: Element, frame: Frame, tag: SaxesTagNS): Frame {
  const { pointer, item } = frame;
  if (type === 'xhtml') {
    reading.narrative = { start: reading.tag.start, declared: [], outside: new Map() };
    openInNarrative(reading.narrative, tag);
    return { ...frame, kind: 'xhtml' };
  }
  if (type === 'Resource') {
    readAttributes(reading, pointer, tag, []);
    return { ...frame, kind: 'slot' };
  }
  if (!isPrimitiveType(type)) {
    const named = [...(elementsOf(type)?.values() ?? [])].filter(({ isAttribute }) => isAttribute);
    const names = named.map(({ name }) => name);
    return { ...frame, type, attributes: readAttributes(reading, pointer, tag, names) };
  }
  const { value, ...attributes } = readAttributes(reading, pointer, tag, ['id', 'value']);
  if (value !== undefined) readValue(reading, pointer, { type, text: value, item });
  return { ...frame, kind: 'primitive', type: 'Element', pointer: besideOf(pointer), attributes };
}

function readValue(
  reading: Reading,
  pointer: string,
  { type, text, item }: { readonly type: string; readonly text: string; readonly item: Item },
): void {
  const value = readPrimitive(type, text);
  if (value === undefined) refuse(reading, pointer, `This is no ${type}.`);
  item.value = value ?? text;
  if (typeof value === 'number' && isWrittenOtherwise(text)) reading.decimals[pointer] = text;
}

/** The attributes that an element may have; any other one but those of XML itself is refused. */
function readAttributes(
  reading: Reading,
  pointer: string,
  { attributes }: SaxesTagNS,
  names: readonly string[],
): Record<string, string> {
  const read: Record<string, string> = {};
  for (const { name, prefix, uri, value } of Object.values(attributes)) {
    if (name === 'xmlns' || prefix === 'xmlns' || uri === schemaInstance) continue;
    if (names.includes(name)) read[name] = value;
    else refuse(reading, pointer, 'There is an attribute here that FHIR R4 does not define.');
  }
  return read;
}

function closeTag(reading: Reading): void {
  const { narrative, open, text, parser } = reading;
  if (narrative !== undefined) {
    narrative.declared.pop();
    if (narrative.declared.length > 0) return;
    reading.narrative = undefined;
    const frame = open.pop();
    if (frame !== undefined) {
      frame.item.value = closeNarrative(text.slice(narrative.start, parser.position), narrative);
    }
    return;
  }
  const frame = open.pop();
  if (frame === undefined || frame.kind === 'skipped') return;
  if (isEmpty(frame)) refuse(reading, frame.pointer, 'This element is empty.');
  closeFrame(frame);
}

/** Notes a finding at the tag that was opened last. */
function refuse(reading: Reading, pointer: string, detail: string): void {
  const { issues, open, tag } = reading;
  const root = (open[0]?.item.value as Resource | undefined)?.resourceType;
  issues.push({
    code: 'HDE_RESOURCE_INVALID',
    severity: 'error',
    ...(root === undefined ? {} : { location: placeOf(root, pointer) }),
    detail: `Line ${tag.line}, column ${tag.column}: ${detail}`,
  });
  if (issues.length >= maxIssues) throw new Stop();
}

/** Ends the reading of a text that is no FHIR XML at all. */
function stop({ issues, tag }: Reading, detail: string): never {
  issues.push({
    code: 'HDE_REQUEST_INVALID',
    severity: 'error',
    detail: `Line ${tag.line}, column ${tag.column}: ${detail}`,
  });
  throw new Stop();
}
