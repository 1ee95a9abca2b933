/** Certificates of clients, signed by themselves (X.509 v3, RFC 5280, DER). */
import { createHash, generateKeyPairSync, sign } from 'node:crypto';

const der = (tag: number, ...parts: readonly Uint8Array[]): Buffer => {
  const body = Buffer.concat(parts);
  const { length } = body;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), body]);
};
const sequence = (...parts: readonly Uint8Array[]) => der(0x30, ...parts);

/** ecdsa-with-SHA256 (RFC 5758). */
const algorithm = sequence(der(0x06, Buffer.from('2a8648ce3d040302', 'hex')));

const nameOf = (common: string) =>
  sequence(der(0x31, sequence(der(0x06, Buffer.from('550403', 'hex')), der(0x0c, Buffer.from(common)))));

/** UTCTime. */
const time = (at: Date) => der(0x17, Buffer.from(at.toISOString().replace(/^..|[-:T]|\.\d+/g, '')));

export interface TestCertificate {
  readonly der: Buffer;
  /** SHA-256 in lower hexadecimal. */
  readonly thumbprint: string;
}

export function makeCertificate(common: string, from: Date, to: Date): TestCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const signed = sequence(
    der(0xa0, der(0x02, Buffer.from([2]))),
    der(0x02, Buffer.from([1])),
    algorithm,
    nameOf(common),
    sequence(time(from), time(to)),
    nameOf(common),
    publicKey.export({ format: 'der', type: 'spki' }),
  );
  const signature = sign('sha256', signed, privateKey);
  const whole = sequence(signed, algorithm, der(0x03, Buffer.from([0]), signature));
  return { der: whole, thumbprint: createHash('sha256').update(whole).digest('hex') };
}

export const pemOf = ({ der: bytes }: TestCertificate): string =>
  `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END CERTIFICATE-----\n`;
