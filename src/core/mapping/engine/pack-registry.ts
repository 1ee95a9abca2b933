/** Packs by name and version, each compiled when it is first asked for. */
import type { PackReference } from '../types.js';
import { compilePack, type CompiledPack, type PackFunctions } from './compile-pack.js';
import { extendPack } from './extend-pack.js';
import { PackError, type Pack, type PackExtension } from './pack.js';

/** A pack as it is written: complete, or a change of another one. */
export type PackSource = Pack | PackExtension;

/** References name a pack and mean its newest version (`hl7v2-uk`), or name the version too (`hl7v2-uk@1.0.0`). */
export interface PackRegistry {
  /** @throws PackError when there is no such pack, or it is not valid */
  find(reference: string): CompiledPack;
  /** The pack and those that it extends, as they are written, the outermost base first. @throws PackError as `find` */
  sources(reference: string): readonly PackSource[];
  /** The pack with all that it inherits. @throws PackError as `find` */
  complete(reference: string): Pack;
}

/**
 * An extension starts from the newest version of the pack it names, unless it names a version.
 *
 * @throws PackError when two packs have the same name and version
 */
export function createPackRegistry(packs: readonly PackSource[], functions: PackFunctions): PackRegistry {
  refuseRepeated(packs);
  const compiled = new Map<string, CompiledPack>();
  const chains = new Map<string, readonly PackSource[]>();

  const chainOf = (reference: string): readonly PackSource[] => {
    const held = chains.get(reference);
    if (held !== undefined) return held;
    const found = findChain(packs, reference);
    chains.set(reference, found);
    return found;
  };

  const complete = (reference: string): Pack => {
    const [base, ...extensions] = chainOf(reference);
    if (base === undefined || 'extends' in base) throw new PackError(reference, ['has no base']);
    return extensions.reduce<Pack>(
      (pack, extension) => ('extends' in extension ? extendPack(pack, extension) : pack),
      base,
    );
  };

  return {
    sources: chainOf,
    complete,
    find(reference) {
      const held = compiled.get(reference);
      if (held !== undefined) return held;
      const made = compilePack(complete(reference), functions);
      compiled.set(reference, made);
      return made;
    },
  };
}

/** `hl7v2-uk@1.0.0`. */
export const printReference = ({ name, version }: PackReference): string => `${name}@${version}`;

/** A pack and those that it extends, the outermost base first. @throws PackError when one is missing or in a circle */
function findChain(packs: readonly PackSource[], reference: string): readonly PackSource[] {
  const chain: PackSource[] = [];
  for (let next: string | undefined = reference; next !== undefined;) {
    const pack = findSource(packs, next);
    if (pack === undefined) throw new PackError(reference, [`no pack is registered as ${next}`]);
    const isCircle = chain.includes(pack);
    chain.push(pack);
    if (isCircle)
      throw new PackError(reference, [`extends itself: ${chain.map(({ name }) => name).join(' > ')}`]);
    next = 'extends' in pack ? pack.extends : undefined;
  }
  return chain.reverse();
}

function refuseRepeated(packs: readonly PackSource[]): void {
  const seen = new Set<string>();
  for (const pack of packs) {
    const reference = printReference(pack);
    if (seen.has(reference)) throw new PackError(reference, ['two packs have this name and version']);
    seen.add(reference);
  }
}

function findSource(packs: readonly PackSource[], reference: string): PackSource | undefined {
  const [name, version] = reference.split('@', 2);
  const named = packs.filter((pack) => pack.name === name);
  if (version !== undefined) return named.find((pack) => pack.version === version);
  return named.reduce<PackSource | undefined>(
    (newest, pack) =>
      newest === undefined || compareVersions(pack.version, newest.version) > 0 ? pack : newest,
    undefined,
  );
}

/** Orders semantic versions without pre-release parts: negative when `a` is older. */
export function compareVersions(a: string, b: string): number {
  const left = a.split('.').map(Number);
  const right = b.split('.').map(Number);
  for (let index = 0; index < 3; index++) {
    const difference = (left[index] ?? 0) - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
