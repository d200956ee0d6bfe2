import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { ATTRIBUTES, METRICS } from '../../lib/telemetry/metric-names.js';

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8');
const page = read('docs/telemetry.md');
const metrics = Object.values(METRICS);

/** The names as `@opentelemetry/exporter-prometheus` writes them. */
const prometheusNames = new Set(
  metrics.flatMap(({ name, kind }) => {
    const plain = name.replaceAll('.', '_');
    if (kind === 'counter') return [`${plain}_total`];
    return kind === 'histogram' ? ['bucket', 'count', 'sum'].map((end) => `${plain}_${end}`) : [plain];
  }),
);
const labels = new Set([
  ...Object.values(ATTRIBUTES).map((name) => name.replaceAll('.', '_')),
  'otel_scope_name',
]);
const unknownIn = (text: string) =>
  [...text.matchAll(/\b(?:nestjs_session_crypto|db_client|db|error)_\w+/g)]
    .map(([name]) => name)
    .filter((name) => !prometheusNames.has(name) && !labels.has(name));

describe('docs/telemetry.md', () => {
  it('lists every metric with its kind and unit', () => {
    const rows = [...page.matchAll(/^\| `([\w.]+)` +\| ([\w -]+?) +\| `([^`]+)` +\| ([^|]*)\|/gm)];
    expect(rows.map(([, name, kind, unit]) => ({ name, kind, unit }))).toEqual(
      Object.values(METRICS).map(({ name, kind, unit }) => ({ name, kind, unit })),
    );
    const named = rows.flatMap(([, , , , cell]) => [...cell!.matchAll(/`([^`]+)`/g)].map(([, one]) => one!));
    const known: readonly string[] = Object.values(ATTRIBUTES);
    expect(named.filter((one) => !known.includes(one))).toEqual([]);
  });

  it('shows the file that serves the metrics', () => {
    expect(page).toContain(read('docs/prometheus/otel.mjs'));
  });
});

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly gridPos: Readonly<Record<'x' | 'y' | 'w' | 'h', number>>;
  readonly targets: readonly { readonly expr: string }[];
}

describe('the dashboard for Grafana', () => {
  const { panels } = JSON.parse(read('docs/grafana/sessions.json')) as { panels: Panel[] };
  const queries = panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));

  it('asks for metrics and labels that exist', () => {
    expect(queries.length).toBeGreaterThan(20);
    expect(queries.flatMap(unknownIn)).toEqual([]);
  });

  it('shows every metric', () => {
    const shown = (name: string) => queries.some((query) => query.includes(name.replaceAll('.', '_')));
    expect(metrics.filter(({ name }) => !shown(name)).map(({ name }) => name)).toEqual([]);
  });

  it('has panels that do not overlap', () => {
    const cells = panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, i) => `${x + (i % w)} ${y + Math.floor(i / w)}`),
    );
    expect(new Set(cells).size).toBe(cells.length);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    expect(Math.max(...panels.map(({ gridPos: { x, w } }) => x + w))).toBe(24);
  });
});

describe('the alerts for Prometheus', () => {
  it('ask for metrics and labels that exist', () => {
    expect(unknownIn(read('docs/prometheus/alerts.yml'))).toEqual([]);
  });
});
