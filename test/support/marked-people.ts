/** A person whose every field holds a word of their own: as messages of a trust, and as resources of a client. */
import { Buffer } from 'node:buffer';
import { aMessage } from './messages.js';

/** Somebody who is about to be planted. */
export interface MarkedPerson {
  /** Stands in every text about them. */
  readonly word: string;
  readonly nhsNumber: string;
  /** `YYYY-MM-DD`, of nobody else. */
  readonly birthDate: string;
  readonly postcode: string;
  readonly phone: string;
  /** HL7 table 0136 for PD1-12: whether access to them is restricted. */
  readonly isProtected: boolean;
}

/** What stands in the messages and resources of a person, and of nobody else. */
export const markersOf = ({ word, nhsNumber, birthDate, postcode, phone }: MarkedPerson): string[] => [
  ...[word, nhsNumber, birthDate, birthDate.replaceAll('-', ''), postcode, phone],
];

const upper = (word: string) => word.toUpperCase();

/** An admission, results with notes, and a document, as the integration engine of the trust sends them. */
export function messagesAbout(person: MarkedPerson): Uint8Array[] {
  const { word, nhsNumber, birthDate, postcode, phone, isProtected } = person;
  const own = {
    mrn: `${upper(word)}1`,
    nhsNumber,
    family: `${word}family`,
    birthDate: birthDate.replaceAll('-', ''),
  };
  const content = Buffer.from(`A letter about ${word}`).toString('base64');
  const control = (kind: string) => `${upper(word).slice(0, 6)}${kind}`;
  const visit = `PV1|1|I|W1^B1||||||||||||||||${upper(word)}V1`;
  const admission = aMessage({
    ...own,
    type: 'ADT^A01',
    controlId: control('ADT'),
    more: [
      `PD1||||||||||||${isProtected ? 'Y' : 'N'}`,
      `NK1|1|${word}kin^Mary|MTH|1 ${word} Street^^Town^^${postcode}|${phone}`,
      visit,
      `AL1|1|DA|${upper(word)}AL^${word} allergen^L|SV|${word} reaction`,
      `DG1|1||${upper(word)}DX^${word} disease^L|${word} described|20260330|W`,
    ],
  });
  const withAddress = new TextDecoder()
    .decode(admission)
    .replace(/(PID\|(?:[^|]*\|){6}[^|]*)\|F/, `$1|F|||2 ${word} Lane^^Town^^${postcode}||${phone}`);
  const results = aMessage({
    ...own,
    type: 'ORU^R01',
    controlId: control('ORU'),
    at: '20260330110000',
    more: [
      visit,
      `OBR|1|${upper(word)}O1|${upper(word)}F1|${upper(word)}T^${word} profile^L|||20260330100000|||||||||||||||20260330103000||LAB|F`,
      `NTE|1||${word} note of the report`,
      `OBX|1|ST|${upper(word)}C^${word} code^L||${word} value||||||F`,
      `NTE|1||${word} note of the result`,
      `OBX|2|NM|${upper(word)}N^${word} number^L||4217.25|${word}unit|||||F`,
    ],
  });
  const document = aMessage({
    ...own,
    type: 'MDM^T02',
    controlId: control('MDM'),
    at: '20260330120000',
    more: [
      visit,
      `TXA|1|DS^${word} letter^L|TX|20260330110000|||20260330113000|||||${upper(word)}D1||||${word}.txt|LA`,
      `OBX|1|TX|1^${word} body^L||${word} text of the letter||||||F`,
      `OBX|2|ED|2^${word} file^L||^text^plain^Base64^${content}||||||F`,
    ],
  });
  return [new TextEncoder().encode(withAddress), results, document];
}

/** A patient and records about them, as a client writes them before they are restricted. */
export function resourcesAbout(person: MarkedPerson, id: string): Readonly<Record<string, unknown>>[] {
  const { word, nhsNumber, birthDate, postcode, phone } = person;
  const code = (kind: string) => ({
    coding: [{ system: `urn:${word}`, code: `${upper(word)}${kind}`, display: `${word} ${kind}` }],
    text: `${word} ${kind}`,
  });
  const subject = { reference: `Patient/${id}` };
  const about = (type: string, patient: string, fields: object) => ({
    resourceType: type,
    [patient]: subject,
    identifier: [{ system: `urn:${word}`, value: `${upper(word)}${type}` }],
    ...fields,
  });
  return [
    {
      resourceType: 'Patient',
      id,
      identifier: [{ system: 'https://fhir.nhs.uk/Id/nhs-number', value: nhsNumber }],
      name: [{ family: `${word}family`, given: [`${word}given`] }],
      telecom: [{ system: 'phone', value: phone }],
      address: [{ line: [`2 ${word} Lane`], city: `${word}ton`, postalCode: postcode }],
      birthDate,
      contact: [{ name: { family: `${word}kin` } }],
    },
    about('Observation', 'subject', {
      status: 'final',
      code: code('C'),
      valueString: `${word} value`,
      note: [{ text: `${word} note` }],
    }),
    about('Condition', 'subject', { code: code('DX'), note: [{ text: `${word} note` }] }),
    about('AllergyIntolerance', 'patient', {
      clinicalStatus: {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/allergyintolerance-clinical', code: 'active' },
        ],
      },
      code: code('AL'),
    }),
    about('DocumentReference', 'subject', {
      status: 'current',
      type: code('D'),
      description: `${word} description`,
      content: [
        {
          attachment: {
            contentType: 'text/plain',
            data: Buffer.from(`A letter about ${word}`).toString('base64'),
            title: `${word}.txt`,
          },
        },
      ],
    }),
  ];
}
