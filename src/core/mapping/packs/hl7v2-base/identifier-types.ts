/** Table 0203: types of identifiers that HL7 v2 and FHIR share. */
import type { ValueTable } from '../../engine/pack.js';

const CODES = `
ACSN AM AMA AN ANC AND ANON ANT APRN ASID BA BC BCT BR BRN BSNR CC CONM CY CZ DDS DEA DFN DI DL DN DO
DP DPM DR DS EI EN ESN FI GI GL GN HC IND JHN LACSN LANR LI LN LR MA MB MC MCD MCN MCR MCT MD MI MR
MRT MS NBSNR NCT NE NH NI NII NIIP NNxxx NP NPI OD PA PC PCN PE PEN PI PN PNT PPIN PPN PRC PRN PT QA
RI RN RPH RR RRI RRP SID SL SN SP SR SS TAX TN TPR U UPIN USID VN VP VS WC WCN WP XX
`;

export const identifierTypes: ValueTable = Object.fromEntries(
  CODES.trim()
    .split(/\s+/)
    .map((code) => [code, code]),
);
