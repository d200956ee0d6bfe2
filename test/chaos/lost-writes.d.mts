import type { Broken } from './checker.mjs';

type Line = Readonly<Record<string, unknown>>;
export function rowOf(cookie: string): string;
export function tellApart(
  found: readonly Broken[],
  lines: readonly Line[],
): { broken: Broken[]; lost: Broken[] };
export function lostChanges(lost: readonly Broken[]): number;
export function halfMoves(lines: readonly Line[]): Broken[];
