/** Ids of referrals. */
import type { Identity } from '../../engine/transform.js';
import { aboutPatientOnce, entityNumber, reader } from './reading.js';

/**
 * The number by which whoever refers knows the referral (RF1-6), else that of whoever is asked (RF1-11), else when it
 * took effect or was made (RF1-7, RF1-9), so that an answer, a change or a cancellation meets the same record.
 */
export const referral: Identity = (node, run) => {
  const read = reader(run);
  const number = entityNumber(read, node, 6) || entityNumber(read, node, 11);
  const time = read(node, 7) || read(node, 9);
  if (number === '' && time === '') {
    run.issues.push({
      code: 'HDE_HL7_REQUIRED',
      severity: 'warning',
      location: `${node.label}-6`,
      detail: 'a number of the referral, without which it is not recorded',
    });
    return undefined;
  }
  const identity = number === '' ? `referral at ${time}` : `referral ${number}`;
  return aboutPatientOnce(node, run, 'ServiceRequest', identity);
};
