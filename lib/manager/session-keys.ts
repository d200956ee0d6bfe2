import { checkNames, type OptionNames } from '../errors/check-names.js';
import { kindOf, SessionConfigError } from '../errors/session-config.error.js';
import { SessionStateError } from '../errors/session-state.error.js';
import { RingAdministration, type KeyInfo } from '../ring/ring-administration.js';
import { hasRows } from '../stores/all-rows.js';
import { storeRemedy } from '../stores/store-remedy.js';
import { resealRows, type ResealOptions } from './reseal-rows.js';
import type { SessionManager } from './session-manager.js';

const RESEAL: OptionNames<ResealOptions> = { batch: true, after: true, onProgress: true };

/** Sessions that one batch may read, at most. */
export const MAX_BATCH = 10_000;

/** The keys of a managed ring, for the people who run it: that of the base options. Without a managed ring, every method but
 *  {@link reseal} rejects with a SessionStateError (`ERR_SESSION_UNSUPPORTED`). A method that gets the id of a key rejects with
 *  `ERR_SESSION_KEY` if there is none, or if its state forbids what is asked. */
export class SessionKeys {
  constructor(private readonly manager: SessionManager) {}

  /** Resolves to all keys, the oldest first. */
  async list(): Promise<KeyInfo[]> {
    return this.ring.list();
  }

  /** Makes a key now, before its time. It is published, and seals after `publishLead`. */
  async add(): Promise<KeyInfo> {
    return this.ring.add();
  }

  /** Lets a published key seal at once, or two minutes after it was published: then every process knows it. */
  async promote(id: number): Promise<KeyInfo> {
    return this.ring.promote(id);
  }

  /** Lets a key seal no more. It opens until the longest session has ended. The key that seals gets a successor first, two minutes
   *  later. No session ends. */
  async retire(id: number): Promise<KeyInfo> {
    return this.ring.retire(id);
  }

  /** Destroys a key that somebody may have learned. Every session that it has sealed ends, on every server within a minute. */
  async revoke(id: number): Promise<KeyInfo> {
    return this.ring.revoke(id);
  }

  /** Seals anew every stored session that an old key or cipher has sealed, batch by batch. Resolves to their number. */
  async reseal(options: ResealOptions = {}): Promise<number> {
    checkNames('reseal()', options, RESEAL);
    checkBatch(options.batch);
    const profiles = this.manager.profiles.filter(({ store }) => canReseal(store.rows));
    if (!profiles.length) throw unsupported(cannotReseal(this.manager.base.store));
    return resealRows(profiles, options);
  }

  private get ring(): RingAdministration {
    const managed = this.manager.base.crypto.native?.managed;
    if (!managed) throw unsupported(NO_RING);
    return new RingAdministration(managed);
  }
}

function checkBatch(batch: unknown): void {
  if (batch === undefined) return;
  if (Number.isInteger(batch) && (batch as number) >= 1 && (batch as number) <= MAX_BATCH) return;
  const found = typeof batch === 'number' ? String(batch) : kindOf(batch);
  throw new SessionConfigError([
    { path: 'reseal() batch', message: `is ${found}; allowed is a whole number from 1 to ${MAX_BATCH}` },
  ]);
}

const NO_RING =
  'The key ring is not managed: its keys are crypto.secrets; write crypto.ring: managedRing({ store }) (docs/keys.md)';

/** A row is sealed anew under its version, as by a touch. */
const canReseal = (rows: SessionManager['base']['store']['rows']): boolean =>
  hasRows(rows) && rows.touch !== undefined;

const cannotReseal = (store: SessionManager['base']['store']): string =>
  `The store "${store.kind}" cannot seal sessions anew: ` +
  (store.kind === 'cookie' ? IN_COOKIE : storeRemedy(store, 'scan() or scanAll(), or no touch()'));

const IN_COOKIE = 'each is in its cookie, and its next request seals it anew; leave the call out';

const unsupported = (message: string) => new SessionStateError('ERR_SESSION_UNSUPPORTED', message);
