import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

const exporter = new PrometheusExporter({ preventServerStart: true });
const serializer = new PrometheusSerializer();

/** What SessionTelemetryModule reports to: one for the process, as OpenTelemetry has it. */
export const METER_PROVIDER = new MeterProvider({ readers: [exporter] });

/** Collects the metrics, and resolves to the text that Prometheus reads. */
export async function prometheusText(): Promise<string> {
  const { resourceMetrics } = await exporter.collect();
  return serializer.serialize(resourceMetrics);
}
