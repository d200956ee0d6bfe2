import type { HealthFinding, HealthStatus } from './session-health.interface.js';

/** One part of a report, judged. */
export interface HealthPart<F extends { readonly status: HealthStatus }> {
  readonly facts: F;
  readonly findings: readonly HealthFinding[];
}
