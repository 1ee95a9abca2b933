/** Finds planted markers in whatever form they might come out: as they are, escaped, or within Base64 and hexadecimal. */
import { Buffer } from 'node:buffer';

/** What Base64 makes of a text wherever it stands in what is encoded; its first and last letters depend on the rest. */
function base64Forms(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.from(' '.repeat(offset) + text)
      .toString('base64')
      .replace(/=+$/, '');
    return encoded.slice(offset === 0 ? 0 : offset + 1, -1);
  });
}

/** A marker and its forms. */
export interface Marker {
  readonly text: string;
  /** Lower case. */
  readonly plain: readonly string[];
  readonly exact: readonly string[];
}

/** @param text at least five letters long: a shorter one is found where it does not stand */
export function markerOf(text: string): Marker {
  const cases = [...new Set([text, text.toLowerCase(), text.toUpperCase()])];
  return {
    text,
    plain: [text.toLowerCase(), Buffer.from(text.toLowerCase()).toString('hex')],
    exact: cases.flatMap(base64Forms),
  };
}

/** The markers that stand in a text. */
export function findMarkers(markers: readonly Marker[], text: string): string[] {
  const lower = text.toLowerCase();
  const isIn = ({ plain, exact }: Marker) =>
    plain.some((form) => lower.includes(form)) || exact.some((form) => text.includes(form));
  return markers.filter(isIn).map((marker) => marker.text);
}
