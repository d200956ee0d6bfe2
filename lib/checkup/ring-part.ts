import type { SessionManager } from '../manager/session-manager.js';
import type { RingProcess } from '../ring/ring-process.interface.js';
import type { HealthPart } from './health-part.interface.js';
import { finding, worstOf } from './health-rules.js';
import type { HealthFinding, SessionHealth } from './session-health.interface.js';

/** Judges what the processes of the managed rings have reported. */
export function ringPart({ profiles }: SessionManager): HealthPart<SessionHealth['ring']> {
  const rings = [...new Set(profiles.flatMap(({ crypto }) => crypto.native?.managed ?? []))];
  const states = rings.map(({ state }) => state);
  const findings = states.flatMap(({ processes, storeNow }) =>
    processes.flatMap((process) => findingsOf(process, storeNow!)),
  );
  const status = worstOf(findings.map((one) => one.status));
  const processes = states.flatMap((state) => state.processes);
  return { facts: { status, managed: rings.length > 0, processes }, findings };
}

function findingsOf(one: RingProcess, now: Date): HealthFinding[] {
  if (one.state === 'agrees') return [];
  const facts = {
    process: one.label || one.id,
    what: whatOf(one),
    code: one.fault,
    seconds: Math.round((now.getTime() - one.reportedAt.getTime()) / 1000),
  };
  return [finding(`ring-${one.state}`, facts)];
}

function whatOf({ lacks, keeps, seals }: RingProcess): string {
  const said = [
    ...(lacks.length ? [`it lacks the keys ${lacks.join(', ')}`] : []),
    ...(keeps.length ? [`it still opens the revoked keys ${keeps.join(', ')}`] : []),
  ];
  return said.join(', and ') || `it seals by the key ${seals}`;
}
