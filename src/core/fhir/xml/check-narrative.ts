import type { SaxesTagNS } from 'saxes';
import { readDiv, type DivReader, xhtmlNamespace } from './narrative.js';

const wordsIn = (text: string): ReadonlySet<string> => new Set(text.split(' '));

/** Elements of invariant txt-1, and those of the same chapters of HTML 4.0 that its expression leaves out. */
const allowedElements = wordsIn(
  'a abbr acronym address b bdo big blockquote br caption cite code col colgroup dd dfn div dl dt em h1 h2 h3 h4 h5 h6 hr ' +
    'i img kbd li ol p pre q samp small span strong sub sup table tbody td tfoot th thead tr tt ul var',
);

/** Attributes of invariant txt-1, and the language of XML. */
const allowedAttributes = wordsIn(
  'abbr accesskey align alt axis bgcolor border cellhalign cellpadding cellspacing cellvalign char charoff charset cite ' +
    'class colspan compact coords dir frame headers height href hreflang hspace id lang longdesc name nowrap rel rev ' +
    'rowspan rules scope shape span src start style summary tabindex title type valign value vspace width xml:lang xml:space',
);

const addresses = wordsIn('cite href longdesc src');
/** Schemes that run what stands behind them; browsers skip spaces and control characters in front of and within them. */
const runningScheme = /^(?:javascript|vbscript|data):/i;
const image = /^data:image\/(?:png|gif|jpe?g|bmp|webp);base64,/i;
/** What leads a style out of its document, or runs. A backslash writes any of these otherwise. */
const reachingStyle =
  /\\|\/\*|(?:url|src|image|image-set|cross-fade|expression)\s*\(|@import|-moz-binding|behaviou?r\s*:/i;
/** HTML ends such a comment where it begins: what follows would be elements there that nobody has looked at. */
const endedComment = /^-?>/;

/**
 * What is wrong with a `Narrative.div`: it has to be one well-formed `div` of XHTML that has nothing but the formatting of
 * invariant txt-1, runs nothing, and says something (txt-2; FHIR R4 section 2.4.0). Undefined where it is as it must be.
 */
export function faultOfNarrative(text: string): string | undefined {
  const faults: string[] = [];
  const content: string[] = [];
  const root = readDiv(text, {
    open(tag) {
      const fault = faultOfTag(tag);
      if (fault !== undefined) faults.push(fault);
      if (tag.local === 'img' && tag.attributes['src'] !== undefined) content.push(tag.name);
    },
    text(written) {
      if (/\S/.test(written)) content.push(written);
    },
    comment(written) {
      if (endedComment.test(written))
        faults.push('comments that do not begin with > or ->, where HTML ends them');
    },
    section() {
      // HTML has none: it hides their text up to the first >, and reads what follows as elements.
      faults.push('texts that do not stand in CDATA sections');
    },
  } satisfies DivReader);
  if (root === undefined)
    return 'one well-formed div of XHTML, without document type, processing instructions and named entities of HTML';
  return faults[0] ?? (content.length > 0 ? undefined : 'a narrative that says something');
}

function faultOfTag({ local, uri, prefix, attributes }: SaxesTagNS): string | undefined {
  if (uri !== '' && uri !== xhtmlNamespace) return `elements of the namespace ${xhtmlNamespace} only`;
  // Whatever shows a narrative as HTML knows no prefixes.
  if (prefix !== '') return `elements without a prefix, as in <div xmlns="${xhtmlNamespace}">`;
  if (!allowedElements.has(local)) return 'basic formatting only: an element is not allowed';
  for (const { name, prefix: space, value } of Object.values(attributes)) {
    if (name === 'xmlns' || space === 'xmlns') continue;
    if (!allowedAttributes.has(name)) return 'basic formatting only: an attribute is not allowed';
    if (isRunning(name, value)) return 'nothing that runs or loads what stands elsewhere';
  }
  return undefined;
}

function isRunning(name: string, value: string): boolean {
  if (name === 'style') return reachingStyle.test(value);
  if (!addresses.has(name)) return false;
  // eslint-disable-next-line no-control-regex -- browsers skip these
  const bare = value.replace(/[\u0000-\u0020]/g, '');
  return runningScheme.test(bare) && !(name === 'src' && image.test(bare));
}
