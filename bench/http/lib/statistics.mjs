// Pure arithmetic on the lines of a results file: medians within a process, between processes, and paired ratios.

export function median(values) {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  if (!sorted.length) return NaN;
  return (sorted[(sorted.length - 1) >> 1] + sorted[sorted.length >> 1]) / 2;
}

/** Median, and the largest and smallest as multiples of it. */
export function spread(values) {
  const middle = median(values);
  return { median: middle, high: Math.max(...values) / middle, low: Math.min(...values) / middle, count: values.length };
}

/** CPU of Node and of what it stores in, in microseconds for each request. */
export const total = ({ cpu, store }) => cpu + store;

const keyOf = ({ server, route, sessions }) => `${server}/${route}/${sessions}`;

function grouped(items, key) {
  const groups = new Map();
  for (const item of items) groups.set(key(item), [...(groups.get(key(item)) ?? []), item]);
  return groups;
}

/** The slices of one version of Node, ready for questions. */
export class Slices {
  #cells;
  #pace;

  constructor(lines, node) {
    this.slices = lines.filter((line) => line.kind === 'slice' && line.node === node);
    this.#cells = grouped(this.slices, keyOf);
    this.#pace = this.#paces();
  }

  of(server, route, sessions) {
    return this.#cells.get(keyOf({ server, route, sessions })) ?? [];
  }

  /** One figure for each process of a cell: the median of its rounds. */
  byProcess(server, route, sessions, figure = total) {
    const processes = grouped(this.of(server, route, sessions), ({ process }) => process);
    return new Map([...processes].map(([process, slices]) => [process, median(slices.map(figure))]));
  }

  /** How slow the machine was in each batch: the median, over all cells, of a cell's figure to its own median. One server in a bad
   *  state cannot move it, but a busy machine slows all. */
  #paces() {
    const ratios = new Map();
    for (const [{ server, route, sessions }] of this.#cells.values()) {
      const figures = this.byProcess(server, route, sessions);
      const middle = median([...figures.values()]);
      for (const [process, figure] of figures) ratios.set(process, [...(ratios.get(process) ?? []), figure / middle]);
    }
    return new Map([...ratios].map(([process, all]) => [process, median(all)]));
  }

  /** Microseconds: median and spread between the processes, each divided by the pace of its batch. */
  cell(server, route, sessions) {
    const figures = this.byProcess(server, route, sessions);
    return spread([...figures].map(([process, figure]) => figure / this.#pace.get(process)));
  }

  /** The median over processes of the median over rounds of ours / theirs, paired in the same round of the same batch. */
  ratio(ours, theirs, route, sessions) {
    const paired = this.of(ours, route, sessions).flatMap((slice) => {
      const other = this.of(theirs, route, sessions).find(({ process, round }) => process === slice.process && round === slice.round);
      return other ? [{ process: slice.process, ratio: total(slice) / total(other) }] : [];
    });
    const processes = grouped(paired, ({ process }) => process);
    return median([...processes.values()].map((all) => median(all.map(({ ratio }) => ratio))));
  }

  /** The median over all slices of a cell of one counter, as `sql` or `setCookie`. */
  counter(server, route, sessions, name) {
    return median(this.of(server, route, sessions).map((slice) => slice[name]));
  }

  get processes() {
    return new Set(this.slices.map(({ process }) => process)).size;
  }
}
