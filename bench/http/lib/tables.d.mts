import type { Goal } from './goals.mjs';
export function table(heads: readonly string[], rows: readonly (readonly unknown[])[]): string;
export function goalTable(rows: readonly Goal[]): string;
export function madeOf(head: object, processes?: number): string;
