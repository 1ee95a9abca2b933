/** Clients read records: `/fhir/...`. Unsupported methods are registered too, so that they get an OperationOutcome. */
import { app } from '@azure/functions';
import { fhirRoute } from '../src/platform/fhir.js';
import { httpEdge } from '../src/platform/http.js';

app.http('fhir', {
  route: 'fhir/{*path}',
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
  handler: httpEdge(fhirRoute),
});
