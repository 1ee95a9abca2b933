/** IN1 and IN2: who pays for care (private patients, in Britain). */
import type { ResourceMap } from '../../engine/pack.js';

export const insuranceMaps: readonly ResourceMap[] = [
  {
    id: 'in1-insured',
    segment: 'IN1',
    resource: 'RelatedPerson',
    identity: 'insured',
    mode: 'merge',
    rules: [
      { id: 'in1-insured-patient', from: 'PID', to: 'patient', using: 'reference(Patient)' },
      {
        id: 'in1-17-insured-relationship',
        from: 'IN1-17',
        to: 'relationship[+]',
        using: 'conceptBy(Relationship)',
      },
      { id: 'in1-16-insured-name', from: 'IN1-16[*]', to: 'name[+]', using: 'humanName(NameUse)' },
      {
        id: 'in2-63-insured-telecom',
        from: 'IN2-63[*]',
        to: 'telecom[+]',
        using: 'contactPoint(TelecomUse, TelecomSystem, home)',
      },
      {
        id: 'in1-43-insured-gender',
        from: 'IN1-43',
        to: 'gender',
        using: 'code(AdministrativeSex)',
      },
      { id: 'in1-18-insured-birth-date', from: 'IN1-18', to: 'birthDate', using: 'date' },
      {
        id: 'in1-19-insured-address',
        from: 'IN1-19[*]',
        to: 'address[+]',
        using: 'address(AddressUse, AddressType)',
      },
    ],
  },
  {
    id: 'in1-coverage',
    segment: 'IN1',
    resource: 'Coverage',
    identity: 'coverage',
    // IN1 states the whole of it.
    mode: 'replace',
    rules: [
      { id: 'in1-36-policy', from: 'IN1-36', to: 'identifier[+]', using: 'typedIdentifier(MB)' },
      {
        id: 'in2-61-member',
        from: 'IN2-61',
        to: 'identifier[+]',
        using: 'personIdentifier(IdentifierType)',
      },
      { id: 'in1-status', to: 'status', using: 'constant(active)' },
      { id: 'in1-15-type', from: 'IN1-15', to: 'type', using: 'concept' },
      { id: 'in1-11-policy-holder', from: 'IN1-11', to: 'policyHolder', using: 'organisation' },
      { id: 'in1-16-subscriber', from: 'IN1', to: 'subscriber', using: 'subscriber' },
      { id: 'in1-49-subscriber-id', from: 'IN1-49.1', to: 'subscriberId', using: 'text' },
      { id: 'in1-36-subscriber-id', from: 'IN1-36', to: 'subscriberId', using: 'text' },
      { id: 'in1-beneficiary', from: 'PID', to: 'beneficiary', using: 'reference(Patient)' },
      {
        id: 'in1-17-relationship',
        from: 'IN1-17',
        to: 'relationship',
        using: 'conceptBy(SubscriberRelationship)',
      },
      {
        id: 'in2-72-relationship',
        from: 'IN2-72',
        to: 'relationship',
        using: 'conceptBy(SubscriberRelationship)',
      },
      { id: 'in1-12-start', from: 'IN1-12', to: 'period.start', using: 'dateTime' },
      { id: 'in1-13-end', from: 'IN1-13', to: 'period.end', using: 'dateTime' },
      { id: 'in1-4-payor', from: 'IN1', to: 'payor[+]', using: 'payor' },
      // Coverage needs a payor: the plan says who pays where no company is named.
      { id: 'in1-2-payor', from: 'IN1-2', to: 'payor[0].display', using: 'place' },
      {
        id: 'in1-payor-unknown',
        to: 'payor[0].display',
        using: 'constant(Not stated)',
        when: 'IN1-2.1 empty and IN1-2.2 empty',
      },
      { id: 'in1-2-plan', from: 'IN1-2', to: 'class[+]', using: 'coverageClass(plan)' },
      { id: 'in1-8-group', from: 'IN1-8', to: 'class[+]', using: 'coverageClass(group, 9)' },
      { id: 'in1-22-order', from: 'IN1-22', to: 'order', using: 'positiveInt' },
    ],
  },
];
