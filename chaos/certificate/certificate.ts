/** What a run proves, signed: which build met which faults, and what the checker found. */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  sign,
  verify,
  type KeyObject,
} from 'node:crypto';
import { findingKinds, type Finding, type FindingKind } from '../checker/evidence.js';
import { at, canonical, textAt } from '../json.js';

/** Content of a certificate; names no machine. */
export interface Statement {
  readonly format: 'hde-chaos-certificate/1';
  readonly passed: boolean;
  /** Seed and size give hospital and fault plan again. */
  readonly run: {
    readonly seed: string;
    readonly messages: number;
    readonly patients: number;
    readonly kills: number;
    readonly faultShare: number;
    /** Present when the build was broken on purpose. */
    readonly mutant?: string;
  };
  readonly versions: {
    readonly exchange: string;
    readonly node: string;
    /** SHA-256 over the function app that ran. */
    readonly app: string;
  };
  /** ISO instant. */
  readonly finishedAt: string;
  readonly seconds: number;
  readonly outcome: Readonly<Record<FindingKind, number>>;
  readonly figures: Readonly<Record<string, number>>;
  /** The first of them, in words. */
  readonly findings: readonly string[];
  /** How many more there were; `outcome` counts them all. */
  readonly findingsLeftOff: number;
}

export interface Certificate {
  readonly statement: Statement;
  /** Ed25519, SPKI in PEM. */
  readonly publicKey: string;
  /** Over the statement in canonical JSON, base64. */
  readonly signature: string;
}

const mostFindings = 100;

/** Counts findings by kind. */
export const outcomeOf = (findings: readonly Finding[]): Statement['outcome'] =>
  Object.fromEntries(
    findingKinds.map((kind) => [kind, findings.filter((finding) => finding.kind === kind).length]),
  ) as Record<FindingKind, number>;

/** The statement of a run. */
export function stateRun(
  facts: Pick<Statement, 'run' | 'versions' | 'finishedAt' | 'seconds' | 'figures'>,
  findings: readonly Finding[],
): Statement {
  return {
    format: 'hde-chaos-certificate/1',
    passed: findings.length === 0,
    ...facts,
    outcome: outcomeOf(findings),
    findings: findings.slice(0, mostFindings).map(({ kind, what }) => `${kind}: ${what}`),
    findingsLeftOff: Math.max(0, findings.length - mostFindings),
  };
}

/** @param privateKeyPem an Ed25519 key; without one a key is made for this certificate */
export function signStatement(statement: Statement, privateKeyPem?: string): Certificate {
  const key: KeyObject =
    privateKeyPem === undefined ? generateKeyPairSync('ed25519').privateKey : createPrivateKey(privateKeyPem);
  if (key.asymmetricKeyType !== 'ed25519') throw new Error('--key: an Ed25519 private key in PEM is needed');
  return {
    statement,
    publicKey: createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    signature: sign(null, Buffer.from(canonical(statement)), key).toString('base64'),
  };
}

/**
 * Whether the signature is that of the statement by the key that the certificate names. Who holds the key is for the
 * reader to know.
 */
export function isGenuine(certificate: unknown): certificate is Certificate {
  try {
    const key = createPublicKey(textAt(certificate, 'publicKey'));
    const content = Buffer.from(canonical(at(certificate, 'statement')));
    const signature = Buffer.from(textAt(certificate, 'signature'), 'base64');
    return key.asymmetricKeyType === 'ed25519' && verify(null, content, key, signature);
  } catch {
    return false;
  }
}
