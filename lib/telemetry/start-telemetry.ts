import type { Meter, Tracer } from '@opentelemetry/api';
import type { StoreHealth } from '../persistence/store-health.js';
import type { SessionService } from '../session.service.js';
import { countEvents } from './count-events.js';
import { openMetrics, observeStored } from './metric-instruments.js';
import { ATTRIBUTES, SCOPE, systemOf } from './metric-names.js';
import { showStores } from './show-stores.js';
import type { SessionMetrics } from './session-metrics.js';
import { SessionSpans } from './session-spans.js';
import { SpansOnlyProbe } from './spans-only.probe.js';
import type { SessionTelemetryOptions } from './telemetry.options.js';
import { TelemetryProbe } from './telemetry-probe.js';

type Api = typeof import('@opentelemetry/api');

/** The sessions of one `forRoot`. */
export interface ObservedSessions {
  readonly name: string;
  /** The kind of the store. */
  readonly store: string;
  readonly service: SessionService;
  /** Of all its stores. */
  readonly health: readonly StoreHealth[];
}

/** What telemetry reports to; absent where it is switched off or nobody listens. */
export interface TelemetryTargets {
  readonly meter?: Meter;
  readonly tracer?: Tracer;
}

/** Finds the meter and the tracer. An SDK that is registered later is not found: meters of the API do not wait for one. */
export function findTargets(api: Api, options: SessionTelemetryOptions): TelemetryTargets {
  const meters = options.meterProvider ?? api.metrics.getMeterProvider();
  const tracers = options.tracerProvider ?? api.trace.getTracerProvider();
  const isNoop = (one: object) => one.constructor.name.startsWith('Noop');
  const { getDelegate } = tracers as { getDelegate?: () => object };
  const delegate = getDelegate?.call(tracers) ?? tracers;
  return {
    ...(options.metrics !== false && !isNoop(meters) && { meter: meters.getMeter(SCOPE) as Meter }),
    ...(options.traces !== false && !isNoop(delegate) && { tracer: tracers.getTracer(SCOPE) as Tracer }),
  };
}

/** Observes sessions until the answer is called. */
export function startTelemetry(
  api: Api,
  all: readonly ObservedSessions[],
  { meter, tracer }: TelemetryTargets,
  options: SessionTelemetryOptions,
): () => void {
  const opened = meter && openMetrics(meter);
  const stops = all.flatMap((one) => [
    observeSteps(api, one, opened?.metrics, tracer),
    ...(opened ? countAll(one, opened.metrics, options) : []),
    ...(meter && options.countSessions ? [countStored(meter, one)] : []),
  ]);
  return () => [...stops, ...(opened ? [opened.stop] : [])].forEach((stop) => stop());
}

function observeSteps(
  api: Api,
  { name, store, service }: ObservedSessions,
  metrics: SessionMetrics | undefined,
  tracer: Tracer | undefined,
): () => void {
  const system = systemOf(store);
  const spans = tracer && new SessionSpans(api, tracer, name, system);
  if (metrics) return service.observe(new TelemetryProbe(name, system, metrics, spans));
  return spans ? service.observe(new SpansOnlyProbe(spans)) : () => undefined;
}

const countAll = (
  { name, service: { events }, health }: ObservedSessions,
  metrics: SessionMetrics,
  options: SessionTelemetryOptions,
): (() => void)[] => [
  countEvents(name, events, metrics, options),
  showStores(name, events, metrics.storeUp, health),
];

const countStored = (meter: Meter, { name, service }: ObservedSessions): (() => void) =>
  observeStored(meter, () => service.count({ estimate: true }), { [ATTRIBUTES.session]: name });
