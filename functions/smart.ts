/** Backend services get tokens: `/smart/...`, and learn where (docs/guides/authentication.md). */
import { app } from '@azure/functions';
import { httpEdge } from '../src/platform/http.js';
import { smartConfigurationRoute, smartJwksRoute, smartTokenRoute } from '../src/platform/smart.js';

app.http('smart-token', {
  route: smartTokenRoute.name,
  methods: ['POST'],
  authLevel: 'anonymous', // the client's assertion is checked in the use case
  handler: httpEdge(smartTokenRoute),
});

app.http('smart-jwks', {
  route: smartJwksRoute.name,
  methods: ['GET'],
  authLevel: 'anonymous', // public keys
  handler: httpEdge(smartJwksRoute),
});

app.http('smart-configuration', {
  route: smartConfigurationRoute.name,
  methods: ['GET'],
  authLevel: 'anonymous', // clients ask it before they have a token
  handler: httpEdge(smartConfigurationRoute),
});
