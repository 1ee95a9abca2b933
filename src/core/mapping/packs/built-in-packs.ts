/** The packs that come with the exchange. */
import { createPackRegistry, type PackRegistry } from '../engine/pack-registry.js';
import { identities } from '../transforms/identities.js';
import { transforms } from '../transforms/transforms.js';
import { hl7v2Base } from './hl7v2-base/pack.js';
import { hl7v2Uk } from './hl7v2-uk/pack.js';

export const builtInPacks: PackRegistry = createPackRegistry([hl7v2Base, hl7v2Uk], {
  transforms,
  identities,
});
