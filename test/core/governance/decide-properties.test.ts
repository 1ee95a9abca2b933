import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileDecisions, decide } from '../../../src/core/governance/decide.js';
import { decisionReasons } from '../../../src/core/governance/decision-reasons.js';
import { decideAll } from '../../../src/core/governance/filter-records.js';
import { cases, policy, record, request } from './access-cases.js';
import { expectedReason } from './decision-oracle.js';

/** `HDE_POLICY_CASES=100000` is the long form. */
const randomCases = Number(process.env['HDE_POLICY_CASES'] ?? 1_000);

test(
  `the compiled form, the single decision and the rules agree in ${randomCases} random cases`,
  () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(cases, ({ request: asked, records, policy: agreed }) => {
        const compiled = compileDecisions(asked, agreed);
        const all = decideAll(asked, records, agreed);
        const each = records.map((facts) => decide({ ...asked, record: facts }, agreed));
        // Backwards and again: what is remembered of one record says nothing about another.
        const backwards = [...records].reverse().map((facts) => compiled.decide(facts));
        const again = records.map((facts) => compiled.decide(facts));
        expect(all.decisions).toEqual(each);
        expect(again).toEqual(each);
        expect(backwards.reverse()).toEqual(each);
        expect(all.isDeclaring).toBe(each.some(({ outcome }) => outcome === 'withhold'));
        for (const [at, facts] of records.entries()) {
          const reason = each[at]?.reason;
          seen.add(reason ?? '');
          expect(reason).toBe(expectedReason({ ...asked, record: facts }, agreed));
          const refusal = compiled.refusalOf(facts.type);
          if (refusal !== undefined) expect(refusal).toEqual(each[at]);
        }
      }),
      { numRuns: randomCases },
    );
    if (randomCases >= 30_000) {
      // So many reach every rule, but the one about what they never are.
      const missed = Object.keys(decisionReasons).filter((reason) => !seen.has(reason));
      expect(missed).toEqual(['not-understood']);
    }
  },
  30_000 + randomCases * 20,
);

describe('whatever comes', () => {
  const call = decide as (asked: unknown, agreed: unknown) => unknown;
  test('it is denied and nothing is thrown', () => {
    const denied = { outcome: 'deny', reason: 'not-understood', obligations: ['audit'] };
    for (const odd of [undefined, null, 7, '', [], {}, { ...request, principal: {} }]) {
      expect(call(odd, policy)).toEqual(denied);
      expect(call({ ...request, record: { ...record, ...{ labels: odd, patient: odd } } }, odd)).toEqual(
        denied,
      );
    }
    expect(call({ ...request, interaction: 'toString', record }, policy)).toEqual(denied);
    expect(call({ ...request, purpose: 'curiosity', record }, policy)).toEqual(denied);
    expect(call({ ...request, record: undefined }, policy)).toEqual(denied);
    expect(call({ ...request, record: { ...record, labels: undefined } }, policy)).toEqual(denied);
  });

  test('what is no request is denied', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), fc.anything({ maxDepth: 3 }), (asked, agreed) => {
        expect(call(asked, agreed)).toMatchObject({ outcome: 'deny' });
      }),
    );
  });
});
