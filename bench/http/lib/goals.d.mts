import type { Slices } from './statistics.mjs';
export interface Goal {
  readonly what: string;
  readonly against: string;
  readonly labels: string[];
  readonly most: number[];
  readonly measured: number[];
  readonly verdict: string;
}
export function goals(lines: readonly object[], node: number, slices: Slices, sessions: number): Goal[];
export function memoryRows(lines: readonly object[]): Goal[];
