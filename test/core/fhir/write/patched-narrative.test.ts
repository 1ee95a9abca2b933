/** A narrative does not outlive the data that it was made of (FHIR R4 section 3.1.0.6). */
import { expect, test } from '@jest/globals';
import type { Patient, Resource } from 'fhir/r4.js';
import { withoutOutdatedNarrative } from '../../../../src/core/fhir/write/patched-narrative.js';

type Status = NonNullable<Patient['text']>['status'];

const div = '<div xmlns="http://www.w3.org/1999/xhtml">A woman.</div>';
const told = (status: Status, fields: object = {}): Patient => ({
  ...{ resourceType: 'Patient', id: 'p', gender: 'female', text: { status, div } },
  ...fields,
});
const bare: Patient = { resourceType: 'Patient', id: 'p' };
const decimals = { '/x': '1.0' };
const after = (before: Resource, resource: Resource) =>
  withoutOutdatedNarrative({ resource, decimals }, before);

test.each<Status>(['generated', 'extensions'])('one that is %s goes when the data change', (status) => {
  const { text: _text, ...data } = told(status, { gender: 'male' });
  expect(after(told(status), told(status, { gender: 'male' }))).toEqual({ resource: data, decimals });
});

test.each<[string, Resource, Resource]>([
  ['was patched', told('generated'), told('extensions', { gender: 'male' })],
  ['was added', bare, told('generated')],
  ['stands beside other labels', told('generated'), told('generated', { meta: { tag: [{ code: 't' }] } })],
  ['tells what the data tell', told('generated'), told('generated')],
  ['says more than the data', told('additional'), told('additional', { gender: 'male' })],
  ['is empty', told('empty'), told('empty', { gender: 'male' })],
  ['is not there', bare, { ...bare, language: 'en' }],
])('one that %s stays as it is', (_what, before, patched) => {
  expect(after(before, patched)).toEqual({ resource: patched, decimals });
});
