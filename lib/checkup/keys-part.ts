import { hintText } from '../crypto/key-hint.js';
import { keysNow } from '../manager/keys-now.js';
import type { CryptoParts } from '../manager/open-crypto.js';
import { keysMessageOf } from '../manager/safe-message.js';
import type { SessionManager } from '../manager/session-manager.js';
import { sealingKey } from '../ring/ring-plan.js';
import type { RingState } from '../ring/ring-record.js';
import type { HealthPart } from './health-part.interface.js';
import { finding, sharedStatus, worstOf } from './health-rules.js';
import type { HealthFinding, KeysFacts, SessionHealth } from './session-health.interface.js';

/** Seconds by which a key may seal longer than `rotation` before somebody has to look. */
const PATIENCE = 3600;

/** Seconds for which rows may be unread beyond two intervals. */
const READ_MARGIN = 10;

/** Judges the keys of all sets of options. */
export function keysPart({ profiles }: SessionManager): HealthPart<SessionHealth['keys']> {
  const sets = new Map(
    profiles.map(({ crypto, options }) => [crypto, options.crypto.format?.name ?? 'native']),
  );
  const judged = [...sets].map(([crypto, format]) => judgeKeys(crypto, format));
  const rings = judged.map(({ facts }) => facts);
  const status = sharedStatus(rings.map((one) => one.status));
  return { facts: { status, rings }, findings: judged.flatMap(({ findings }) => findings) };
}

function judgeKeys({ keys, native }: CryptoParts, format: string): HealthPart<KeysFacts> {
  const ring = native?.managed?.state;
  const source = keys.sourceState;
  const failed = source?.failed ?? ring?.failed;
  const count = keysNow(keys).length;
  const first = native && keysNow(native.keys)[0];
  const age = ring ? sealingAge(ring, first?.hint) : source?.changedAgo;
  const facts = {
    format,
    managed: ring !== undefined,
    keys: count,
    seals: first && hintText(first.hint),
    age: count ? age : undefined,
    sources: source?.sources ?? [],
    readAgo: ring ? ring.readAgo : source?.readAgo,
    failure: failed && keysMessageOf(failed.error),
  };
  const findings = [...findingsOf(facts, ring)];
  return { facts: { status: worstOf(findings.map(({ status }) => status)), ...facts }, findings };
}

function* findingsOf(
  { keys, age = 0, readAgo = Infinity, seals, failure }: Omit<KeysFacts, 'status'>,
  ring: RingState | undefined,
): Generator<HealthFinding> {
  if (!keys) return yield finding('keys-none', { failure: failure ?? 'the keys are not read yet' });
  const isLate = ring !== undefined && readAgo > 2 * ring.interval + READ_MARGIN;
  if (failure !== undefined || isLate) {
    const what = failure ?? 'their store was not read';
    yield finding('keys-failing', { seconds: Math.round(readAgo), failure: what });
  }
  if (ring && age > ring.rotation + PATIENCE)
    yield finding('keys-rotation-overdue', { hint: seals, age: Math.round(age), rotation: ring.rotation });
}

/** Seconds for which the key with the hint `seals` has sealed, by the store's clock. A process that cannot read the rows may seal by
 *  a key that is published in them. */
function sealingAge({ rows, storeNow }: RingState, seals: number | undefined): number | undefined {
  const key = sealingKey(rows) && rows.find(({ hint }) => hint === seals);
  return key && storeNow && Math.max(0, (storeNow.getTime() - key.sealsAt.getTime()) / 1000);
}
