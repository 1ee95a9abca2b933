/** Developers ask what there is beside `/fhir`: `GET /openapi.json`. */
import { app } from '@azure/functions';
import { openApiHandler } from '../src/platform/openapi/handler.js';
import { openEdge } from '../src/platform/security-headers.js';

app.http('openapi', {
  route: 'openapi.json',
  methods: ['GET', 'HEAD'],
  authLevel: 'anonymous', // it tells nothing that the repository does not
  handler: openEdge(openApiHandler),
});
