/** Load balancers and people ask whether the exchange works: `GET /health`, `/health/live`, `/health/ready`. */
import { app } from '@azure/functions';
import { healthHandler } from '../src/platform/health.js';
import { openEdge } from '../src/platform/security-headers.js';

app.http('health', {
  route: 'health/{kind?}',
  methods: ['GET', 'HEAD'],
  authLevel: 'anonymous',
  handler: openEdge(healthHandler),
});
