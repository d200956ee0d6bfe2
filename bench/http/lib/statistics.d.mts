export interface Slice {
  readonly kind: string;
  readonly node: number;
  readonly process: number;
  readonly round: number;
  readonly server: string;
  readonly route: string;
  readonly sessions: number;
  readonly cpu: number;
  readonly store: number;
  readonly [counter: string]: unknown;
}
export interface Spread {
  readonly median: number;
  readonly high: number;
  readonly low: number;
  readonly count: number;
}
export function median(values: readonly number[]): number;
export function spread(values: readonly number[]): Spread;
export class Slices {
  constructor(lines: readonly object[], node: number);
  readonly slices: Slice[];
  readonly processes: number;
  cell(server: string, route: string, sessions: number): Spread;
  ratio(ours: string, theirs: string, route: string, sessions: number): number;
  counter(server: string, route: string, sessions: number, name: string): number;
}
