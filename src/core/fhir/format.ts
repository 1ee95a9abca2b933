/** The formats of FHIR that are served and taken (R4 section 2.6), and how a client names them. */

/** A format of resources. */
export type Format = 'json' | 'xml';

/** The media type in which each format is sent. */
export const mediaTypes: Readonly<Record<Format, string>> = {
  json: 'application/fhir+json; charset=utf-8',
  xml: 'application/fhir+xml; charset=utf-8',
};

/** Media types of patches: JSON Patch, and FHIRPath Patch as a Parameters resource. */
export const patchFormats = [
  'application/json-patch+json',
  'application/fhir+json',
  'application/fhir+xml',
] as const;

/** Names of media types without parameters. */
const formatsByName: ReadonlyMap<string, Format> = new Map([
  ['application/fhir+json', 'json'],
  ['application/json', 'json'],
  ['text/json', 'json'],
  ['application/fhir+xml', 'xml'],
  ['application/xml', 'xml'],
  ['text/xml', 'xml'],
]);

/** Short names that `_format` may have beside media types (FHIR R4 section 3.1.0.1.11). */
const shortNames: ReadonlySet<string> = new Set(['json', 'xml']);

/** Ranges of Accept that take every format. */
const wildcards: ReadonlySet<string> = new Set(['*/*', 'application/*']);

interface MediaRange {
  /** In lower case. */
  readonly name: string;
  readonly quality: number;
  /** Of FHIR R4, where the range names a version. */
  readonly isR4: boolean;
  /** As the parameter `charset` says; undefined without one. */
  readonly charset: string | undefined;
}

/**
 * The format that a client wants of FHIR R4. `_format` outranks Accept; a client that says nothing, or takes anything,
 * gets JSON (R4 sections 3.1.0.1.11 and 3.1.0.1.12, RFC 9110 section 12.5.1).
 *
 * @param formats values of `_format`, decoded; the first decides, and all must be served
 * @returns undefined when none that is served is wanted
 */
export function chooseFormat(formats: readonly string[], accept: string | undefined): Format | undefined {
  if (formats.length > 0) {
    const named = formats.map(formatOfName);
    return named.includes(undefined) ? undefined : named[0];
  }
  if (accept === undefined || accept.trim() === '') return 'json';
  // A name alone, as most clients send it, leaves nothing to weigh.
  const alone = formatsByName.get(accept);
  if (alone !== undefined) return alone;
  const ranges = accept.split(',').map(readRange);
  const wishes = [wishFor('json', ranges), wishFor('xml', ranges)].filter(({ quality }) => quality > 0);
  const [best] = wishes.sort(
    (a, b) => b.quality - a.quality || Number(b.isNamed) - Number(a.isNamed) || a.position - b.position,
  );
  return best?.format;
}

/** A value of `_format`; an unescaped `+` arrives as a space. */
function formatOfName(value: string): Format | undefined {
  const { name, isR4, quality } = readRange(value);
  if (!isR4 || quality === 0) return undefined;
  return shortNames.has(name) ? (name as Format) : formatsByName.get(name.replace(' ', '+'));
}

/** How much a format is wanted: the range that names it decides, else the wildcard. */
function wishFor(format: Format, ranges: readonly MediaRange[]) {
  const usable = ranges.map((range, position) => ({ ...range, position })).filter(({ isR4 }) => isR4);
  const named = usable.filter(({ name }) => formatsByName.get(name) === format);
  const [range] = (named.length > 0 ? named : usable.filter(({ name }) => wildcards.has(name))).sort(
    (a, b) => b.quality - a.quality,
  );
  return {
    format,
    quality: range?.quality ?? 0,
    isNamed: named.length > 0,
    position: range?.position ?? ranges.length,
  };
}

/** The format of a body by its Content-Type; undefined for another one, another character set or another FHIR. */
export function formatOfContentType(contentType: string | undefined): Format | undefined {
  const { name, isR4, charset = 'utf-8' } = readRange(contentType ?? '');
  return isR4 && /^utf-?8$/.test(charset) ? formatsByName.get(name) : undefined;
}

function readRange(text: string): MediaRange {
  const [name = '', ...rest] = text.split(';').map((part) => part.trim().toLowerCase());
  const parameters = new Map(
    rest.map((part) => {
      const [key = '', value = ''] = part.split('=').map((side) => side.trim().replaceAll('"', ''));
      return [key, value] as const;
    }),
  );
  const quality = Number(parameters.get('q') ?? 1);
  const version = parameters.get('fhirversion');
  return {
    name,
    quality: Number.isNaN(quality) ? 0 : quality,
    isR4: version === undefined || version === '4.0' || version === '4.0.1',
    charset: parameters.get('charset'),
  };
}
