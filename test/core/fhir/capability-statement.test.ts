import { describe, expect, test } from '@jest/globals';
import { capabilityStatement, capabilityTag } from '../../../src/core/fhir/capability-statement.js';
import { mostEntries } from '../../../src/core/fhir/transaction/read-bundle.js';
import { servedTypes } from '../../../src/core/fhir/interactions.js';

const statement = capabilityStatement({
  software: { name: 'Exchange', version: '1.2.3' },
  baseUrl: 'https://hde.example/fhir',
});
const resources = statement.rest?.[0]?.resource ?? [];

describe('capabilityStatement', () => {
  test('describes this instance', () => {
    expect(statement).toMatchObject({
      resourceType: 'CapabilityStatement',
      status: 'active',
      kind: 'instance',
      software: { name: 'Exchange', version: '1.2.3' },
      implementation: { url: 'https://hde.example/fhir' },
      fhirVersion: '4.0.1',
      format: ['application/fhir+json', 'application/fhir+xml', 'json', 'xml'],
      patchFormat: ['application/json-patch+json', 'application/fhir+json', 'application/fhir+xml'],
      rest: [{ mode: 'server', security: { service: [{ text: 'Bearer JWT' }] } }],
    });
    expect(statement.date).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  test('has a tag that changes with what it says', () => {
    const of = (version: string) =>
      capabilityTag(capabilityStatement({ software: { name: 'Exchange', version }, baseUrl: 'https://a' }));
    expect(of('1.2.3')).toMatch(/^W\/"[0-9a-f]{16}"$/);
    expect(of('1.2.3')).toBe(of('1.2.3'));
    expect(of('1.2.4')).not.toBe(of('1.2.3'));
  });

  test('says how large a transaction may be', () => {
    expect(statement.rest?.[0]?.documentation).toContain(`at most ${mostEntries} entries`);
  });

  test('says where backend services get tokens, where they do', () => {
    expect(statement.rest?.[0]?.security).not.toHaveProperty('extension');
    const { rest } = capabilityStatement({
      software: { name: 'Exchange', version: '1' },
      baseUrl: 'https://hde.example/fhir',
      tokenUrl: 'https://hde.example/smart/token',
    });
    expect(rest?.[0]?.security).toMatchObject({
      extension: [{ extension: [{ url: 'token', valueUri: 'https://hde.example/smart/token' }] }],
      service: [{ coding: [{ code: 'SMART-on-FHIR' }] }],
    });
  });

  test('claims for each type what the table of interactions serves, and nothing else', () => {
    const made = ['Provenance', 'AuditEvent'];
    expect(resources.map(({ type }) => type)).toEqual([...servedTypes.map(({ type }) => type), ...made]);
    for (const [position, served] of servedTypes.entries()) {
      const claimed = resources[position]!;
      expect(claimed.interaction?.map(({ code }) => code)).toEqual(served.interactions);
      expect(claimed.searchParam?.map(({ name }) => name)).toEqual(
        served.searchParameters.map(({ code }) => code),
      );
      // Bulk exports have routes of their own.
      const exports = served.type === 'Patient' ? ['export'] : [];
      expect(claimed.operation?.map(({ name }) => name) ?? []).toEqual([
        ...served.operations.map(({ name }) => name),
        ...exports,
      ]);
      expect(claimed.supportedProfile ?? []).toEqual(served.profile === undefined ? [] : [served.profile]);
      expect(claimed.versioning).toBe('versioned');
    }
  });

  test('claims the operations of every type, and those of Patient and Observation', () => {
    const common = ['Resource-validate', 'Resource-meta', 'Resource-meta-add', 'Resource-meta-delete'];
    const own: Readonly<Record<string, string[]>> = {
      Patient: ['Patient-everything', 'Patient-match'],
      Observation: ['Observation-lastn'],
    };
    for (const { type, operation: claimed = [] } of resources.slice(0, servedTypes.length)) {
      const operation = claimed.filter(({ name }) => name !== 'export');
      const definitions = [...(own[type] ?? []), ...common];
      expect(operation.map(({ definition }) => definition)).toEqual(
        definitions.map((name) => `http://hl7.org/fhir/OperationDefinition/${name}`),
      );
      expect(operation.map(({ name }) => name)).toEqual(
        definitions.map((name) => name.slice(name.indexOf('-') + 1)),
      );
    }
  });

  test('claims bulk exports of all records, and of those about patients', () => {
    const guide = 'http://hl7.org/fhir/uv/bulkdata';
    expect(statement.instantiates).toEqual([`${guide}/CapabilityStatement/bulk-data`]);
    const patient = resources.find(({ type }) => type === 'Patient');
    const definitionsOf = (operations: readonly { name: string; definition: string }[] = []) =>
      operations.filter(({ name }) => name === 'export').map(({ definition }) => definition);
    expect(definitionsOf(statement.rest?.[0]?.operation)).toEqual([`${guide}/OperationDefinition/export`]);
    expect(definitionsOf(patient?.operation)).toEqual([`${guide}/OperationDefinition/patient-export`]);
  });

  test('holds no empty array and no undefined value, which FHIR JSON does not have', () => {
    const visit = (value: unknown): void => {
      expect(value).toBeDefined();
      if (Array.isArray(value)) expect(value).not.toHaveLength(0);
      if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
    };
    visit(statement);
  });
});
