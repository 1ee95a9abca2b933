import { describe, expect, test } from '@jest/globals';
import type { DocumentReference } from 'fhir/r4.js';
import { convert } from '../../../../src/core/converter/convert.js';
import {
  convertText,
  hl7,
  patientRecordId,
  PID,
  recordOf,
  recordsOf,
  resourceOf,
  segment,
} from '../support.js';

const TXA = {
  1: '1',
  2: 'CL^Clinic letter^L',
  3: 'TX',
  4: '20240104100000',
  6: '20240104110000',
  9: 'C7654321^Strange^Stephen',
  12: 'DOC1',
  17: 'AU',
  19: 'AV',
};
const send = (event: string, changes: Readonly<Record<number, string>>, ...below: string[]) =>
  convertText(hl7(`MDM^${event}`, PID, 'PV1|1|O|CLINIC', segment('TXA', { ...TXA, ...changes }), ...below));
const documentOf = (event: string, changes: Readonly<Record<number, string>>, ...below: string[]) =>
  resourceOf<DocumentReference>(send(event, changes, ...below), 'DocumentReference');
const textOf = ({ content }: DocumentReference) =>
  Buffer.from(content[0]?.attachment.data ?? '', 'base64').toString('utf8');

describe('MDM, a document', () => {
  test('is recorded under its unique number in every event', () => {
    const ids = ['T01', 'T02', 'T04', 'T08', 'T11'].map((event) => documentOf(event, {}).id);
    expect(new Set(ids)).toEqual(new Set([patientRecordId('DocumentReference', 'DOC1')]));
  });

  test('states status, type, author, dates and owner', () => {
    expect(documentOf('T02', { 18: 'R', 25: 'Cardiology clinic' })).toMatchObject({
      status: 'current',
      docStatus: 'final',
      masterIdentifier: { value: 'DOC1' },
      type: { coding: [{ code: 'CL', display: 'Clinic letter' }] },
      date: '2024-01-04T11:00:00+00:00',
      author: [{ display: 'Stephen Strange' }],
      description: 'Cardiology clinic',
      securityLabel: [{ coding: [{ code: 'R' }] }],
      context: { period: { start: '2024-01-04T10:00:00+00:00' } },
    });
  });

  test('joins its lines in order, blank ones and notes included', () => {
    const conversion = send(
      'T02',
      {},
      'OBX|1|TX|L||Dear Dr Jones,||||||F',
      'OBX|2|TX|L||||||||F',
      'OBX|3|FT|L||Seen~today||||||F',
      'NTE|1||Typed later',
    );
    expect(textOf(resourceOf<DocumentReference>(conversion, 'DocumentReference'))).toBe(
      'Dear Dr Jones,\n\nSeen\ntoday\nTyped later',
    );
    expect(recordsOf(conversion, 'Observation')).toEqual([]);
  });

  test('attaches embedded files and links', () => {
    const { content } = documentOf(
      'T02',
      {},
      'OBX|1|ED|L||^application^pdf^Base64^SGVsbG8=||||||F',
      'OBX|2|RP|L||https://docs.example.org/1^^application^pdf||||||F',
    );
    expect(content.map(({ attachment }) => attachment)).toEqual([
      { contentType: 'application/pdf', data: 'SGVsbG8=' },
      { contentType: 'application/pdf', url: 'https://docs.example.org/1' },
    ]);
  });

  test('keeps a measurement beside the document as an observation', () => {
    expect(
      recordsOf(send('T02', {}, 'OBX|1|NM|8867-4^Heart rate^LN||72||||||F'), 'Observation'),
    ).toHaveLength(1);
  });

  test('says nothing about its content when it is only announced', () => {
    const { mode, resource } = recordOf(send('T01', {}), 'DocumentReference');
    expect(mode).toBe('merge');
    expect(resource).not.toHaveProperty('content');
  });

  test.each([
    ['T11', 'AV', 'entered-in-error'],
    ['T02', 'CA', 'entered-in-error'],
    ['T02', 'OB', 'superseded'],
    ['T02', 'UN', 'current'],
    ['T02', '', 'current'],
    ['T02', 'ZZ', 'entered-in-error'],
  ])('event %s with availability "%s" is %s', (event, availability, status) => {
    expect(documentOf(event, { 19: availability }).status).toBe(status);
  });

  test.each([
    ['T08', ['ED D'], 'entered-in-error'],
    ['T02', ['ED W'], 'entered-in-error'],
    ['T10', ['TX D', 'TX D'], 'entered-in-error'],
    ['T08', ['RP D', 'ED W'], 'entered-in-error'],
    ['T08', ['ED D', 'ED F'], 'current'],
    ['T08', ['ED D', 'TX C'], 'current'],
    ['T08', ['NM D'], 'current'],
    ['T08', [], 'current'],
  ])('event %s with the content %j is %s', (event, contents, status) => {
    const rows = contents.map((content, index) => {
      const [type = '', state = ''] = content.split(' ');
      const value = type === 'ED' ? '^application^pdf^Base64^SGVsbG8=' : '1';
      return segment('OBX', { 1: String(index + 1), 2: type, 3: 'L', 5: value, 11: state });
    });
    expect(documentOf(event, {}, ...rows).status).toBe(status);
  });

  test('of which nothing is left does not stand, until its content is sent again', () => {
    const sentAt = (minute: number, event: string, status: string) =>
      [
        `MSH|^~\\&|ICE|RXX|HDE|RXX|2024010510${String(minute)}||MDM^${event}|MSG${String(minute)}|P|2.4`,
        PID,
        segment('TXA', TXA),
        `OBX|1|ED|L||^application^pdf^Base64^SGVsbG8=||||||${status}`,
        '',
      ].join('\r');
    const statusAfter = (...messages: string[]) =>
      convert(messages.join(''), { format: 'hl7v2' }).bundle.entry?.flatMap(({ resource }) =>
        resource?.resourceType === 'DocumentReference' ? [(resource as DocumentReference).status] : [],
      );
    const [first, withdrawn, again] = [
      sentAt(10, 'T02', 'F'),
      sentAt(20, 'T08', 'D'),
      sentAt(30, 'T08', 'C'),
    ];
    expect(statusAfter(first, withdrawn)).toEqual(['entered-in-error']);
    expect(statusAfter(first, withdrawn, again)).toEqual(['current']);
  });

  test('that is unavailable for care is not final', () => {
    expect(documentOf('T02', { 17: 'LA', 19: 'UN' }).docStatus).toBe('preliminary');
    expect(documentOf('T11', { 17: 'LA', 19: 'UN' }).docStatus).toBe('entered-in-error');
  });

  test('keeps the availability that FHIR has no status for', () => {
    expect(documentOf('T02', { 19: 'UN' })).toMatchObject({
      _status: { extension: [{ valueCodeableConcept: { coding: [{ code: 'UN' }] } }] },
    });
    expect(recordOf(send('T02', {}), 'DocumentReference').removed).toContain('_status');
  });

  test.each([
    ['T02', 'DI', 'preliminary'],
    ['T02', 'LA', 'final'],
    ['T08', 'AU', 'amended'],
    ['T08', 'PA', 'preliminary'],
  ])('event %s with completion %s is %s', (event, completion, docStatus) => {
    expect(documentOf(event, { 17: completion }).docStatus).toBe(docStatus);
  });

  test.each([
    ['T10', 'replaces'],
    ['T06', 'appends'],
  ] as const)('event %s %s the parent document', (event, code) => {
    expect(documentOf(event, { 12: 'DOC2', 13: 'DOC1' }).relatesTo).toMatchObject([
      { code, target: { identifier: { value: 'DOC1' } } },
    ]);
  });
});
