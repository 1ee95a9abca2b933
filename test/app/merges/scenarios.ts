/** A few messages about two patients, A and B, in the order of their arrival; the hour tells when each event was. */
import { aMessage } from '../../support/messages.js';

type Person = 'A' | 'B';

export interface Scenario {
  readonly name: string;
  readonly messages: readonly { readonly mrn: Person; readonly bytes: Uint8Array }[];
}

const about = (mrn: Person, type: string, number: number, hour: number, more: readonly string[] = []) => ({
  mrn,
  bytes: aMessage({
    controlId: `C${number}`,
    type,
    mrn,
    nhsNumber: '',
    family: `Name${number}`,
    at: `202603300${hour}0000`,
    more,
  }),
});

/** `update` is about one of them; it holds two records, so that half of it can be told from all of it. */
const update = (mrn: Person, number: number, hour = number) =>
  about(mrn, 'ADT^A08', number, hour, [`PV1|1|I|W${number}^^^RZZ||||||||||||||||V${mrn}`]);
const merge = (into: Person, from: Person, number: number, event = 'A40', hour = number) =>
  about(into, `ADT^${event}`, number, hour, [`MRG|${from}^^^RZZ^MR`]);

export const scenarios: readonly Scenario[] = [
  {
    name: 'a merge (A40) between messages about both',
    messages: [update('A', 1), update('B', 2), merge('A', 'B', 3), update('B', 4)],
  },
  {
    name: 'a merge (A34) before anything else about the one who goes',
    messages: [update('A', 1), merge('A', 'B', 2, 'A34'), update('B', 3), update('A', 4)],
  },
  {
    name: 'another number (A47) between messages about both numbers',
    messages: [update('B', 1), merge('A', 'B', 2, 'A47'), update('A', 3), update('B', 4)],
  },
  {
    name: 'another number (A47) that is told late, of two that have records',
    messages: [update('A', 1, 3), update('B', 2, 1), merge('A', 'B', 3, 'A47', 2), update('B', 4)],
  },
  {
    name: 'two merges in opposite directions',
    messages: [update('A', 1), merge('A', 'B', 2), merge('B', 'A', 3), update('B', 4)],
  },
  {
    name: 'three merges in turns',
    messages: [update('A', 1), merge('B', 'A', 2), merge('A', 'B', 3), merge('B', 'A', 4)],
  },
  {
    name: 'a merge whose event is older than what is known',
    messages: [update('A', 1, 5), update('B', 2, 6), merge('A', 'B', 3, 'A40', 4), update('B', 4, 7)],
  },
];
