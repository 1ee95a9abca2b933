import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileDecisions, decide } from '../../../src/core/governance/decide.js';
import { decisionReasons } from '../../../src/core/governance/decision-reasons.js';
import { decideAll } from '../../../src/core/governance/filter-records.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import { cases, clinician, patient, person, policy, record, request } from './access-cases.js';
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

  test('facts that are not understood are denied, whatever else allows them', () => {
    const mayAll = { ...clinician, scopes: parseScopes('user/*.cruds') };
    const asked = { ...request, principal: mayAll };
    const stranger = {
      ...request,
      purpose: 'patient-access' as const,
      principal: { ...person, ownRecord: undefined, scopes: parseScopes('patient/*.rs user/*.rs') },
    };
    const nobodys = { ...patient, id: undefined };
    const odd: [object, object][] = [
      [asked, { ...record, type: undefined }],
      [asked, { ...record, type: '__proto__' }],
      [asked, { ...record, type: ['Observation'] }],
      [asked, { ...record, labels: 'none' }],
      [asked, { ...record, labels: ['RESTRICTED'] }],
      [asked, { ...record, patient: { ...patient, labels: [undefined] } }],
      [stranger, { ...record, patient: nobodys }],
      [
        { ...stranger, principal: { ...stranger.principal, ownRecord: '' } },
        { ...record, patient: { ...patient, id: '' } },
      ],
      [{ ...asked, principal: { ...mayAll, assurance: '3' } }, record],
    ];
    expect(decide({ ...asked, record }, policy).outcome).toBe('permit');
    for (const [req, facts] of odd)
      expect(decide({ ...req, record: facts } as never, policy)).toMatchObject({ reason: 'not-understood' });
  });

  test('a term that is no time has not begun, nor does the glass stay open for it', () => {
    const proxy = (term: object) => ({
      ...record,
      patient: {
        ...patient,
        id: 'p2',
        proxies: [{ subject: 'person-1', start: undefined, end: undefined, ...term }],
      },
    });
    const asked = {
      ...request,
      purpose: 'patient-access' as const,
      principal: { ...person, scopes: parseScopes('user/*.rs') },
    };
    expect(decide({ ...asked, record: proxy({}) }, policy).outcome).toBe('permit');
    for (const term of [{ start: null }, { start: '0' }, { end: '9'.repeat(20) }])
      expect(decide({ ...asked, record: proxy(term) }, policy).outcome).toBe('deny');
    const breakGlass = { patient: 'p1', reason: 'unconscious', openedAt: String(request.now - 86_400_000) };
    const unknown = { ...record, patient: { ...patient, relationships: [] } };
    expect(decide({ ...request, breakGlass, record: unknown } as never, policy).reason).toBe(
      'break-glass-not-in-force',
    );
  });

  test('a type is refused, not thrown at, by roles that are none', () => {
    const roles = [{ ...policy.roles[0], types: undefined }];
    const compiled = compileDecisions(request, { ...policy, roles } as never);
    expect(compiled.refusalOf('Observation')?.reason).toBe('not-understood');
  });

  test('what is no request is denied', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 3 }), fc.anything({ maxDepth: 3 }), (asked, agreed) => {
        expect(call(asked, agreed)).toMatchObject({ outcome: 'deny' });
      }),
    );
  });
});
