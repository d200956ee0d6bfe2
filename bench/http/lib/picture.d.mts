export interface Bar {
  readonly label: string;
  readonly value: number;
  readonly ours?: boolean;
}
export function bars(title: string, note: string, groups: readonly { title: string; bars: Bar[] }[]): string;
export interface Curve {
  readonly label: string;
  readonly ours?: boolean;
  readonly points: [number, number][];
}
export function lines(title: string, xTitle: string, series: readonly Curve[]): string;
