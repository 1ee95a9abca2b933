/** The feed that the pure converter assumes when it is given none. */
import type { Feed } from '../feed.js';
import { NHS_NUMBER_SYSTEM } from '../identity/nhs-number.js';

/**
 * An acute trust in London time whose local numbers have made-up systems: `https://example.org/hde/...` names nothing
 * outside the converter. A deployment always configures its own feeds.
 */
export const defaultFeed: Feed = {
  id: 'default',
  name: 'Default feed',
  // X26 is NHS England, the organisation that stands for none in particular.
  organisation: 'X26',
  format: 'hl7v2',
  pack: 'hl7v2-uk',
  timeZone: 'Europe/London',
  assigningAuthorities: { NHS: NHS_NUMBER_SYSTEM },
  localSystems: {
    patient: 'https://example.org/hde/patient',
    visit: 'https://example.org/hde/visit',
    order: 'https://example.org/hde/order',
    staff: 'https://example.org/hde/staff',
    location: 'https://example.org/hde/location',
    code: 'https://example.org/hde/code',
  },
  maxBytes: 10_000_000,
};
