/** A partner asks what became of a message: `GET /ingest/receipts/{id}`. */
import { app } from '@azure/functions';
import { httpEdge } from '../src/platform/http.js';
import { receiptRoute } from '../src/platform/receipts.js';

app.http('receipts', {
  route: 'ingest/receipts/{id}',
  methods: ['GET'],
  authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
  handler: httpEdge(receiptRoute),
});
