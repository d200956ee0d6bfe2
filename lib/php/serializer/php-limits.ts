/** What a session may take before it is read. */
export interface PhpLimits {
  /** Bytes.
   *  @default 1048576 */
  readonly size: number;
  /** Arrays and objects inside one another.
   *  @default 4096
   *  @see PHP `unserialize_max_depth` */
  readonly depth: number;
  /** Values altogether, nested ones included.
   *  @default 100000 */
  readonly values: number;
}

export const PHP_LIMITS: PhpLimits = Object.freeze({ size: 1_048_576, depth: 4096, values: 100_000 });
