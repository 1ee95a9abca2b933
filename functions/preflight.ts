/** Browsers ask whether a web application of another origin may call: `OPTIONS`, at any address. */
import { app } from '@azure/functions';
import { preflightHandler } from '../src/platform/cors.js';
import { openEdge } from '../src/platform/security-headers.js';

app.http('preflight', {
  route: '{*path}',
  methods: ['OPTIONS'],
  authLevel: 'anonymous', // browsers send no token with the question
  handler: openEdge(preflightHandler),
});
