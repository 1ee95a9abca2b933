import { RequestAccess } from '../../src/app/access/request-access.js';
import { nothingKept } from '../../src/core/governance/kept-facts.js';
import { parseScopes } from '../../src/core/governance/smart-scopes.js';
import type { RecordStore } from '../../src/ports/record-store.js';

/** The access of an application of the trust whose feed has sent all records. */
export const accessTo = (records: RecordStore): RequestAccess =>
  new RequestAccess(
    {
      records,
      governance: {
        factsOf: (patients) => Promise.resolve(patients.map(() => nothingKept)),
        glassOf: () => Promise.resolve(undefined),
      },
      policy: {
        organisations: [{ ods: 'RZZ', name: 'Example Acute Trust', isActive: true }],
        ...{
          agreements: [],
          clients: [],
          consumers: [],
          roles: [],
          assurance: { system: 1, staff: 2, patient: 3 },
        },
        ...{
          breakGlass: { minutes: 60, overridesConsent: false },
          optOut: { days: 7 },
          relationship: { days: 730 },
        },
      },
      feeds: new Map([['rzz-tie', { organisation: 'RZZ' }]]),
      ...{ baseUrl: 'https://hde.example/fhir', identitySecret: 'secret of the benchmark' },
    },
    {
      principal: {
        ...{ subject: 'charges', kind: 'system', organisation: 'RZZ', roles: [], assurance: 1 },
        ...{ scopes: parseScopes('system/*.cruds'), ownRecord: undefined, patientInContext: undefined },
      },
      ...{ purpose: 'direct-care', now: Date.now() },
    },
  );
