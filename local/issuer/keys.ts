/** Key pairs of the local stack, below its state folder, each made at first use. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';

/** Whose keys there are, and what they sign with. */
export const keyAlgorithms = {
  entra: 'RS256',
  'nhs-login': 'RS512',
  cis2: 'RS256',
  /** A backend service that is registered in the sample policy. */
  client: 'ES384',
  /** The exchange itself, for tokens of its own. */
  exchange: 'ES384',
} as const;
export type KeyOwner = keyof typeof keyAlgorithms;

const fileOf = (stateDir: string, owner: KeyOwner) =>
  join(stateDir, 'issuer', owner === 'entra' ? 'private-key.json' : `${owner}.json`);

/** A private key. Two processes that start at once agree: the file is created only once. */
export async function developmentKey(stateDir: string, owner: KeyOwner): Promise<JWK> {
  const file = fileOf(stateDir, owner);
  const existing = await readKey(file);
  if (existing !== undefined) return existing;
  const { privateKey } = await generateKeyPair(keyAlgorithms[owner], { extractable: true });
  await mkdir(join(stateDir, 'issuer'), { recursive: true });
  try {
    await writeFile(file, JSON.stringify(await exportJWK(privateKey)), { flag: 'wx', mode: 0o600 });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  const key = await readKey(file);
  if (key === undefined) throw new Error(`The development key at ${file} cannot be read.`);
  return key;
}

/** What tokens of an owner are signed with. */
export const keyIdOf = (owner: KeyOwner): string => (owner === 'entra' ? 'development' : owner);

/** The public part, as owners publish it. */
export async function publicKeyOf(stateDir: string, owner: KeyOwner): Promise<JWK> {
  const { kty, crv, x, y, n, e } = await developmentKey(stateDir, owner);
  const members = Object.entries({ kty, crv, x, y, n, e }).filter(([, value]) => value !== undefined);
  return { ...Object.fromEntries(members), kid: keyIdOf(owner), alg: keyAlgorithms[owner], use: 'sig' };
}

async function readKey(file: string): Promise<JWK | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as JWK;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
