/** The page of docs/reference that lists what is decided for everybody, everything and every purpose. */

const line = (cells) => `| ${cells.join(' | ')} |`;

/** @param columns heads @param rows cells, as `printMatrix` gives them */
export function accessMatrixPage({ columns, rows }) {
  return [
    '# Access matrix',
    'Written by `npm run docs` from the function that decides ([access model](access-model.md)). It asks about a laboratory result of a patient of the organisation of the asker, who is cared for there and whose data may be used; each column on the right changes one thing about it. Every combination of the first five columns is in exactly one row; `any` stands for all values. `yes` permits, `no` denies (nobody learns that the record exists), `held` withholds (the answer says that something is missing); the reason follows.',
    'The safeguarding lead is cleared for restricted, very restricted and sensitive records; of the roles only the clinician may break the glass. Create, update and delete are allowed to the clinician, update to the clerk, for their own purpose. A proxy acts for the patient.',
    [columns, columns.map(() => '---'), ...rows].map(line).join('\n'),
    '',
  ].join('\n\n');
}
