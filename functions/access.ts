/** What governs access to records, and broken glass: `/access/...` (docs/reference/access-model.md, docs/guides/break-glass.md). */
import { app, type HttpMethod } from '@azure/functions';
import {
  breakGlassRoute,
  endProxyRoute,
  endRelationshipRoute,
  glassReviewRoute,
  glassSearchRoute,
  optOutsRoute,
  proxiesRoute,
  relationshipsRoute,
} from '../src/platform/access-routes.js';
import { recordViewsRoute } from '../src/platform/patient-view.js';
import { httpEdge, type Route } from '../src/platform/http.js';

function register(name: string, route: Route, method: HttpMethod = 'POST'): void {
  app.http(name, {
    route: route.name,
    methods: [method],
    authLevel: 'anonymous', // bearer tokens are checked in httpEdge, not function keys
    handler: httpEdge(route),
  });
}

register('access-opt-outs', optOutsRoute);
register('access-relationships', relationshipsRoute);
register('access-relationships-end', endRelationshipRoute);
register('access-proxies', proxiesRoute);
register('access-proxies-end', endProxyRoute);
register('access-break-glass', breakGlassRoute);
register('access-break-glass-search', glassSearchRoute);
register('access-break-glass-review', glassReviewRoute);
register('access-my-record-views', recordViewsRoute, 'GET');
