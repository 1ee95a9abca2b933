/** What a write demands of the version that is stored (FHIR R4 section 3.1.0.5, RFC 9110 section 13.1). */

/** The demands of a request, as its headers state them. */
export interface Preconditions {
  /** If-Match: the version must be one of these; `*` any. */
  readonly ifMatch?: string | undefined;
  /** If-None-Match: `*` demands that there is none. */
  readonly ifNoneMatch?: string | undefined;
}

/** The names of versions in a header: `W/"3", "4"` gives `3` and `4`. */
const tagsOf = (header: string): string[] =>
  header.split(',').map((tag) =>
    tag
      .trim()
      .replace(/^W\//, '')
      .replace(/^"(.*)"$/, '$1'),
  );

/**
 * Whether a resource may be written.
 *
 * @param versionId of the stored version; undefined where there is none, or it is deleted
 */
export function areMet({ ifMatch, ifNoneMatch }: Preconditions, versionId: number | undefined): boolean {
  const names = (header: string): boolean =>
    versionId !== undefined && tagsOf(header).some((tag) => tag === '*' || tag === String(versionId));
  if (ifMatch !== undefined && !names(ifMatch)) return false;
  return ifNoneMatch === undefined || !names(ifNoneMatch);
}
