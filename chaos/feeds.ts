/** The feeds of the synthetic hospital and who may see what they send, as the exchange is configured for them. */
import type { FeedId } from './hospital/model.js';

const feed = (id: FeedId, name: string, trust: 'RZZ' | 'RYY') => {
  const system = (kind: string) => `https://${trust.toLowerCase()}.example.nhs.uk/Id/${kind}`;
  return {
    id,
    name,
    organisation: trust,
    format: 'hl7v2',
    pack: 'hl7v2-uk',
    timeZone: 'Europe/London',
    assigningAuthorities: {
      NHS: 'https://fhir.nhs.uk/Id/nhs-number',
      [trust]: system('local-patient-id'),
    },
    localSystems: {
      patient: system('local-patient-id'),
      visit: system('visit'),
      order: system('order'),
      staff: system('staff'),
      location: system('location'),
      code: system('code'),
    },
    maxBytes: 10_485_760,
  };
};

/** The setting `HDE_FEEDS`. */
export const chaosFeeds = [
  feed('chaos-pas', 'Patient administration of the first trust', 'RZZ'),
  feed('chaos-lab', 'Laboratory of the first trust', 'RZZ'),
  feed('chaos-east', 'Patient administration of the other trust', 'RYY'),
];

/**
 * The setting `HDE_ACCESS_POLICY`: that of the sample, with all that the other trust has shared with the first one, on
 * whose behalf the reader asks.
 */
export function chaosAccessPolicy(sample: string): string {
  const policy = JSON.parse(sample) as { readonly agreements: readonly object[] };
  const shared = { types: ['*'], purposes: ['direct-care'], actions: 'rs' };
  const agreement = {
    id: 'chaos',
    from: 'RYY',
    with: ['RZZ'],
    ...shared,
    start: '2000-01-01',
    end: '2999-12-31',
  };
  return JSON.stringify({ ...policy, agreements: [...policy.agreements, agreement] });
}

/** Identifier system of the hospital numbers of a trust. */
export const numberSystem = (trust: 'RZZ' | 'RYY'): string =>
  `https://${trust.toLowerCase()}.example.nhs.uk/Id/local-patient-id`;
