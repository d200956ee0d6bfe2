import { html, type Html } from './html.js';

/** Size of a chart in its own units. It is stretched to the width of its place. */
const WIDTH = 720;
const HEIGHT = 100;

/** One series of a chart, the oldest value first. `undefined`: nobody knows. */
export type Series = readonly (number | undefined)[];

const largest = (all: readonly Series[]): number => Math.max(0, ...all.flat().map((value) => value ?? 0));
const round = (value: number): string => String(Math.round(value * 10) / 10);

/** Draws bars from a base line; those of `below` hang down from it. `label` says what a reader who sees no picture needs. */
export function bars(label: string, above: Series, below?: Series): Html {
  const top = Math.max(1, largest([above, below ?? []]));
  const room = below ? HEIGHT / 2 : HEIGHT;
  return svg(
    label,
    html`${below && html`<path class="soft" d="${barPath(below, room, room / top)}" />`}<path
        class="ink"
        d="${barPath(above, room, -room / top)}"
      />${below && html`<path class="base" d="M0 ${room}h${WIDTH}" />`}`,
  );
}

/** Draws a line, above it a second one in a softer colour, and fills what is below the first. */
export function lines(label: string, main: Series, upper?: Series): Html {
  const scale = HEIGHT / Math.max(1e-9, 1.05 * largest([main, upper ?? []]));
  return svg(
    label,
    html`${upper && html`<path class="soft line" d="${linePath(upper, scale)}" />`}<path
        class="area"
        d="${areaPath(main, scale)}"
      /><path class="ink line" d="${linePath(main, scale)}" />`,
  );
}

const svg = (label: string, content: Html): Html =>
  html`<svg role="img" aria-label="${label}" viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none">
    <path class="base" d="M0 ${HEIGHT}h${WIDTH}" />
    ${content}
  </svg>`;

function barPath(values: Series, base: number, scale: number): string {
  const width = WIDTH / values.length;
  const bar = (value: number | undefined, i: number) =>
    value ? `M${round(i * width + 1)} ${base}v${round(value * scale)}h${round(width - 2)}V${base}z` : '';
  return values.map(bar).join('');
}

/** Gaps in the series are gaps in the line; a value between two gaps is a dot. */
function linePath(values: Series, scale: number): string {
  return runsOf(values)
    .map(
      (run) =>
        run.map(([i, value], n) => `${n ? 'L' : 'M'}${point(values, i, value, scale)}`).join('') +
        (run[1] ? '' : 'h1'),
    )
    .join('');
}

function areaPath(values: Series, scale: number): string {
  return runsOf(values)
    .map((run) => {
      const [first, last] = [run[0]![0], run.at(-1)![0]];
      const corners = run.map(([i, value]) => `L${point(values, i, value, scale)}`).join('');
      return `M${xOf(values, first)} ${HEIGHT}${corners}L${xOf(values, last)} ${HEIGHT}z`;
    })
    .join('');
}

const xOf = (values: Series, i: number): string => round(((i + 0.5) * WIDTH) / values.length);
const point = (values: Series, i: number, value: number, scale: number): string =>
  `${xOf(values, i)} ${round(HEIGHT - value * scale)}`;

/** Returns the stretches of known values, each with its place. */
function runsOf(values: Series): [place: number, value: number][][] {
  const runs: [number, number][][] = [];
  for (const [i, value] of values.entries()) {
    if (value === undefined) continue;
    if (i && values[i - 1] !== undefined && runs.length) runs.at(-1)!.push([i, value]);
    else runs.push([[i, value]]);
  }
  return runs;
}
