/** Consumers of one batch share what is read of its patients. */
import { describe, expect, test } from '@jest/globals';
import { createMemoryRecordStore } from '../../../src/adapters/memory/record-store.js';
import { readOnce } from '../../../src/app/access/read-once.js';
import { RequestAccess } from '../../../src/app/access/request-access.js';
import { aSystem, feedsOfRzz, noGovernance, onlyOwn } from '../../support/access.js';
import { watched } from '../../support/watched.js';
import { aPatient, asCurrent } from '../fhir/arrange.js';

describe('several who ask about the same patients', () => {
  const documents = ['a', 'b'].map((id) => asCurrent(aPatient(id)));

  async function decisionsOf(reading: typeof readOnce) {
    const store = createMemoryRecordStore();
    for (const document of documents) await store.commit(document.partition, [{ kind: 'create', document }]);
    const asked: string[] = [];
    const note = (name: string) => {
      asked.push(name);
      return Promise.resolve();
    };
    const deps = reading({
      ...{ records: watched(store, note), governance: watched(noGovernance, note) },
      ...{
        policy: onlyOwn,
        feeds: feedsOfRzz,
        identitySecret: 'secret',
        baseUrl: 'https://hde.example/fhir',
      },
    });
    const outcomes: string[] = [];
    for (const organisation of ['RZZ', 'RYY', 'RZZ']) {
      const principal = { ...aSystem, organisation };
      const access = new RequestAccess(deps, { principal, purpose: 'direct-care', now: 0 });
      outcomes.push(...(await access.decide('event', documents)).map(({ outcome }) => outcome));
    }
    const times = (name: string) => asked.filter((each) => each === name).length;
    return { outcomes, times: [times('listGoverning'), times('factsOf'), times('whereStated')] };
  }

  test('have it read once, and are each decided about as before', async () => {
    const apart = await decisionsOf((deps) => deps);
    const together = await decisionsOf(readOnce);
    expect(together.outcomes).toEqual(apart.outcomes);
    expect(together.outcomes).toEqual(['permit', 'permit', 'deny', 'deny', 'permit', 'permit']);
    expect(apart.times).toEqual([3, 3, 1]);
    expect(together.times).toEqual([1, 1, 1]);
  });
});
