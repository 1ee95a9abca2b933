/** A piece of a message with the characters of interest marked. */
import type { Span } from '../src/core/formats/hl7v2/types.js';

/** Characters shown on either side of the mark. */
const CONTEXT = 60;

/** The segment around a span; carets mark it, or inverse video where the terminal is coloured. */
export function viewSource(text: string, { start, end }: Span, isColoured: boolean): string[] {
  const lineStart = lastBreak(text, start) + 1;
  const lineEnd = nextBreak(text, end);
  const from = start - lineStart > CONTEXT ? start - CONTEXT : lineStart;
  const to = lineEnd - end > CONTEXT ? end + CONTEXT : lineEnd;
  // The name of the segment always shows.
  const lead = from === lineStart ? '' : `${text.slice(lineStart, lineStart + 4)}…`;
  const before = lead + plain(text.slice(from, start));
  const marked = plain(text.slice(start, end));
  const after = plain(text.slice(end, to)) + (to === lineEnd ? '' : '…');
  return isColoured
    ? [`${before}\u001b[7m${marked}\u001b[0m${after}`]
    : [before + marked + after, ' '.repeat(widthOf(before)) + '^'.repeat(Math.max(1, widthOf(marked)))];
}

function lastBreak(text: string, position: number): number {
  let at = position - 1;
  while (at >= 0 && !isBreak(text.charCodeAt(at))) at--;
  return at;
}

function nextBreak(text: string, position: number): number {
  let at = position;
  while (at < text.length && !isBreak(text.charCodeAt(at))) at++;
  return at;
}

const isBreak = (code: number): boolean => code === 0x0d || code === 0x0a;

/** What a sender puts into a message must not steer the terminal. */
const plain = (text: string): string => text.replace(/[\u0000-\u001f\u007f-\u009f]/g, '·'); // eslint-disable-line no-control-regex -- that is the purpose

const widthOf = (text: string): number => Array.from(text).length;
