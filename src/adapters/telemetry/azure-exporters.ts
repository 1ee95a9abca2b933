/** The exporters of Azure Monitor. Apart, so that they load when they are needed. */
import { AzureMonitorMetricExporter, AzureMonitorTraceExporter } from '@azure/monitor-opentelemetry-exporter';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { SpanExporter } from '@opentelemetry/sdk-trace-base';

/** A resource of Application Insights. */
export interface ApplicationInsights {
  readonly connectionString: string;
  /** Client id of the managed identity that may send there; undefined where the resource asks for none. */
  readonly identity?: string | undefined;
}

export const azureSpans = async (target: ApplicationInsights): Promise<SpanExporter> =>
  new AzureMonitorTraceExporter(await optionsFor(target));

export const azureMetrics = async (target: ApplicationInsights): Promise<PushMetricExporter> =>
  new AzureMonitorMetricExporter(await optionsFor(target));

async function optionsFor({ connectionString, identity }: ApplicationInsights) {
  // What cannot be sent is not kept: the disk of an instance is gone with it.
  const options = { connectionString, disableOfflineStorage: true };
  if (identity === undefined) return options;
  const { ManagedIdentityCredential } = await import('@azure/identity');
  return { ...options, credential: new ManagedIdentityCredential({ clientId: identity }) };
}
