/** The short form of `npm run chaos`: kills, a failing network and a disordered hospital change nothing. */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Certificate } from '../../chaos/certificate/certificate.js';
import { victims } from '../../chaos/faults/plan.js';
import { readCertificate } from '../../chaos/certificate/markdown.js';

const firstPort = '30100';

describe('two minutes of chaos', () => {
  let folder: string;
  let certificate: Certificate | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hde-chaos-'));
    const args = ['--short', '--seed', 'two minutes', '--port', firstPort];
    const folders = ['--state', join(folder, 'state'), '--out', folder];
    // Exit code 1 means findings: the certificate tells which.
    await promisify(execFile)(process.execPath, ['.build/chaos/main.js', ...args, ...folders]).catch(
      (error: unknown) => {
        if ((error as { code?: unknown }).code !== 1) throw error;
      },
    );
    certificate = readCertificate(await readFile(join(folder, 'chaos-certificate.md'), 'utf8'));
  }, 600_000);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  test('lose, double, reorder and tear nothing', () => {
    expect(certificate?.statement.findings).toEqual([]);
    expect(certificate?.statement.passed).toBe(true);
  });

  test('meet kills of every process, torn logs and faults of every store', () => {
    const figures = certificate!.statement.figures;
    for (const victim of victims)
      expect([victim, figures[`killed.${victim}`]]).toEqual([victim, expect.any(Number)]);
    expect(figures['killed.supervisor']).toBeGreaterThan(0);
    expect(figures['cosmos.answer-cut']).toBeGreaterThan(0);
    expect(figures['blob.answer-cut']).toBeGreaterThan(0);
    expect(figures['serviceBus.broken']).toBeGreaterThan(0);
    expect(figures['views']).toBeGreaterThan(0);
  });
});
