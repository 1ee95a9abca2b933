/** Origins as a setting lists them (RFC 6454). */

/**
 * Reads a list of origins, separated by commas.
 *
 * @throws Error that says which one is none: `*` and `null` would let in everybody
 */
export function parseOrigins(text: string): readonly string[] {
  const origins = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  origins.forEach((origin, index) => {
    if (!isOrigin(origin))
      throw new Error(`number ${index + 1} is no origin such as https://app.example.nhs.uk`);
  });
  return origins;
}

/** Without TLS only what runs on the machine of the browser itself. */
function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, hostname } = new URL(text);
  const isLocal = protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(hostname);
  return origin === text && (protocol === 'https:' || isLocal);
}
