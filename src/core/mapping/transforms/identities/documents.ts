/** Ids of documents. */
import { identityOf } from '../../engine/run.js';
import type { Identity } from '../../engine/transform.js';
import { aboutPatient, aboutPatientOnce, codeOf, entityNumber, reader } from './reading.js';

/**
 * TXA-12, by which edits, cancellations and later notifications meet the same document; else the filler's number
 * (TXA-15), the file name (TXA-16), or type and time of the document.
 */
export const document: Identity = (node, run) => {
  const read = reader(run);
  const fileName = read(node, 16);
  const number =
    entityNumber(read, node, 12) ||
    entityNumber(read, node, 15) ||
    (fileName === '' ? '' : `file ${fileName}`);
  const time = read(node, 4) || read(node, 6) || read(node, 7) || run.message.msh.value(10);
  return aboutPatient(
    node,
    run,
    'DocumentReference',
    number === '' ? identityOf(codeOf(read, node, 2), `at ${time}`) : number,
  );
};

/** The document that another replaces: TXA-13, by which it was known as TXA-12. None where both have the same number. */
export const replacedDocument: Identity = (node, run) => {
  const read = reader(run);
  const number = entityNumber(read, node, 13);
  return number === entityNumber(read, node, 12)
    ? undefined
    : aboutPatientOnce(node, run, 'DocumentReference', number);
};
