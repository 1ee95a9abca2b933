import { describe, expect, test } from '@jest/globals';
import type { AccessPolicy } from '../../../src/core/governance/access-policy.js';
import type { AccessRequest, RecordFacts } from '../../../src/core/governance/access-request.js';
import { decide } from '../../../src/core/governance/decide.js';
import { decisionReasons, type ReasonCode } from '../../../src/core/governance/decision-reasons.js';
import { parseScopes } from '../../../src/core/governance/smart-scopes.js';
import { clinician, noon, patient, person, policy, record, request, system } from './access-cases.js';

interface Changes {
  readonly request?: Partial<AccessRequest>;
  readonly record?: Partial<RecordFacts>;
  readonly policy?: Partial<AccessPolicy>;
}

const decided = ({ request: asked, record: facts, policy: agreed }: Changes = {}) =>
  decide({ ...request, ...asked, record: { ...record, ...facts } }, { ...policy, ...agreed });

const unknownPatient = { ...patient, relationships: [] };
const mayBeUsed = { ...patient, optOut: 'may-be-used' as const };
const asPerson = { principal: person, purpose: 'patient-access' as const };
const glass = { patient: 'p1', reason: 'unconscious in A&E', openedAt: noon };
const refusing = { ...patient, consents: [{ status: 'active', provision: { type: 'deny' } }] };
const proxied = {
  ...patient,
  id: 'p2',
  proxies: [{ subject: 'person-1', start: undefined, end: noon + 1 }],
};
const asProxy = { ...asPerson, principal: { ...person, patientInContext: 'p2' } };
const analyst = {
  principal: { ...clinician, roles: ['ANALYST'] },
  purpose: 'planning' as const,
};

describe('each rule, by what it decides first', () => {
  const now = Number.NaN;
  test.each<[ReasonCode, string, Changes]>([
    ['not-understood', 'a time that is none', { request: { now } }],
    ['not-authenticated', 'no subject', { request: { principal: { ...clinician, subject: ' ' } } }],
    [
      'authentication-too-weak',
      'staff by a password',
      { request: { principal: { ...clinician, assurance: 1 } } },
    ],
    ['authentication-too-weak', 'no number', { request: { principal: { ...clinician, assurance: now } } }],
    ['purpose-missing', 'no purpose', { request: { purpose: undefined } }],
    ['purpose-not-allowed', 'staff as patients', { request: { purpose: 'patient-access' } }],
    ['purpose-not-allowed', 'patients as staff', { request: { principal: person } }],
    [
      'purpose-not-allowed',
      'a change for research',
      { request: { purpose: 'research', interaction: 'update' } },
    ],
    [
      'organisation-unknown',
      'a closed trust',
      { request: { principal: { ...clinician, organisation: 'OLD' } } },
    ],
    ['organisation-unknown', 'none', { request: { principal: { ...system, organisation: undefined } } }],
    ['scope-missing', 'no scope', { request: { principal: { ...clinician, scopes: [] } } }],
    [
      'scope-missing',
      'the scope of a system',
      { request: { principal: { ...clinician, scopes: parseScopes('system/*.cruds') } } },
    ],
    [
      'scope-missing',
      'a patch without the right to read',
      { request: { interaction: 'patch', principal: { ...clinician, scopes: parseScopes('user/*.u') } } },
    ],
    ['role-missing', 'no role', { request: { principal: { ...clinician, roles: [] } } }],
    ['role-missing', 'a role for another purpose', { request: { purpose: 'care-administration' } }],
    [
      'role-missing',
      'a role for other types',
      { request: { principal: { ...clinician, roles: ['R8008'] }, purpose: 'care-administration' } },
    ],
    [
      'outside-scope',
      'another category',
      {
        request: {
          principal: { ...clinician, scopes: parseScopes('user/Observation.rs?category=vital-signs') },
        },
      },
    ],
    [
      'outside-scope',
      'a patient who is not in context',
      {
        request: { principal: { ...clinician, scopes: parseScopes('patient/*.rs'), patientInContext: 'p2' } },
      },
    ],
    [
      'outside-scope',
      'staff without a patient in context, who are patients themselves',
      { request: { principal: { ...clinician, scopes: parseScopes('patient/*.rs'), ownRecord: 'p1' } } },
    ],
    [
      'outside-scope',
      'an application of a patient that was opened for somebody else',
      {
        request: {
          ...asPerson,
          principal: { ...person, scopes: parseScopes('patient/*.rs'), patientInContext: 'p2' },
        },
      },
    ],
    [
      'outside-scope',
      'a patient who changes the directory',
      {
        request: {
          ...asPerson,
          interaction: 'update',
          principal: { ...person, scopes: parseScopes('user/*.cruds') },
        },
        record: { type: 'Organization', patient: undefined },
      },
    ],
    [
      'outside-scope',
      'a result of nobody, with the scopes of one patient',
      {
        request: { principal: { ...clinician, scopes: parseScopes('patient/*.rs'), patientInContext: 'p1' } },
        record: { patient: undefined },
      },
    ],
    ['patient-unknown', 'a result of nobody', { record: { patient: undefined, organisation: 'RXX' } }],
    ['own-organisation', 'a result of nobody of their own', { record: { patient: undefined } }],
    [
      'patient-unknown',
      'a result of nobody of their own, to plan with',
      { request: analyst, record: { patient: undefined } },
    ],
    [
      'restricted',
      'a restricted result of nobody of their own',
      { record: { patient: undefined, labels: ['restricted'] } },
    ],
    ...(['update', 'patch', 'delete'] as const).flatMap((interaction): [ReasonCode, string, Changes][] => {
      const request = { interaction };
      const organisation = (ods: string | undefined) => ({
        ...{ type: 'Organization', patient: undefined, organisation: ods },
      });
      return [
        [
          'directory',
          `an organisation of their own, to ${interaction}`,
          { request, record: organisation('RBD') },
        ],
        ['no-agreement', `one of others, to ${interaction}`, { request, record: organisation('RDZ') }],
        [
          'custodian-unknown',
          `one of nobody, to ${interaction}`,
          { request, record: organisation(undefined) },
        ],
      ];
    }),
    [
      'directory',
      'an organisation',
      { record: { type: 'Organization', patient: undefined, organisation: undefined } },
    ],
    ...(['very-restricted', 'restricted', 'sensitive'] as const).map(
      (label): [ReasonCode, string, Changes] => [
        label,
        'a place with that label',
        { record: { type: 'Location', patient: undefined, labels: [label] } },
      ],
    ),
    [
      'restricted',
      'the place of a refuge, through glass that was broken for a patient',
      {
        request: { breakGlass: glass },
        record: { type: 'Location', patient: undefined, labels: ['restricted'] },
      },
    ],
    [
      'not-for-patient',
      'a place that patients are not told of',
      {
        request: { ...asPerson, principal: { ...person, scopes: parseScopes('user/*.rs') } },
        record: { type: 'Location', patient: undefined, labels: ['not-for-patient'] },
      },
    ],
    [
      'not-own-record',
      'another patient',
      {
        request: { ...asPerson, principal: { ...person, scopes: parseScopes('user/*.rs') } },
        record: { patient: { ...patient, id: 'p2' } },
      },
    ],
    ['custodian-unknown', 'a record of no organisation', { record: { organisation: undefined } }],
    ['no-agreement', 'a record of a trust that does not share', { record: { organisation: 'OLD' } }],
    [
      'no-agreement',
      'a change of what is shared for reading',
      { request: { interaction: 'update' }, record: { organisation: 'RDZ' } },
    ],
    [
      'agreement-not-in-force',
      'at the moment at which it ends',
      { request: { principal: { ...system, organisation: 'RDZ' } } },
    ],
    ['opted-out', 'no answer', { request: analyst }],
    [
      'opted-out',
      'an opt-out',
      { request: analyst, record: { patient: { ...patient, optOut: 'opted-out' } } },
    ],
    [
      'own-organisation',
      'an answer that data may be used',
      { request: analyst, record: { patient: mayBeUsed } },
    ],
    [
      'own-organisation',
      'direct care despite an opt-out',
      { record: { patient: { ...patient, optOut: 'opted-out' } } },
    ],
    ['very-restricted', 'very restricted records', { record: { labels: ['very-restricted'] } }],
    [
      'very-restricted',
      'even with a broken glass',
      { request: { breakGlass: glass }, record: { labels: ['very-restricted'] } },
    ],
    ['restricted', 'restricted records', { record: { labels: ['restricted'] } }],
    [
      'restricted',
      'every record of a restricted patient',
      { record: { patient: { ...patient, labels: ['restricted'] } } },
    ],
    [
      'restricted',
      'purposes beyond care despite a clearance',
      {
        request: { ...analyst, principal: { ...clinician, roles: ['B0010'] } },
        record: { labels: ['restricted'], patient: mayBeUsed },
      },
    ],
    ['restricted', 'a proxy', { request: asProxy, record: { patient: proxied, labels: ['restricted'] } }],
    ['no-relationship', 'a patient of others', { record: { patient: unknownPatient } }],
    [
      'no-relationship',
      'a relationship of somebody else',
      {
        record: {
          patient: {
            ...patient,
            relationships: [{ organisation: 'RBD', subject: 'x', start: undefined, end: undefined }],
          },
        },
      },
    ],
    [
      'no-relationship',
      'a glass broken for another patient',
      { request: { breakGlass: { ...glass, patient: 'p2' } }, record: { patient: unknownPatient } },
    ],
    [
      'break-glass-not-allowed',
      'a role that may not',
      {
        request: { breakGlass: glass, principal: { ...clinician, roles: ['B0010'] } },
        record: { patient: unknownPatient },
      },
    ],
    [
      'break-glass-not-allowed',
      'an export',
      { request: { breakGlass: glass, interaction: 'export' }, record: { patient: unknownPatient } },
    ],
    [
      'break-glass-without-reason',
      'white space',
      { request: { breakGlass: { ...glass, reason: ' \n' } }, record: { patient: unknownPatient } },
    ],
    [
      'break-glass-not-in-force',
      'after an hour',
      {
        request: { breakGlass: { ...glass, openedAt: noon - 3_600_000 } },
        record: { patient: unknownPatient },
      },
    ],
    [
      'break-glass-not-in-force',
      'before',
      { request: { breakGlass: { ...glass, openedAt: noon + 1 } }, record: { patient: unknownPatient } },
    ],
    [
      'break-glass',
      'within an hour',
      {
        request: { breakGlass: { ...glass, openedAt: noon - 3_599_999 } },
        record: { patient: unknownPatient },
      },
    ],
    [
      'break-glass',
      'a restricted patient',
      { request: { breakGlass: glass }, record: { labels: ['restricted'] } },
    ],
    ['own-organisation', 'a glass that need not have been broken', { request: { breakGlass: glass } }],
    ['consent-denies', 'a refusal', { record: { patient: refusing } }],
    [
      'consent-denies',
      'a refusal despite a broken glass',
      { request: { breakGlass: glass }, record: { patient: refusing } },
    ],
    [
      'break-glass',
      'a refusal that a deployment lets the glass open',
      {
        request: { breakGlass: glass },
        record: { patient: refusing },
        policy: { breakGlass: { minutes: 60, overridesConsent: true } },
      },
    ],
    [
      'own-record',
      'patients, whatever they keep from others',
      {
        request: asPerson,
        record: { patient: refusing, labels: ['restricted', 'very-restricted', 'sensitive'] },
      },
    ],
    ['sensitive', 'sensitive records', { record: { labels: ['sensitive'] } }],
    [
      'sensitive',
      'a proxy and sensitive records',
      { request: asProxy, record: { patient: proxied, labels: ['sensitive'] } },
    ],
    [
      'own-organisation',
      'a clearance',
      {
        request: { principal: { ...clinician, roles: ['B0010'] } },
        record: { labels: ['sensitive', 'restricted'] },
      },
    ],
    ['not-for-patient', 'the patient', { request: asPerson, record: { labels: ['not-for-patient'] } }],
    [
      'own-organisation',
      'staff, of what is not for the patient',
      { record: { labels: ['not-for-patient'] } },
    ],
    ['own-record', 'the patient', { request: asPerson }],
    ['proxy-record', 'a proxy', { request: asProxy, record: { patient: proxied } }],
    [
      'own-record',
      'the patient, of another record of theirs',
      { request: asPerson, record: { patient: { ...patient, id: 'p2', linked: ['p1'] } } },
    ],
    [
      'not-own-record',
      'a proxy whose time is over',
      { request: { ...asProxy, now: noon + 1 }, record: { patient: proxied } },
    ],
    ['sharing-agreement', 'what another trust shares', { record: { organisation: 'RDZ' } }],
    [
      'own-organisation',
      'a system of the trust',
      { request: { principal: system }, record: { patient: unknownPatient } },
    ],
  ])('%s: %s', (reason, _, changes) => {
    const decision = decided(changes);
    expect(decision.reason).toBe(reason);
    expect(decision.outcome).toBe(decisionReasons[reason].outcome);
  });
});

describe('what has to be done about a decision', () => {
  test.each<[string, Changes, readonly string[]]>([
    ['any is audited', {}, ['audit']],
    ['what is withheld is declared', { record: { patient: refusing } }, ['audit', 'declare-withheld']],
    [
      'a sensitive record is offered behind the glass',
      { record: { labels: ['sensitive'] } },
      ['audit', 'declare-withheld', 'offer-break-glass'],
    ],
    ['so is a patient of others', { record: { patient: unknownPatient } }, ['audit', 'offer-break-glass']],
    ['a restricted one is not: nobody learns of it', { record: { labels: ['restricted'] } }, ['audit']],
    [
      'a broken glass alerts',
      { request: { breakGlass: glass }, record: { patient: unknownPatient } },
      ['audit', 'alert'],
    ],
    [
      'and does not tell where a restricted patient is',
      { request: { breakGlass: glass }, record: { labels: ['restricted'] } },
      ['audit', 'alert', 'redact-location'],
    ],
    [
      'whoever is cleared for restricted records alerts, too',
      { request: { principal: { ...clinician, roles: ['B0010'] } }, record: { labels: ['restricted'] } },
      ['audit', 'alert'],
    ],
  ])('%s', (_, changes, obligations) => {
    expect(decided(changes).obligations).toEqual(obligations);
  });
});
