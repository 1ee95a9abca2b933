/** Whatever no other function answers: an address that does not exist, or not for this method. */
import { app } from '@azure/functions';
import { notFoundHandler } from '../src/platform/http.js';
import { openEdge } from '../src/platform/security-headers.js';

app.http('not-found', {
  route: '{*path}',
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  authLevel: 'anonymous', // there is nothing to protect
  handler: openEdge(notFoundHandler),
});
