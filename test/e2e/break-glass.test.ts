/** Broken glass on the real local stack: refused, opened with a reason, closed, reviewed, and read by the patient. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { AuditEvent, Bundle, Provenance } from 'fhir/r4.js';
import sample from '../../local.settings.sample.json' with { type: 'json' };
import { runHde } from '../support/command-line.js';
import { aMessage } from '../support/messages.js';
import { eventually, startStack, type RunningStack } from '../support/stack.js';

let stack: RunningStack;
let operator: string;
let clinician: string;
let patientToken: string;
let patient: string;

const reason = 'unconscious on arrival, allergies wanted';

beforeAll(async () => {
  stack = await startStack('break-glass', undefined, { HDE_ACCESS_POLICY: shortGlass() });
  operator = await stack.token({
    roles: ['operator', 'privacy-officer'],
    feeds: ['rzz-tie'],
    subject: 'officer-1',
  });
  // Of the trust with which the record is shared, and that has no part in the care.
  const staff = { as: 'cis2', roles: ['R8000'], organisation: 'RYY', subject: 'nurse-1' } as const;
  clinician = await stack.token({ ...staff, scope: 'user/*.rs' });
  patientToken = await stack.token({ as: 'nhs-login', roles: [], nhsNumber: '9990000018' });
  const sender = await stack.token({ roles: ['sender'], feeds: ['rzz-tie'] });
  const reader = await stack.token({ roles: ['reader'] });
  await call('/ingest/rzz-tie', sender, {
    method: 'POST',
    body: aMessage(),
    headers: { 'content-type': 'application/hl7-v2+er7' },
  });
  const { json } = await eventually(
    () => call('/fhir/Patient?identifier=9990000018', reader),
    (answer) => ((answer.json as Bundle).entry ?? []).length === 1,
  );
  patient = (json as Bundle).entry?.[0]?.resource?.id ?? '';
}, 120_000);

afterAll(() => stack.destroy(), 60_000);

/** The sample policy, whose glass closes after a minute: the least that there is. */
function shortGlass(): string {
  const policy = JSON.parse(sample.Values.HDE_ACCESS_POLICY) as object;
  return JSON.stringify({ ...policy, breakGlass: { minutes: 1 } });
}

async function call(
  path: string,
  token: string,
  init: Omit<RequestInit, 'body'> & { body?: Uint8Array | string } = {},
) {
  const headers = { authorization: `Bearer ${token}`, ...(init.headers as Record<string, string>) };
  const response = await fetch(`${stack.url}${path}`, { ...init, headers });
  const text = await response.text();
  return {
    status: response.status,
    text,
    json: (response.headers.get('content-type') ?? '').includes('json') ? (JSON.parse(text) as unknown) : {},
  };
}

const post = (path: string, token: string, body: object) =>
  call(path, token, {
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' },
  });

const forCare = { headers: { 'x-hde-purpose': 'direct-care' } };

const read = () => call(`/fhir/Patient/${patient}`, clinician, forCare);

const texts = async () => {
  const { json } = await call('/access/my-record-views', patientToken);
  return (json as { views: { text: string }[] }).views.map(({ text }) => text);
};

test('a clinician without a part in the care breaks the glass, and everybody concerned can know', async () => {
  expect((await read()).status).toBe(404);
  expect((await post('/access/break-glass', clinician, { patient, reason: 'urgent' })).status).toBe(400);
  const broken = await post('/access/break-glass', clinician, { patient, reason });
  expect(broken.status).toBe(201);
  const { id, openedAt, closesAt } = broken.json as Record<string, string>;
  expect(Date.parse(closesAt ?? '') - Date.parse(openedAt ?? '')).toBe(60_000);
  expect((await read()).status).toBe(200);

  const found = await post('/access/break-glass/search', operator, { isReviewed: false });
  expect(found.json).toMatchObject({ glass: [{ id, patient, reason, organisation: 'RYY' }] });
  const finding = 'justified: see the ambulance sheet';
  expect((await post('/access/break-glass/review', operator, { patient, id, finding })).status).toBe(200);

  const seen = await runHde(['audit', 'who-saw', patient, '--json', '--url', stack.url], { token: operator });
  expect(seen.out).toContain('"interaction": "break-glass"');
  expect(seen.out).not.toMatch(/unconscious|ambulance/);

  const told = await texts();
  expect(told).toContain(
    'Somebody at Example Community Trust read your personal details, in an emergency, without having a part in your care.',
  );
  expect(told).toContain(
    'Somebody at Example Community Trust opened your record in an emergency, without having a part in your care. ' +
      `They said why: “${reason}”`,
  );
  expect(told).toContain('A system of Example Acute Trust sent news of your personal details.');
  const { json } = await call('/access/my-record-views', patientToken, {
    headers: { accept: 'application/fhir+json' },
  });
  expect((json as Bundle<AuditEvent>).entry?.[0]?.resource?.resourceType).toBe('AuditEvent');

  await eventually(read, ({ status }) => status === 404, 90_000);
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(closesAt ?? ''));
}, 150_000);

test('a registered relationship opens the record, and its end closes it', async () => {
  const made = await post('/access/relationships', operator, { patient, organisation: 'RYY' });
  expect(made.status).toBe(201);
  const { id } = made.json as { id: string };
  expect((await read()).status).toBe(200);
  const { json } = await call(`/fhir/Provenance?target=Patient/${patient}`, clinician, forCare);
  const [provenance] = ((json as Bundle<Provenance>).entry ?? []).map(({ resource }) => resource);
  expect(provenance?.agent[0]?.who.identifier?.value).toBe('RZZ');
  expect((await post('/access/relationships/end', operator, { patient, id })).status).toBe(200);
  expect((await eventually(read, ({ status }) => status === 404)).status).toBe(404);
});

test('for research a record is seen once the national service says so, and only then', async () => {
  const analyst = await stack.token({
    ...{ as: 'cis2', roles: ['ANALYST'], subject: 'analyst-1', scope: 'user/*.rs' },
  });
  const research = () =>
    call(`/fhir/Patient/${patient}`, analyst, { headers: { 'x-hde-purpose': 'research' } });
  expect((await research()).status).toBe(404);
  const asked = ['9990000018'];
  await post('/access/opt-outs', operator, { asked, answer: '9990000018,\r\n' });
  expect((await eventually(research, ({ status }) => status === 200)).status).toBe(200);
  await post('/access/opt-outs', operator, { asked, answer: null });
  expect((await eventually(research, ({ status }) => status === 404)).status).toBe(404);
});
