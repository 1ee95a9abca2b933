/** FT1: what was done, to be charged. */
import type { ResourceMap } from '../../engine/pack.js';

export const chargeMaps: readonly ResourceMap[] = [
  {
    id: 'ft1-charge',
    segment: 'FT1',
    resource: 'ChargeItem',
    identity: 'charge',
    mode: 'replace',
    // Payments and adjustments charge nothing.
    when: 'FT1-6 in CG, CD',
    rules: [
      { id: 'ft1-2-identifier', from: 'FT1-2', to: 'identifier[+]', using: 'entityIdentifier(order)' },
      { id: 'ft1-6-status', from: 'FT1-6', to: 'status', using: 'code(ChargeStatus)' },
      { id: 'ft1-7-code', from: 'FT1-7', to: 'code', using: 'concept' },
      {
        id: 'ft1-25-procedure',
        from: 'FT1-25',
        to: 'code',
        using: 'concept',
        when: 'FT1-7.1 empty and FT1-7.2 empty',
      },
      { id: 'ft1-8-description', from: 'FT1-8', to: 'code.text', using: 'text' },
      {
        id: 'ft1-code-unknown',
        to: 'code.text',
        using: 'constant(Not stated)',
        when: 'FT1-7.1 empty and FT1-7.2 empty and FT1-25.1 empty and FT1-25.2 empty',
      },
      { id: 'ft1-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'ft1-visit', from: 'PV1', to: 'context', using: 'reference(Encounter)' },
      { id: 'ft1-account', from: 'PID', to: 'account[+]', using: 'reference(Account)' },
      { id: 'ft1-4-occurred', from: 'FT1-4', to: 'occurrenceDateTime', using: 'dateTime' },
      { id: 'ft1-20-performer', from: 'FT1-20', to: 'performer[0].actor', using: 'practitioner(NameUse)' },
      { id: 'ft1-10-quantity', from: 'FT1-10', to: 'quantity', using: 'amount(Units)' },
      { id: 'ft1-24-enterer', from: 'FT1-24', to: 'enterer', using: 'practitioner(NameUse)' },
      { id: 'ft1-5-entered', from: 'FT1-5', to: 'enteredDate', using: 'dateTime' },
      { id: 'ft1-19-reason', from: 'FT1-19[*]', to: 'reason[+]', using: 'concept' },
      { id: 'ft1-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
    ],
  },
];
