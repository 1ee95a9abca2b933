/** PR1 and who took part in it. */
import type { ResourceMap } from '../../engine/pack.js';

export const procedureMaps: readonly ResourceMap[] = [
  {
    id: 'pr1-procedure',
    segment: 'PR1',
    resource: 'Procedure',
    identity: 'procedure',
    mode: 'merge',
    rules: [
      { id: 'pr1-19-identifier', from: 'PR1-19', to: 'identifier[+]', using: 'entityIdentifier(visit)' },
      { id: 'pr1-20-deleted', from: 'PR1-20', to: 'status', using: 'codeIfKnown(ProcedureDeleted)' },
      {
        id: 'pr1-planned',
        to: 'status',
        using: 'constant(preparation)',
        when: 'event in A05, A14, A27, A38 and message in ADT',
      },
      // Without a time nobody says that it was done; what is stored stays.
      { id: 'pr1-5-status', from: 'PR1-5', to: 'status', using: 'procedureStatus' },
      { id: 'pr1-6-category', from: 'PR1-6', to: 'category', using: 'conceptBy(ProcedureCategory)' },
      { id: 'pr1-3-code', from: 'PR1-3', to: 'code', using: 'concept(2)' },
      { id: 'pr1-4-text', from: 'PR1-4', to: 'code.text', using: 'text' },
      { id: 'pr1-subject', from: 'PID', to: 'subject', using: 'reference(Patient)' },
      { id: 'pr1-encounter', from: 'PV1', to: 'encounter', using: 'reference(Encounter)' },
      {
        id: 'pr1-5-performed',
        from: 'PR1-5',
        to: 'performedDateTime',
        using: 'dateTime',
        when: 'PR1-7 empty',
      },
      {
        id: 'pr1-5-start',
        from: 'PR1-5',
        to: 'performedPeriod.start',
        using: 'dateTime',
        when: 'PR1-7 valued',
      },
      { id: 'pr1-7-end', from: 'PR1-7', to: 'performedPeriod.end', using: 'timeAfter(5)' },
      {
        id: 'pr1-11-surgeon',
        from: 'PR1-11[*]',
        to: 'performer[+]',
        using: 'performer(NameUse, 304292004, Surgeon)',
      },
      {
        id: 'pr1-8-anaesthetist',
        from: 'PR1-8[*]',
        to: 'performer[+]',
        using: 'performer(NameUse, 88189002, Anaesthetist)',
      },
      { id: 'pr1-12-practitioner', from: 'PR1-12[*]', to: 'performer[+]', using: 'performer(NameUse)' },
      {
        id: 'pr1-rol-performer',
        from: 'ROL(*)-4[*]',
        to: 'performer[+]',
        using: 'performerInRole(NameUse, 3)',
      },
      {
        id: 'pr1-prt-performer',
        from: 'PRT(*)-5[*]',
        to: 'performer[+]',
        using: 'performerInRole(NameUse, 4)',
      },
      { id: 'pr1-23-location', from: 'PR1-23', to: 'location', using: 'locationReference' },
      { id: 'pr1-15-reason', from: 'PR1-15', to: 'reasonCode[+]', using: 'concept' },
      { id: 'pr1-25-part-of', from: 'PR1-25', to: 'partOf[+]', using: 'numberedReference(Procedure, visit)' },
      { id: 'pr1-note', from: 'NTE(*)-3[*]', to: 'note[+]', using: 'annotation' },
    ],
  },
];
