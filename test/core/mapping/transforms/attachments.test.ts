import { describe, expect, test } from '@jest/globals';
import { transformed } from '../support.js';

const HELLO = Buffer.from('Hello').toString('base64');
/** Base64 of what begins as every PDF does. */
const PDF = Buffer.from('%PDF-1.7 ...').toString('base64');

describe('attachment', () => {
  test.each([
    [`^application^pdf^Base64^${HELLO}`, { contentType: 'application/pdf', data: HELLO }],
    [`^IGene^application/pdf^Base64^${HELLO}`, { contentType: 'application/pdf', data: HELLO }],
    [`^IM^PDF^Base64^${HELLO}`, { contentType: 'application/pdf', data: HELLO }],
    [`^image^x-dicom^BASE64^${HELLO}`, { contentType: 'image/x-dicom', data: HELLO }],
    [`^Strange^^Base64^${HELLO}`, { data: HELLO }],
    ['^TEXT^^A^Hello', { contentType: 'text/plain', data: HELLO }],
    ['^TEXT^plain^A^Hello', { contentType: 'text/plain', data: HELLO }],
    // Without an encoding (ED-4) a file is base64, which it cannot be sent without.
    [`^application^pdf^^${HELLO}`, { contentType: 'application/pdf', data: HELLO }],
    [`^application^pdf^A^${HELLO}`, { contentType: 'application/pdf', data: HELLO }],
    ['^TEXT^plain^^Hello', { contentType: 'text/plain', data: HELLO }],
    ['^application^rtf^^{Hello}', { contentType: 'application/rtf', data: 'e0hlbGxvfQ==' }],
    // What begins as a PDF is one, whatever the sender calls it.
    [`^TEXT^^Base64^${PDF}`, { contentType: 'application/pdf', data: PDF }],
    [`PDF^TEXT^^^${PDF}`, { contentType: 'application/pdf', data: PDF }],
    [`^^^A^${PDF}`, { contentType: 'application/pdf', data: PDF }],
    ['^TEXT^plain^Hex^48656c6c6f', { contentType: 'text/plain', data: HELLO }],
  ])('makes of "%s" %j', (field, expected) => {
    const { value, conversion } = transformed('attachment', field);
    expect(value).toEqual(expected);
    expect(conversion.issues).toEqual([]);
  });

  test.each([
    '^application^pdf^Base64^not base64!',
    '^application^pdf^Base64^abc',
    `^TEXT^^A^${PDF.slice(0, -1)}`,
    '^a^b^Hex^123',
    '^a^b^Rot13^x',
    '^a^b^Base64^',
  ])('reports "%s" and leaves it out', (field) => {
    const { value, conversion } = transformed('attachment', field);
    expect(value).toBeUndefined();
    expect(conversion.issues.map(({ code, location }) => `${code} ${location ?? ''}`)).toEqual([
      'HDE_HL7_DATA_TYPE ZZT-1[1].5',
    ]);
  });
});

describe('documentLink', () => {
  test.each([
    [
      'https://docs.rxx.nhs.uk/1^PACS^application^pdf',
      { contentType: 'application/pdf', url: 'https://docs.rxx.nhs.uk/1' },
    ],
    ['https://docs.rxx.nhs.uk/1', { url: 'https://docs.rxx.nhs.uk/1' }],
    ['file:///letters/Clinic letter 7.pdf ', { url: 'file:///letters/Clinic%20letter%207.pdf' }],
    ['^PACS^application^pdf', undefined],
  ])('makes of "%s" %j', (field, expected) => {
    expect(transformed('documentLink', field).value).toEqual(expected);
  });
});
