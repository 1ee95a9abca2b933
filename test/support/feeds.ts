import type { Feed } from '../../src/core/feed.js';

/** The feed of the sample trust, as `local.settings.sample.json` configures it. */
export const sampleFeed: Feed = {
  id: 'rzz-tie',
  name: 'Integration engine of the sample trust',
  organisation: 'RZZ',
  format: 'hl7v2',
  pack: 'hl7v2-uk',
  timeZone: 'Europe/London',
  assigningAuthorities: {
    NHS: 'https://fhir.nhs.uk/Id/nhs-number',
    RZZ: 'https://rzz.example.nhs.uk/Id/local-patient-id',
  },
  localSystems: {
    patient: 'https://rzz.example.nhs.uk/Id/local-patient-id',
    visit: 'https://rzz.example.nhs.uk/Id/visit',
    order: 'https://rzz.example.nhs.uk/Id/order',
    staff: 'https://rzz.example.nhs.uk/Id/staff',
    location: 'https://rzz.example.nhs.uk/Id/location',
    code: 'https://rzz.example.nhs.uk/Id/code',
  },
  sourceDomain: 'tie',
  maxBytes: 10_485_760,
};
