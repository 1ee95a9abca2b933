import { Buffer } from 'node:buffer';
import { createCipheriv, createDecipheriv, createHash, createHmac } from 'node:crypto';

/** What a sealed text is for. */
export interface Seal {
  /** The secret of the deployment. */
  readonly secret: string;
  /** Kinds of sealed texts are kept apart: none can stand for one of another kind. */
  readonly kind: string;
  /** What it is bound to: it can be opened for nothing else. */
  readonly purpose: string;
}

const algorithm = 'aes-256-gcm';
// Sealed texts stand in addresses: every byte counts.
const [ivBytes, tagBytes] = [12, 12];

/**
 * Seals bytes, so that nobody else can read, make up or alter them. The same bytes give the same text: the initialisation
 * vector is a keyed hash of what it seals.
 *
 * @returns Base64 that is safe in a URL
 */
export function seal({ purpose, ...kind }: Seal, plain: Uint8Array): string {
  const key = keyOf(kind);
  const iv = createHmac('sha256', key)
    .update(purpose)
    .update('\n')
    .update(plain)
    .digest()
    .subarray(0, ivBytes);
  const cipher = createCipheriv(algorithm, key, iv, { authTagLength: tagBytes }).setAAD(Buffer.from(purpose));
  const sealed = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([iv, sealed, cipher.getAuthTag()]).toString('base64url');
}

/** What was sealed; undefined for a text that was altered, or sealed for something else. */
export function unseal({ purpose, ...kind }: Seal, text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64url');
  // Base64 can be written in several ways; only ours is taken.
  if (bytes.length <= ivBytes + tagBytes || bytes.toString('base64url') !== text) return undefined;
  const decipher = createDecipheriv(algorithm, keyOf(kind), bytes.subarray(0, ivBytes), {
    authTagLength: tagBytes,
  })
    .setAAD(Buffer.from(purpose))
    .setAuthTag(bytes.subarray(-tagBytes));
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes, -tagBytes)), decipher.final()]);
  } catch {
    return undefined;
  }
}

const keyOf = ({ secret, kind }: Omit<Seal, 'purpose'>): Buffer =>
  createHash('sha256').update(`hde ${kind}\n${secret}`).digest();
