/** Certificates of clients that the gateway forwards in a header: a second factor beside the token. */
import { createHash, timingSafeEqual, X509Certificate } from 'node:crypto';
import { ExchangeError } from '../../core/errors.js';
import type { Confirmation } from '../../core/governance/claims/token-payload.js';

/** Which certificate has to come with a request; SHA-256 thumbprints in lower hexadecimal. */
export interface CertificateDemand {
  /** One of these, of the registration of the client; none: any, or no certificate. */
  readonly registered: readonly string[];
  /** What the token is bound to. */
  readonly bound: Confirmation | undefined;
}

/** Longer ones are not even looked at. */
const maxLength = 16_384;

/**
 * The thumbprint of the certificate in a header: DER in Base64 (App Service, `x-arr-clientcert`), or PEM, which proxies
 * percent-encode. Undefined for none, for what is no certificate, and outside its term.
 *
 * @param now milliseconds since 1970
 */
export function thumbprintOf(header: string | undefined, now: number): string | undefined {
  if (header === undefined || header.length > maxLength) return undefined;
  try {
    const certificate = new X509Certificate(bytesOf(header));
    const isInTerm = Date.parse(certificate.validFrom) <= now && now <= Date.parse(certificate.validTo);
    return isInTerm ? createHash('sha256').update(certificate.raw).digest('hex') : undefined;
  } catch {
    return undefined;
  }
}

function bytesOf(header: string): Buffer | string {
  const text = header.includes('%') ? decodeURIComponent(header) : header;
  return text.includes('-----BEGIN') ? text : Buffer.from(text, 'base64');
}

/**
 * Whether a request proves that it comes from the client itself.
 *
 * @param certificate thumbprint of what came with the request
 * @throws ExchangeError HDE_CERTIFICATE_NEEDED, which does not say which one would do
 */
export function demandCertificate(
  { registered, bound }: CertificateDemand,
  certificate: string | undefined,
): void {
  const isRegistered = registered.length === 0 || isAmong(certificate, registered);
  const isBound =
    bound === undefined || (bound.kind === 'certificate' && isAmong(certificate, [bound.thumbprint]));
  if (!isRegistered || !isBound) throw new ExchangeError('HDE_CERTIFICATE_NEEDED');
}

/** All are compared, in constant time: an answer tells nothing of where they differ. */
function isAmong(certificate: string | undefined, thumbprints: readonly string[]): boolean {
  const given = Buffer.from(certificate ?? '');
  const equal = thumbprints.filter((each) => {
    const wanted = Buffer.from(each);
    return wanted.length > 0 && wanted.length === given.length && timingSafeEqual(wanted, given);
  });
  return equal.length > 0;
}
