/** Packs by name, each compiled when it is first asked for. */
import { compilePack, type CompiledPack, type PackFunctions } from './compile-pack.js';
import { extendPack } from './extend-pack.js';
import { PackError, type Pack, type PackExtension } from './pack.js';

export interface PackRegistry {
  /** The newest version of a pack. @throws PackError when there is none of this name, or it is not valid */
  newest(name: string): CompiledPack;
}

/** An extension starts from the newest version of the pack it names. */
export function createPackRegistry(
  packs: readonly (Pack | PackExtension)[],
  functions: PackFunctions,
): PackRegistry {
  const compiled = new Map<string, CompiledPack>();

  const complete = (name: string, chain: readonly string[]): Pack => {
    const pack = newestOf(packs, name);
    if (pack === undefined) throw new PackError(name, [`no pack is registered as ${name}`]);
    if (!('extends' in pack)) return pack;
    if (chain.includes(pack.extends))
      throw new PackError(name, [`extends itself: ${[...chain, pack.extends].join(' > ')}`]);
    return extendPack(complete(pack.extends, [...chain, pack.extends]), pack);
  };

  return {
    newest(name) {
      const held = compiled.get(name);
      if (held !== undefined) return held;
      const made = compilePack(complete(name, [name]), functions);
      compiled.set(name, made);
      return made;
    },
  };
}

function newestOf(packs: readonly (Pack | PackExtension)[], name: string): Pack | PackExtension | undefined {
  return packs
    .filter((pack) => pack.name === name)
    .reduce<Pack | PackExtension | undefined>(
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
