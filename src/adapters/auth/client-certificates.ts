/** Certificates of clients that the gateway forwards in a header: a second factor beside the token. */
import { hash, timingSafeEqual, X509Certificate } from 'node:crypto';
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

interface Certificate {
  /** SHA-256 in lower hexadecimal. */
  readonly thumbprint: string;
  /** Milliseconds since 1970, both included. */
  readonly from: number;
  readonly to: number;
}

const capacity = 1_000;

/**
 * Makes what finds the thumbprint of the certificate in a header: DER in Base64 (App Service, `x-arr-clientcert`), or
 * PEM, which proxies percent-encode. Undefined for none, for what is no certificate, and outside its term. Certificates
 * are remembered by the hash of their header: to parse one costs more than all else of a decision.
 *
 * @returns takes the header, and the time in milliseconds since 1970
 */
export function certificateReader(): (header: string | undefined, now: number) => string | undefined {
  const remembered = new Map<string, Certificate>();
  return (header, now) => {
    if (header === undefined || header.length > maxLength) return undefined;
    const key = hash('sha256', header, 'base64');
    const certificate = remembered.get(key) ?? readCertificate(header);
    if (certificate === undefined) return undefined;
    if (remembered.size >= capacity) remembered.clear();
    remembered.set(key, certificate);
    return certificate.from <= now && now <= certificate.to ? certificate.thumbprint : undefined;
  };
}

function readCertificate(header: string): Certificate | undefined {
  try {
    const bytes = bytesOf(header);
    if (bytes === undefined) return undefined;
    const { raw, validFrom, validTo } = new X509Certificate(bytes);
    // Of several, or with something behind it, nobody could tell which one the gateway means.
    if (!raw.equals(bytes)) return undefined;
    return {
      thumbprint: hash('sha256', raw, 'hex'),
      from: Date.parse(validFrom),
      to: Date.parse(validTo),
    };
  } catch {
    return undefined;
  }
}

/** The whole header is one certificate: what a client sends beside the gateway is joined to it by a comma. */
const pem = /^\s*-----BEGIN CERTIFICATE-----([\w+/=\s]+)-----END CERTIFICATE-----\s*$/;
const base64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** DER; undefined for what is neither one PEM nor one text of Base64. */
function bytesOf(header: string): Buffer | undefined {
  const text = header.includes('%') ? decodeURIComponent(header) : header;
  const body = (pem.exec(text)?.[1] ?? text).replaceAll(/\s/g, '');
  return base64.test(body) ? Buffer.from(body, 'base64') : undefined;
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
