import { LIFETIME } from '../persistence/marks/mark-cache.js';
import type { ProfileStore } from '../manager/profile-store.js';
import type { SessionManager } from '../manager/session-manager.js';
import type { HealthPart } from './health-part.interface.js';
import { finding, sharedStatus, type HealthCode } from './health-rules.js';
import type { SessionHealth, StoreFacts } from './session-health.interface.js';
import { UNASKED, type AskedStore, type StoreAnswer } from './store-question.js';

/** Reports whether all profiles of a store go on without it. */
export const isAnonymous = ({ profiles }: SessionManager, store: ProfileStore): boolean =>
  profiles.filter((one) => one.store === store).every(({ options }) => options.onStoreDown === 'anonymous');

/** Judges the stores of sessions. A cookie is always there. */
export function storePart(asked: readonly AskedStore[]): HealthPart<SessionHealth['store']> {
  const judged = asked.map(({ store, answer, isAnonymous }) => {
    const { kind, rows, foreign, revocation } = store;
    const name = (rows ?? foreign)?.name ?? '';
    return judgeStore({ kind, name, use: 'store', isAnonymous }, revocation ? UNASKED : answer);
  });
  const stores = judged.map(({ facts }) => facts);
  const status = sharedStatus(stores.map((one) => one.status));
  return { facts: { status, stores }, findings: judged.flatMap(({ findings }) => findings) };
}

type Revocation = NonNullable<SessionHealth['revocation']>;

/** Judges the sources of revocations; `undefined` if there is none. */
export function revocationPart(asked: readonly AskedStore[]): HealthPart<Revocation> | undefined {
  const judged = asked.flatMap(({ store: { revocation }, answer, isAnonymous }) => {
    if (!revocation) return [];
    const { kind, name } = revocation.rows;
    const { marks, readAgo } = revocation.cache.state;
    const { facts, findings } = judgeStore({ kind, name, use: 'revocation', isAnonymous }, answer);
    return { facts: { ...facts, cacheFor: LIFETIME, cached: marks, readAgo }, findings };
  });
  if (!judged.length) return undefined;
  const sources = judged.map(({ facts }) => facts);
  const status = sharedStatus(sources.map((one) => one.status));
  return { facts: { status, sources }, findings: judged.flatMap(({ findings }) => findings) };
}

interface JudgedStore {
  readonly kind: string;
  readonly name: string;
  readonly use: 'store' | 'revocation';
  readonly isAnonymous: boolean;
}

/** A store that takes no writes because its own options say so is up. */
function judgeStore(
  { kind, name, use, isAnonymous }: JudgedStore,
  answer: StoreAnswer,
): HealthPart<StoreFacts> {
  const rule = ruleFor(answer, isAnonymous);
  const found = rule && finding(`${use}-${rule}`, { store: `${kind} "${name}"`, code: answer.code });
  const facts = { status: found?.status ?? ('up' as const), kind, name, ...answer };
  return { facts, findings: found ? [found] : [] };
}

type StoreRule = HealthCode extends infer C ? (C extends `store-${infer R}` ? R : never) : never;

function ruleFor({ access, code }: StoreAnswer, isAnonymous: boolean): StoreRule | undefined {
  if (access === 'late') return 'slow';
  if (access === 'none') return isAnonymous ? 'down-anonymous' : 'down';
  return access === 'reads' && code !== undefined ? 'read-only' : undefined;
}
