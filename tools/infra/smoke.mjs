/**
 * `node tools/infra/smoke.mjs https://exchange.example.nhs.uk`: whether a deployment answers as it should to somebody
 * without any rights. Needs no token and leaves nothing behind. Prints one line a question; exit 1 if an answer is wrong.
 * A new deployment may take its time: what fails is asked again, for `HDE_SMOKE_SECONDS` (default 300) at most.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const { AbortSignal, fetch } = globalThis;

const questions = [
  { what: 'the process lives', path: '/health/live', status: 200 },
  { what: 'everything that it needs is there', path: '/health/ready', status: 200 },
  {
    what: 'clients can read what it offers',
    path: '/fhir/metadata',
    status: 200,
    contains: 'CapabilityStatement',
  },
  { what: 'developers can read the rest', path: '/openapi.json', status: 200, contains: '"openapi"' },
  { what: 'nobody reads records without a token', path: '/fhir/Patient', status: 401 },
  { what: 'nobody reads them with a made-up one', path: '/fhir/Patient', token: 'a.b.c', status: 401 },
  { what: 'nobody sends without a token', path: '/ingest/any', method: 'POST', status: 401 },
  { what: 'nobody operates without a token', path: '/triage/search', method: 'POST', status: 401 },
];

/** @returns what is wrong with the answer, or undefined */
async function ask(base, { path, method = 'GET', token, status, contains }) {
  try {
    const answer = await fetch(new URL(path, base), {
      method,
      redirect: 'manual',
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    if (answer.status !== status) return `${answer.status} instead of ${status}`;
    if (contains !== undefined && !text.includes(contains)) return `an answer without ${contains}`;
    return undefined;
  } catch (error) {
    return error.cause?.code ?? error.name;
  }
}

async function askUntil(end, base, question) {
  for (;;) {
    const problem = await ask(base, question);
    if (problem === undefined || Date.now() > end) return problem;
    await sleep(5000);
  }
}

const base = process.argv[2];
if (!URL.canParse(base ?? '')) {
  console.error('usage: node tools/infra/smoke.mjs <address of the exchange>');
  process.exit(2);
}
const end = Date.now() + Number(process.env.HDE_SMOKE_SECONDS ?? 300) * 1000;
for (const question of questions) {
  const problem = await askUntil(end, base, question);
  console.log(
    `${problem === undefined ? 'ok  ' : 'NOT '} ${question.what}${problem === undefined ? '' : `: ${problem}`}`,
  );
  if (problem !== undefined) process.exitCode = 1;
}
