import { createPackRegistry } from '../../src/core/mapping/engine/pack-registry.js';
import { hl7v2Base } from '../../src/core/mapping/packs/hl7v2-base/pack.js';
import { hl7v2Uk } from '../../src/core/mapping/packs/hl7v2-uk/pack.js';
import { identities } from '../../src/core/mapping/transforms/identities.js';
import { transforms } from '../../src/core/mapping/transforms/transforms.js';

/** Says everything that the UK pack says, except allergies. */
const withoutAllergies = {
  name: 'without-allergies',
  version: '1.0.0',
  extends: 'hl7v2-uk',
  dropped: hl7v2Base.maps.filter(({ resource }) => resource === 'AllergyIntolerance').map(({ id }) => id),
};

/** The packs that come with the exchange, and `without-allergies`. */
export const packs = createPackRegistry([hl7v2Base, hl7v2Uk, withoutAllergies], { transforms, identities });
