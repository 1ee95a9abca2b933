import { expect, test } from '@jest/globals';
import { healthReport } from '../../../src/platform/compatibility/health-face.js';

test('tells of each dependency in the words of HealthChecks.UI', () => {
  const report = healthReport({
    live: true,
    ready: false,
    dependencies: {
      cosmos: { status: 'up', durationMs: 12 },
      storage: { status: 'down', durationMs: 61_234 },
    },
  });
  expect(report).toEqual({
    status: 'Unhealthy',
    totalDuration: '00:01:01.2340000',
    entries: {
      cosmos: { data: {}, duration: '00:00:00.0120000', status: 'Healthy', tags: [] },
      storage: { data: {}, duration: '00:01:01.2340000', status: 'Unhealthy', tags: [] },
    },
  });
});
