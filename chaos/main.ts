/** `npm run chaos`: proves on this machine that nothing is lost, doubled, reordered or seen in part. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { signStatement, stateRun, type Certificate } from './certificate/certificate.js';
import { readCertificate, renderMarkdown } from './certificate/markdown.js';
import { readCommand, usage, type RunOptions } from './options.js';
import { runChaos } from './run.js';

const rootDir = join(import.meta.dirname, '../..');
const print = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

/** Findings that are worth printing; the certificate names more. */
const mostPrinted = 30;

/** 0: proven; 1: findings, or a certificate that is not genuine; 2: the run itself failed. */
async function main(): Promise<number> {
  const command = readCommand(process.argv.slice(2), rootDir, () => randomBytes(4).toString('hex'));
  switch (command.kind) {
    case 'help':
      print(usage);
      return 0;
    case 'verify':
      return verifyFile(command.file);
    case 'run':
      return run(command.options);
  }
}

async function run(options: RunOptions): Promise<number> {
  const privateKey = options.keyFile === undefined ? undefined : await readFile(options.keyFile, 'utf8');
  print(`seed ${options.seed}`);
  const began = performance.now();
  const { findings, figures, seconds, app } = await runChaos(options, rootDir, (line) => {
    print(`${String(Math.round((performance.now() - began) / 1000)).padStart(5)} s  ${line}`);
  });
  const { version } = JSON.parse(await readFile(join(rootDir, 'package.json'), 'utf8')) as {
    version: string;
  };
  const { seed, messages, patients, kills, faultShare, mutant } = options;
  const statement = stateRun(
    {
      run: { seed, messages, patients, kills, faultShare, ...(mutant === undefined ? {} : { mutant }) },
      versions: { exchange: version, node: process.version, app },
      finishedAt: new Date().toISOString(),
      seconds,
      figures,
    },
    findings,
  );
  const certificate = signStatement(statement, privateKey);
  for (const finding of statement.findings.slice(0, mostPrinted)) print(finding);
  if (findings.length > mostPrinted) print(`and ${findings.length - mostPrinted} more findings`);
  const counts = Object.entries(statement.outcome).map(([kind, count]) => `${count} ${kind}`);
  print(`${counts.join(', ')}, after ${seconds} s`);
  print(`${await writeCertificate(certificate, options.outDir)}; to run it again: --seed ${seed}`);
  return statement.passed ? 0 : 1;
}

async function writeCertificate(certificate: Certificate, outDir: string): Promise<string> {
  await mkdir(outDir, { recursive: true });
  const file = join(outDir, 'chaos-certificate');
  await writeFile(`${file}.json`, `${JSON.stringify(certificate, null, 2)}\n`);
  await writeFile(`${file}.md`, renderMarkdown(certificate));
  return `${file}.json, ${file}.md`;
}

async function verifyFile(file: string): Promise<number> {
  const certificate = readCertificate(await readFile(file, 'utf8'));
  if (certificate === undefined) {
    print('NOT genuine: this is no certificate, or it was changed after it was signed.');
    return 1;
  }
  const { passed, run: about } = certificate.statement;
  print(`Genuine: a run with seed ${about.seed} that ${passed ? 'passed' : 'FAILED'}. Signed by the key`);
  print(certificate.publicKey);
  return 0;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => process.exit(2));
}
try {
  process.exitCode = await main();
} catch (error) {
  print(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
}
