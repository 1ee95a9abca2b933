/** A partner posts a message: `POST /ingest/{feed}`. */
import { app } from '@azure/functions';
import { httpEdge } from '../src/platform/http.js';
import { ingestRoute } from '../src/platform/ingest.js';

app.http('ingest', {
  route: 'ingest/{feed}',
  methods: ['POST'],
  authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
  handler: httpEdge(ingestRoute),
});
