/** A certificate proves that nobody changed it. */
import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import { isGenuine, signStatement, stateRun } from '../../chaos/certificate/certificate.js';
import { readCertificate, renderMarkdown } from '../../chaos/certificate/markdown.js';

const facts = {
  run: { seed: 's', messages: 600, patients: 40, kills: 8, faultShare: 0.2 },
  versions: { exchange: '0.1.0', node: 'v20.19.0', app: 'abc' },
  finishedAt: '2026-04-01T12:00:00.000Z',
  seconds: 120,
  figures: { sends: 640 },
};
const passed = stateRun(facts, []);
const failed = stateRun(facts, [{ kind: 'lost', what: 'message 7 is missing' }]);

describe('a certificate', () => {
  test('says that a run passed only when nothing was found', () => {
    expect([passed.passed, failed.passed]).toEqual([true, false]);
    expect(failed.outcome.lost).toBe(1);
    expect(failed.findings).toEqual(['lost: message 7 is missing']);
  });

  test('says how many findings it does not name', () => {
    const many = Array.from({ length: 130 }, (_, i) => ({ kind: 'lost' as const, what: `message ${i}` }));
    const statement = stateRun(facts, many);
    expect([statement.outcome.lost, statement.findings.length, statement.findingsLeftOff]).toEqual([
      130, 100, 30,
    ]);
    expect(renderMarkdown(signStatement(statement))).toContain('\nAnd 30 more.\n');
    expect(renderMarkdown(signStatement(failed))).not.toContain('more.');
  });

  test('is genuine as it was signed, in JSON and in Markdown', () => {
    const certificate = signStatement(passed);
    expect(readCertificate(JSON.stringify(certificate, null, 2))).toEqual(certificate);
    expect(readCertificate(renderMarkdown(certificate))).toEqual(certificate);
  });

  test('is not genuine once a figure, the outcome or the text for people was changed', () => {
    const certificate = signStatement(failed);
    expect(isGenuine({ ...certificate, statement: { ...failed, passed: true } })).toBe(false);
    expect(readCertificate(JSON.stringify(certificate).replace('"kills":8', '"kills":9'))).toBeUndefined();
    expect(readCertificate(renderMarkdown(certificate).replace('FAILED', 'passed'))).toBeUndefined();
  });

  test('is no certificate when it is something else', () => {
    expect(readCertificate('# Shopping')).toBeUndefined();
    expect(readCertificate('{}')).toBeUndefined();
  });

  test('is signed by the key that is given, which must be an Ed25519 key', () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const own = publicKey.export({ type: 'spki', format: 'pem' });
    expect(signStatement(passed, pem).publicKey).toBe(own);
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
    expect(() => signStatement(passed, other.export({ type: 'pkcs8', format: 'pem' }).toString())).toThrow(
      'Ed25519',
    );
  });
});
