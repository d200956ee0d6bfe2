import type { Meter, MetricOptions, Observable } from '@opentelemetry/api';
import { METRICS, SECONDS, type MetricSpec } from './metric-names.js';
import { SessionMetrics } from './session-metrics.js';
import type { Tally } from './tally.js';

/** The metrics of a meter, and what ends them. */
export interface OpenedMetrics {
  readonly metrics: SessionMetrics;
  stop(): void;
}

/** Makes the instruments. OpenTelemetry reads all but the histograms when it collects. */
export function openMetrics(meter: Meter): OpenedMetrics {
  const histogram = ({ name, ...spec }: MetricSpec) =>
    meter.createHistogram(name, { ...optionsOf(spec), advice: { explicitBucketBoundaries: SECONDS } });
  const metrics = new SessionMetrics(histogram(METRICS.store), histogram(METRICS.waits));
  const tallies = Object.entries(metrics).filter(
    (entry): entry is [keyof typeof METRICS, Tally] => 'read' in Object(entry[1]),
  );
  const read = tallies.map(([name, tally]) => ({ tally, instrument: observableOf(meter, METRICS[name]) }));
  const collect: Parameters<Meter['addBatchObservableCallback']>[0] = (result) => {
    for (const { tally, instrument } of read)
      tally.read((value, attributes) => result.observe(instrument, value, attributes));
  };
  const instruments = read.map(({ instrument }) => instrument);
  meter.addBatchObservableCallback(collect, instruments);
  return { metrics, stop: () => meter.removeBatchObservableCallback(collect, instruments) };
}

/** Counts the live sessions at each collection. A count that fails gives no number. */
export function observeStored(
  meter: Meter,
  count: () => Promise<number>,
  attributes: Record<string, string>,
): () => void {
  const gauge = observableOf(meter, METRICS.stored);
  const collect: Parameters<Observable['addCallback']>[0] = async (result) => {
    const live = await count().catch(() => undefined);
    if (live !== undefined) result.observe(live, attributes);
  };
  gauge.addCallback(collect);
  return () => gauge.removeCallback(collect);
}

const optionsOf = ({ unit, description }: Omit<MetricSpec, 'name'>): MetricOptions => ({ unit, description });

function observableOf(meter: Meter, { name, kind, ...spec }: MetricSpec): Observable {
  const options = optionsOf({ kind, ...spec });
  if (kind === 'gauge') return meter.createObservableGauge(name, options);
  if (kind === 'up-down counter') return meter.createObservableUpDownCounter(name, options);
  return meter.createObservableCounter(name, options);
}
