/** Addresses of the exchange that this one replaces, for its users: docs/reference/compatibility.md. */
import { app } from '@azure/functions';
import { healthFaceHandler } from '../src/platform/compatibility/health-face.js';
import { ingestFaceRoute } from '../src/platform/compatibility/ingest-face.js';
import { patientFaceRoute, patientSearchFaceRoute } from '../src/platform/compatibility/patient-face.js';
import { httpEdge } from '../src/platform/http.js';
import { openEdge } from '../src/platform/security-headers.js';

app.http('compatibility-ingest', {
  route: ingestFaceRoute.name,
  methods: ['POST'],
  authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
  handler: httpEdge(ingestFaceRoute),
});

app.http('compatibility-patient', {
  route: patientFaceRoute.name,
  methods: ['GET', 'HEAD'],
  authLevel: 'anonymous', // as above
  handler: httpEdge(patientFaceRoute),
});

app.http('compatibility-patient-search', {
  route: patientSearchFaceRoute.name,
  methods: ['GET', 'HEAD'],
  authLevel: 'anonymous', // as above
  handler: httpEdge(patientSearchFaceRoute),
});

app.http('compatibility-health', {
  route: '_health',
  methods: ['GET', 'HEAD'],
  authLevel: 'anonymous',
  handler: openEdge(healthFaceHandler),
});
