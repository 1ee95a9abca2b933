/** SCH as UK Core: how patient and clinician meet. */
import type { Pack, ResourceMapExtension } from '../../engine/pack.js';
import { translated } from '../table.js';

const IN_PERSON = ['In-person', 'In-person'] as const;
const TELEPHONE = ['Telephone', 'Telephone'] as const;
const VIDEO = ['Video', 'Video'] as const;

export const ukAppointmentTables: Pack['tables'] = {
  /** Names of consultation media that senders use in SCH-8. */
  DeliveryChannel: translated('https://fhir.hl7.org.uk/CodeSystem/UKCore-DeliveryChannel', {
    F2F: IN_PERSON,
    'FACE TO FACE': IN_PERSON,
    'IN-PERSON': IN_PERSON,
    PHONE: TELEPHONE,
    TEL: TELEPHONE,
    TELEPHONE,
    VIDEO,
  }),
};

export const ukAppointment: ResourceMapExtension = {
  id: 'sch-appointment',
  rules: [
    {
      id: 'sch-8-delivery-channel',
      from: 'SCH-8',
      to: 'extension(DeliveryChannel).valueCodeableConcept',
      using: 'conceptIfKnown(DeliveryChannel)',
    },
  ],
};
