import { SaxesParser, type SaxesTagNS } from 'saxes';

/** The namespace of `Narrative.div`. */
export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml';

/** A `div` that is being read, which will be kept as it was written. */
export interface OpenNarrative {
  /** Where its text begins. */
  readonly start: number;
  /** Prefixes that each open element declares. */
  readonly declared: Set<string>[];
  /** Namespaces by prefix that are declared outside the `div`, which shall stand on its own. */
  readonly outside: Map<string, string>;
}

/** Follows an element of a `div` as it opens. */
export function openInNarrative({ declared, outside }: OpenNarrative, tag: SaxesTagNS): void {
  declared.push(new Set(Object.keys(tag.ns)));
  const used = Object.values(tag.attributes).filter(({ prefix }) => prefix !== '' && prefix !== 'xmlns');
  for (const { prefix, uri } of [tag, ...used]) {
    const isKnown = prefix === 'xml' || declared.some((prefixes) => prefixes.has(prefix));
    if (!isKnown) outside.set(prefix, uri);
  }
}

/** The text of a `div` with the namespaces that it uses. */
export function closeNarrative(source: string, { outside }: OpenNarrative): string {
  const declarations = [...outside].map(([prefix, uri]) => declaration(prefix, uri)).join('');
  return source.replace(/^<[^\s/>]+/, (start) => start + declarations);
}

const declaration = (prefix: string, uri: string): string =>
  ` xmlns${prefix === '' ? '' : `:${prefix}`}="${uri.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')}"`;

/** What is told of a `div` while it is read. */
export interface DivReader {
  readonly open: (tag: SaxesTagNS) => void;
  readonly text: (content: string) => void;
  readonly comment: (content: string) => void;
  /** A CDATA section. */
  readonly section: (content: string) => void;
}

/** Reads a text as one `div` of XHTML, with its namespace or without any; undefined for any other text. */
export function readDiv(text: string, reader?: DivReader): SaxesTagNS | undefined {
  let root: SaxesTagNS | undefined;
  const parser = new SaxesParser({ xmlns: true, forceXMLVersion: true, defaultXMLVersion: '1.0' });
  const refuse = () => {
    throw new NotADiv();
  };
  parser.on('error', refuse);
  parser.on('doctype', refuse);
  parser.on('xmldecl', refuse);
  parser.on('processinginstruction', refuse);
  parser.on('opentag', (tag) => {
    root ??= tag;
    reader?.open(tag);
  });
  if (reader !== undefined) {
    parser.on('text', reader.text);
    parser.on('comment', reader.comment);
    parser.on('cdata', reader.section);
  }
  try {
    parser.write(text.trim()).close();
  } catch (error) {
    if (error instanceof NotADiv) return undefined;
    throw error;
  }
  return root?.local === 'div' && [xhtmlNamespace, ''].includes(root.uri) ? root : undefined;
}

/** Thrown to stop the parser. */
class NotADiv extends Error {}

/**
 * A `div` from JSON as it may stand in XML: with its namespace, which is added where it has none (FHIR R4 section
 * 2.4.0). Undefined for a text that is not one well-formed `div`: it would break the document around it.
 */
export function printNarrative(text: string): string | undefined {
  const root = readDiv(text);
  if (root === undefined) return undefined;
  return root.uri === ''
    ? text.trim().replace(/^<div/, (start) => start + declaration('', xhtmlNamespace))
    : text.trim();
}
