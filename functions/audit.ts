/** Operators ask who saw what, and verify that nobody edited the answer: `/audit/...` (docs/reference/audit.md). */
import { app } from '@azure/functions';
import { auditEventsRoute } from '../src/platform/audit-events.js';
import { auditLinesRoute, auditSearchRoute } from '../src/platform/audit.js';
import { httpEdge } from '../src/platform/http.js';

app.http('audit-search', {
  route: auditSearchRoute.name,
  methods: ['POST'],
  authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
  handler: httpEdge(auditSearchRoute),
});

app.http('audit-lines', {
  route: auditLinesRoute.name,
  methods: ['POST'],
  authLevel: 'anonymous', // as above
  handler: httpEdge(auditLinesRoute),
});

app.http('audit-events', {
  route: auditEventsRoute.name,
  methods: ['GET', 'POST'],
  authLevel: 'anonymous', // as above
  handler: httpEdge(auditEventsRoute),
});
