/** Links between the entries of a transaction (FHIR R4 sections 2.36.4.1 and 3.1.0.11.2): what they come to mean here. */

/** What a fullUrl of the Bundle names on this server: `Patient/abc`. */
export type LinkTargets = ReadonlyMap<string, string>;

/** Whether a fullUrl names nothing but an entry of its Bundle. */
export const isPlaceholder = (url: string): boolean => /^urn:(uuid|oid):/i.test(url);

/** Whether a reference is a search that is to find the one resource that is meant: `Patient?identifier=a|1`. */
export const isConditional = (reference: string): boolean => /^[A-Z][A-Za-z]+\?./.test(reference);

const isRelative = (reference: string): boolean => /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.test(reference);

/** `http://other.example/fhir/Patient/1` gives the base in front of type and id. */
const baseOf = (fullUrl: string): string | undefined =>
  /^(https?:\/\/.+)\/[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}$/.exec(fullUrl)?.[1];

/**
 * What links in a resource mean here; undefined for those that lead to no entry of the Bundle. A relative reference is to
 * the server from which its entry comes (R4 section 2.36.4.1).
 *
 * @param fullUrl of the entry that holds the links
 * @param home base of this server, for an entry whose ids mean nothing here: what it refers to on another server becomes
 * absolute, since under the same id there may be somebody else here
 */
export function linkResolver(
  targets: LinkTargets,
  fullUrl: string | undefined,
  home?: string,
): (link: string) => string | undefined {
  const base = baseOf(fullUrl ?? '');
  const foreign = home === undefined || base === home ? undefined : base;
  return (link) => {
    const [, plain = '', fragment = ''] = /^([^#]*)(#.*)?$/.exec(link) ?? [];
    if (plain === '') return undefined;
    const whole = plain.replace(/\/_history\/[A-Za-z0-9\-.]{1,64}$/, '');
    const found =
      targets.get(plain) ??
      targets.get(whole) ??
      (base === undefined || isConditional(plain) ? undefined : targets.get(`${base}/${whole}`));
    if (found !== undefined) return `${found}${fragment}`;
    return foreign !== undefined && isRelative(whole) ? `${foreign}/${link}` : undefined;
  };
}
