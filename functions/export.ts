/** Clients take records in bulk: `/fhir/$export`, `/fhir/Patient/$export`, and what became of it (docs/guides/export.md). */
import { app, type HttpMethod } from '@azure/functions';
import {
  exportFileRoute,
  exportRoute,
  groupExportRoute,
  patientExportRoute,
  systemExportRoute,
} from '../src/platform/export.js';
import { httpEdge, type Route } from '../src/platform/http.js';

function register(name: string, methods: HttpMethod[], route: Route): void {
  app.http(name, {
    route: route.name,
    methods,
    authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
    handler: httpEdge(route),
  });
}

register('export-system', ['GET', 'POST'], systemExportRoute);
register('export-patients', ['GET', 'POST'], patientExportRoute);
register('export-group', ['GET', 'POST'], groupExportRoute);
register('export-status', ['GET', 'DELETE'], exportRoute);
register('export-file', ['GET'], exportFileRoute);
