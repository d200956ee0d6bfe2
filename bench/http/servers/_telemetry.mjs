// Ours with an OpenTelemetry SDK as an application has it: every request has a span, and metrics are exported every two seconds,
// to nowhere. BENCH_TELEMETRY says what SessionTelemetryModule adds: off, metrics, or both. BENCH_SAMPLED is the share of the
// requests whose spans are recorded.
import { context, metrics, SpanKind, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AggregationTemporality, MeterProvider, PeriodicExportingMetricReader } from '@opentelemetry/sdk-metrics';
import { BasicTracerProvider, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import { start } from './_app.mjs';
import { sessionModule } from './_ours.mjs';
import { SessionService } from '../../../dist/lib/index.js';
import { SessionTelemetryModule } from '../../../dist/lib/telemetry/index.js';

const nowhere = { export: (_, done) => done({ code: 0 }), forceFlush: async () => {}, shutdown: async () => {}, selectAggregationTemporality: () => AggregationTemporality.CUMULATIVE };
context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
const reader = new PeriodicExportingMetricReader({ exporter: nowhere, exportIntervalMillis: 2000, exportTimeoutMillis: 1000 });
metrics.setGlobalMeterProvider(new MeterProvider({ readers: [reader] }));
const sampler = new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(Number(process.env.BENCH_SAMPLED ?? 0)) });
trace.setGlobalTracerProvider(new BasicTracerProvider({ sampler, spanProcessors: [new BatchSpanProcessor(nowhere)] }));

/** What the instrumentation of `http` does. */
function withSpans(server) {
  const tracer = trace.getTracer('http');
  const emit = server.emit.bind(server);
  server.emit = (event, request, response) => {
    if (event !== 'request') return emit(event, request, response);
    const span = tracer.startSpan('GET', { kind: SpanKind.SERVER, attributes: { 'http.request.method': 'GET' } });
    response.once('close', () => span.end());
    return context.with(trace.setSpan(context.active(), span), () => emit(event, request, response));
  };
}

let sessions;
const current = () => sessions.current();
const ops = {
  read: async () => (await current()).get('n'),
  bump: async () => (await current()).increment('n'),
  create: async (_q, _s, user) => { const s = await current(); s.set('user', user); s.set('n', 100000); },
  add: async () => {},
  keys: async () => [],
};

const ADDED = { off: [], metrics: [{ traces: false }], both: [{}] }[process.env.BENCH_TELEMETRY ?? 'off'];
export const observed = (platform, store) => start({
  platform, ops,
  imports: [sessionModule(store), ...ADDED.map(options => SessionTelemetryModule.forRoot(options))],
  install: app => { sessions = app.get(SessionService); withSpans(app.getHttpServer()); },
});
