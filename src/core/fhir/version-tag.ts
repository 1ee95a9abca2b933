/**
 * The entity tag of a version.
 *
 * @param isRedacted a copy from which places are left out has a tag of its own (RFC 9110 section 8.8.1), which no write
 * accepts: whoever holds it does not hold the version
 */
export const versionTag = (versionId: number, isRedacted = false): string =>
  `W/"${versionId}${isRedacted ? '-redacted' : ''}"`;
