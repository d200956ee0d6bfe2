/** One line of a journal. */
type Line = Readonly<Record<string, unknown>>;
export interface Broken {
  readonly rule: string;
  readonly detail: unknown;
}
export function check(lines: readonly Line[]): {
  broken: Broken[];
  stranded: Broken[];
  figures: Record<string, number>;
};
