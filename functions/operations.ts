/** Operators replay messages and balance the account of a feed: `/replay/...`, `/ledger/...`, `/reindex/...` (docs/operations). */
import { app } from '@azure/functions';
import { httpEdge } from '../src/platform/http.js';
import {
  ledgerArchiveRoute,
  ledgerReceiptsRoute,
  ledgerTakeInRoute,
  previewRoute,
  runRoute,
} from '../src/platform/operations.js';
import { reindexRoute } from '../src/platform/reindex.js';

const routes = {
  'replay-preview': previewRoute,
  'replay-run': runRoute,
  'ledger-receipts': ledgerReceiptsRoute,
  'ledger-archive': ledgerArchiveRoute,
  'ledger-take-in': ledgerTakeInRoute,
  'reindex-run': reindexRoute,
};

for (const [name, route] of Object.entries(routes)) {
  app.http(name, {
    route: route.name,
    methods: ['POST'],
    authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
    handler: httpEdge(route),
  });
}
