export interface Frame {
  readonly functionName: string;
  readonly url: string;
}
export function areaOf(frame: Frame): string;
export function areasOf(
  profile: { nodes: { id: number; callFrame: Frame }[]; samples: number[]; timeDeltas: number[] },
  requests: number,
): Map<string, number>;
export function areaTable(workload: string, servers: { name: string; areas: Map<string, number> }[]): string;
