import { z } from 'zod';
import { outcome } from './answers.js';
import type { Content, Operation } from './operation.js';
import { allOperations } from './operations.js';

type Json = Readonly<Record<string, unknown>>;

/**
 * The OpenAPI 3.1 document of all routes beside `/fhir`.
 *
 * @param version of the exchange
 */
export function openApiDocument(version: string): Json {
  const paths: Record<string, Record<string, Json>> = {};
  for (const operation of allOperations) {
    const path = pathOf(operation);
    paths[path] = { ...paths[path], [operation.method]: describe(operation) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Healthcare Data Exchange',
      version,
      description:
        'Messages, triage, replay and accounts. Records are read at /fhir: GET /fhir/metadata describes that.',
    },
    paths,
    components: {
      schemas: { OperationOutcome: schemaOf(outcome, 'output') },
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' } },
    },
  };
}

/** An optional part at the end of a route is left out: OpenAPI has none. */
const pathOf = ({ route }: Operation): string => `/${route.replace(/\/\{\w+\?\}$/, '')}`;

function describe(operation: Operation): Json {
  const { operationId, summary, role, body, answers } = operation;
  const needs = role === undefined ? operation.needs : `with the role ${role}`;
  const parameters = parametersOf(operation);
  return {
    operationId,
    summary,
    ...(needs === undefined
      ? { security: [] }
      : { description: `Needs a token ${needs}.`, security: [{ bearer: [] }] }),
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(body === undefined ? {} : { requestBody: { required: true, content: contentOf(body, 'input') } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { description, content }]) => [
          status,
          { description, ...(content === undefined ? {} : { content: contentOf(content, 'output') }) },
        ]),
      ),
      ...(needs === undefined ? {} : { default: refusal }),
    },
  };
}

const refusal = {
  description:
    'A refusal or failure, with its place in the input where it has one (docs/reference/errors.md)',
  content: { 'application/fhir+json': { schema: { $ref: '#/components/schemas/OperationOutcome' } } },
};

function parametersOf({ route, query, headers = {} }: Operation): Json[] {
  const inPath = [...route.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const properties =
    query === undefined ? {} : (schemaOf(query, 'input')['properties'] as Record<string, Json>);
  const inQuery = Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', schema }));
  const inHeader = Object.entries(headers).map(([name, description]) => ({
    name,
    in: 'header',
    required: true,
    description,
    schema: { type: 'string' },
  }));
  return [...inPath, ...inQuery, ...inHeader];
}

const contentOf = ({ type, schema, example }: Content, io: 'input' | 'output'): Json => ({
  [type]: {
    schema: schema === undefined ? { type: 'string' } : schemaOf(schema, io),
    ...(example === undefined ? {} : { example }),
  },
});

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): Json {
  const { $schema, ...described } = z.toJSONSchema(schema, {
    io,
    unrepresentable: 'any',
    // The format says it all; as a pattern a day takes four lines.
    override: ({ jsonSchema }) => {
      if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
    },
  });
  return described;
}
