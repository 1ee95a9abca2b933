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

/** Whose links are resolved. */
interface LinkHolder {
  /** Of the entry that holds them. */
  readonly fullUrl?: string | undefined;
  /**
   * Whether the entry has no id here yet: what it refers to on another server becomes absolute, since under the same id
   * there may be somebody else here. Who puts a resource under its id says that ids mean the same here.
   */
  readonly isNew?: boolean;
}

/**
 * What links in a resource mean here; undefined for those that lead to no entry of the Bundle, or are as they shall be. A
 * relative reference is to the server from which its entry comes (R4 section 2.36.4.1). A version is one of the server
 * that is named: of a record of this one it stays, and that of another one means nothing here.
 *
 * @param home base of this server
 */
export function linkResolver(
  targets: LinkTargets,
  home: string,
  { fullUrl = '', isNew = false }: LinkHolder = {},
): (link: string) => string | undefined {
  const base = baseOf(fullUrl);
  const foreign = isNew && base !== home ? base : undefined;
  return (link) => {
    const [, plain = '', fragment = ''] = /^([^#]*)(#.*)?$/.exec(link) ?? [];
    if (plain === '') return undefined;
    const whole = plain.replace(/\/_history\/[A-Za-z0-9\-.]{1,64}$/, '');
    const absolute = base === undefined || isConditional(plain) ? whole : `${base}/${whole}`;
    const found = targets.get(plain) ?? targets.get(whole) ?? targets.get(absolute);
    if (found !== undefined) {
      const isHere = [whole, absolute].includes(`${home}/${found}`);
      return isHere && whole !== plain ? undefined : `${found}${fragment}`;
    }
    return foreign !== undefined && isRelative(whole) ? `${foreign}/${link}` : undefined;
  };
}
