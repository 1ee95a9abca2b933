/** The telemetry of this process, as its settings ask for it. */
import { randomUUID } from 'node:crypto';
import cosmos from '../../../infra/topology/cosmos.json' with { type: 'json' };
import manifest from '../../../package.json' with { type: 'json' };
import type { ExportTargets } from '../../adapters/telemetry/exporters.js';
import { errors } from '../../core/errors.js';
import { roles } from '../../core/governance/access.js';
import { decisionReasons } from '../../core/governance/decision-reasons.js';
import { knownRoutes } from './http-requests.js';
import { createAllowance, metricDefinitions, meterName, type KnownValues } from './names.js';
import { createTelemetry, noTelemetry, type ObservedSums, type Telemetry } from './telemetry.js';

export interface TelemetrySettings extends ExportTargets {
  /** Share of traces that is sent, 0 to 1. Metrics count everything all the same. */
  readonly traceRatio: number;
  /** Between two exports of metrics, in milliseconds. */
  readonly metricIntervalMs: number;
}

/** @param feeds ids of the configured feeds */
export function openProcessTelemetry(
  settings: TelemetrySettings,
  feeds: Iterable<string>,
  sums: ObservedSums,
): Telemetry {
  if (settings.otlpEndpoint === undefined && settings.applicationInsights === undefined) return noTelemetry;
  const open = async () => {
    // The exporter of Azure Monitor sends its maker statistics about itself, unless the environment says no.
    process.env['APPLICATION_INSIGHTS_NO_STATSBEAT'] ??= 'true';
    const { openTelemetry } = await import('../../adapters/telemetry/open-telemetry.js');
    return openTelemetry({
      ...settings,
      serviceName: manifest.name,
      serviceVersion: manifest.version,
      instanceId: randomUUID(),
      meter: meterName,
      metrics: metricDefinitions,
    });
  };
  return createTelemetry(open, (onRejected) => createAllowance(knownValues(feeds), onRejected), sums);
}

/** What attributes may say because the process knows it. */
export function knownValues(feeds: Iterable<string>): KnownValues {
  const codes = Object.keys(errors);
  return {
    containers: new Set(cosmos.containers.map(({ name }) => name)),
    errors: new Set(codes),
    feeds: new Set(feeds),
    reasons: new Set([...codes, ...roles.map((role) => `role-${role}`), ...Object.keys(decisionReasons)]),
    routes: knownRoutes,
  };
}
