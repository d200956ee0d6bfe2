import { MeterProvider, MetricReader, type MetricData } from '@opentelemetry/sdk-metrics';

/** Collects when a test asks. */
class Reader extends MetricReader {
  protected async onForceFlush(): Promise<void> {}

  protected async onShutdown(): Promise<void> {}
}

export type Numbers = Readonly<Record<string, number>>;

/** A meter provider of a test, and what it has collected. */
export class Collector {
  private readonly reader = new Reader();
  readonly provider = new MeterProvider({ readers: [this.reader] });

  /** All metrics as they are now. */
  async metrics(): Promise<MetricData[]> {
    const { resourceMetrics, errors } = await this.reader.collect();
    if (errors.length) throw errors[0];
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  /** The numbers of one metric, by the values of its attributes (without the session's name), such as `logout`. A histogram gives
   *  how often it was recorded. */
  async numbers(name: string): Promise<Numbers> {
    const found = (await this.metrics()).find(({ descriptor }) => descriptor.name === name);
    const points = (found?.dataPoints ?? []).map(({ attributes, value }) => {
      const rest = Object.entries(attributes).filter(([key]) => !key.endsWith('session.name'));
      const key = rest
        .toSorted(([one], [other]) => one.localeCompare(other))
        .map(([, text]) => String(text))
        .join(' ');
      return [key, typeof value === 'number' ? value : value.count] as const;
    });
    return Object.fromEntries(points);
  }

  /** The same without what is 0. */
  async counted(name: string): Promise<Numbers> {
    return Object.fromEntries(Object.entries(await this.numbers(name)).filter(([, count]) => count !== 0));
  }
}
