/** The packs that come with the exchange, and registries that hold a trust's own beside them. */
import type { PackExtension } from '../engine/pack.js';
import { createPackRegistry, type PackRegistry } from '../engine/pack-registry.js';
import { identities } from '../transforms/identities.js';
import { transforms } from '../transforms/transforms.js';
import { hl7v2Base } from './hl7v2-base/pack.js';
import { hl7v2Uk } from './hl7v2-uk/pack.js';

const ours = [hl7v2Base, hl7v2Uk];
const functions = { transforms, identities };

export const builtInPacks: PackRegistry = createPackRegistry(ours, functions);

/**
 * The built-in packs and a trust's own.
 *
 * @throws PackError when two of them have the same name and version
 */
export function withSitePacks(sitePacks: readonly PackExtension[]): PackRegistry {
  return sitePacks.length === 0 ? builtInPacks : createPackRegistry([...ours, ...sitePacks], functions);
}
