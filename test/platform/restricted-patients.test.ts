/** A restricted patient, asked for by every face of the exchange. */
import { beforeEach, expect, test } from '@jest/globals';
import { NHS_NUMBER_SYSTEM } from '../../src/core/identity/nhs-number.js';
import { identifierToken } from '../../src/core/identity/tokens.js';
import { breakGlassRoute } from '../../src/platform/access-routes.js';
import { patientFaceRoute, patientSearchFaceRoute } from '../../src/platform/compatibility/patient-face.js';
import { fhirRoute } from '../../src/platform/fhir.js';
import { httpEdge } from '../../src/platform/http.js';
import { indexResource } from '../../src/core/fhir/search-index.js';
import { aResource, asCurrent, store } from '../app/fhir/arrange.js';
import { openMemoryPlatform, type MemoryPlatform } from '../support/memory-platform.js';
import { aClinician, aPatientWith } from '../support/principals.js';

const ada = 'a'.repeat(26);
const numbers = { now: '9990000018', once: '9990000026' };

const principals = {
  safeguarding: aClinician('lead-1', { roles: ['SAFEGUARDING'] }),
  clinician: aClinician('nurse-1'),
  patient: aPatientWith('person-1', numbers.now),
  another: aPatientWith('person-2', numbers.once),
};

let platform: MemoryPlatform;

beforeEach(async () => {
  platform = openMemoryPlatform(principals);
  const { container } = platform;
  const identifier = [
    { system: NHS_NUMBER_SYSTEM, value: numbers.now },
    { system: NHS_NUMBER_SYSTEM, value: numbers.once, use: 'old' },
  ];
  const security = [{ system: 'http://terminology.hl7.org/CodeSystem/v3-Confidentiality', code: 'R' }];
  const resource = aResource(`Patient/${ada}`, { identifier, meta: { security } });
  await store(await container.records(), {
    ...asCurrent(resource),
    resource,
    index: indexResource(resource),
  });
  const identities = await container.identities();
  for (const number of Object.values(numbers)) {
    const token = identifierToken(container.config.identitySecret, NHS_NUMBER_SYSTEM, number);
    await identities.claim({ token, patientKey: ada, messageId: 'm1' });
  }
});

type Who = keyof typeof principals;
const read = (as: Who, path: string) =>
  platform.askHandler(httpEdge(fhirRoute), `fhir/${path}`, { as, method: 'GET' });
const alerts = () => platform.logged.filter((line) => line.includes('access-alert'));

test.each([
  ['by their number', patientFaceRoute, `Patient/${numbers.now}`],
  ['by a search', patientSearchFaceRoute, `Patient?identifier=${NHS_NUMBER_SYSTEM}|${numbers.now}`],
])('who reads them at the address of the original exchange %s is reported', async (_, route, path) => {
  const params = { nhsNumber: numbers.now };
  const ask = (as: Who) =>
    platform.askHandler(
      (request, context) => httpEdge(route)(Object.assign(request, { params }), context),
      path,
      { as, method: 'GET' },
    );
  expect((await ask('clinician')).status).toBe(404);
  expect(alerts()).toEqual([]);
  expect((await platform.recorded()).at(-1)).toMatchObject({
    ...{ subject: 'nurse-1', outcome: 'refused', reason: 'restricted', patients: [ada], records: [] },
  });
  expect((await ask('safeguarding')).status).toBe(200);
  expect(alerts()).toEqual([expect.stringContaining('lead-1')]);
});

test('a former number, which may be somebody else’s by now, opens no record', async () => {
  expect((await read('patient', `Patient/${ada}`)).status).toBe(200);
  expect((await read('another', `Patient/${ada}`)).status).toBe(404);
});

test('through broken glass it is not told where what is known of them comes from', async () => {
  const provenance = `Provenance?target=Patient/${ada}`;
  await platform.ask(breakGlassRoute, {
    as: 'clinician',
    body: { patient: ada, reason: 'unconscious on arrival, allergies wanted' },
  });
  const hidden = await read('clinician', provenance);
  expect(hidden.json).toMatchObject({ total: 1 });
  expect(hidden.whole).not.toMatch(/RZZ|rzz-tie/);
  expect((await read('safeguarding', provenance)).whole).toMatch(/RZZ.*rzz-tie/);
});
