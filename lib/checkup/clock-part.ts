import type { ProfileStore } from '../manager/profile-store.js';
import type { SessionManager } from '../manager/session-manager.js';
import type { HealthPart } from './health-part.interface.js';
import { finding } from './health-rules.js';
import type { SessionHealth } from './session-health.interface.js';
import type { AskedStore } from './store-question.js';

/** Seconds by which the clocks of process and store may differ. */
const MAX_OFFSET = 5;

/** Compares the clock of the process (milliseconds since 1970) with those of all stores that have answered. */
export function clockPart(
  manager: SessionManager,
  asked: readonly AskedStore[],
  wall: number,
): HealthPart<SessionHealth['clock']> {
  const heard = asked.filter(({ answer }) => answer.access === 'writes' || answer.access === 'reads');
  const times = [...heard.flatMap(({ store }) => timeOf(store)), ...keyStoreTimes(manager)];
  const offsets = times.map((time) => (wall - time) / 1000);
  const offset = offsets.toSorted((a, b) => Math.abs(b) - Math.abs(a))[0];
  const isWrong = offset !== undefined && Math.abs(offset) > MAX_OFFSET;
  const direction = (offset ?? 0) > 0 ? 'ahead of' : 'behind';
  const seconds = Math.round(Math.abs(offset ?? 0));
  return {
    facts: { status: isWrong ? 'degraded' : 'up', offset },
    findings: isWrong ? [finding('clock-offset', { offset: seconds, direction })] : [],
  };
}

const timeOf = ({ rows, foreign, revocation }: ProfileStore): number[] => {
  const clock = rows ?? foreign ?? revocation?.rows;
  return clock ? numberOf(() => clock.now()) : [];
};

/** A store of the application may throw, or tell no time; its part says then what is wrong. */
function numberOf(now: () => Date): number[] {
  try {
    return [Number(now())].filter(Number.isFinite);
  } catch {
    return [];
  }
}

/** The clocks of the stores of managed rings. */
const keyStoreTimes = ({ profiles }: SessionManager): number[] =>
  profiles.flatMap(({ crypto }) => {
    const now = crypto.native?.managed?.state.storeNow;
    return now ? numberOf(() => now) : [];
  });
