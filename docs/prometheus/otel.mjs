// Serves the metrics of the process to Prometheus. Load it before the application: node --import ./otel.mjs dist/main.js
import { metrics } from '@opentelemetry/api';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { MeterProvider } from '@opentelemetry/sdk-metrics';

const { METRICS_HOST: host = '127.0.0.1', METRICS_PORT: port = '9464' } = process.env;
const exporter = new PrometheusExporter({ host, port: Number(port) });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [exporter] }));
