/** Operators find, read, correct, resubmit and dismiss messages: `/triage/...` (docs/operations/triage.md). */
import { app, type HttpMethod } from '@azure/functions';
import { httpEdge, type Route } from '../src/platform/http.js';
import {
  triageCorrectRoute,
  triageDismissRoute,
  triageListRoute,
  triageMessageRoute,
  triageResubmitManyRoute,
  triageResubmitRoute,
  triageSearchRoute,
} from '../src/platform/triage.js';

function register(name: string, method: HttpMethod, route: Route): void {
  app.http(name, {
    route: route.name,
    methods: [method],
    authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
    handler: httpEdge(route),
  });
}

register('triage-list', 'GET', triageListRoute);
register('triage-search', 'POST', triageSearchRoute);
register('triage-message', 'GET', triageMessageRoute);
register('triage-resubmit', 'POST', triageResubmitRoute);
register('triage-correct', 'POST', triageCorrectRoute);
register('triage-dismiss', 'POST', triageDismissRoute);
register('triage-resubmit-many', 'POST', triageResubmitManyRoute);
