import type { LineFields, LineName } from '../errors/log-lines.js';
import type { SessionEvents, WatchedStore } from '../persistence/session-events.js';
import { isOutage } from '../persistence/store-health.js';
import { outageText } from '../stores/outage-text.js';

/** Writes that a part is away or back. */
export type SayState = (part: string, line: LineName, message: string, fields?: LineFields) => void;

const STORES: Readonly<Record<WatchedStore, string>> = {
  sessions: 'session store',
  revocations: 'store of revocations',
  'remember-me': 'store of remember-me',
};

/** Says in the log which part is away or back: the stores, the driver, the removal of what has expired. */
export class PartLines {
  private readonly down = new Map<WatchedStore, number>();
  private pruneFault: string | undefined;

  constructor(private readonly say: SayState) {}

  listen(events: SessionEvents): void {
    events
      .on('storeDown', ({ code, store }) => {
        this.down.set(store, (this.down.get(store) ?? 0) + 1);
        const message = `The ${STORES[store]} does not respond: ${outageText(code)}`;
        this.say(store, 'storeDown', message, { store, code });
      })
      .on('storeUp', ({ store }) => this.storeUp(store))
      .on('driverDown', ({ code }) => {
        const message = `The cryptographic driver cannot use its keys (${code}); requests get 503`;
        this.say('driver', 'driverDown', message, { code });
      })
      .on('driverUp', () => this.say('driver', 'driverUp', 'The cryptographic driver works again'))
      .on('pruneFailed', ({ code }) => this.pruneFailed(code))
      .on('pruned', ({ rows }) => {
        if (this.pruneFault) this.say('prune', 'pruneWorks', 'What has expired is removed again', { rows });
        this.pruneFault = undefined;
      });
  }

  /** Contexts can have stores of their own, which are down one by one. */
  private storeUp(store: WatchedStore): void {
    const left = Math.max(0, (this.down.get(store) ?? 0) - 1);
    this.down.set(store, left);
    const message = left
      ? `One ${STORES[store]} responds again, and ${left} ${left === 1 ? 'does' : 'do'} not yet`
      : `The ${STORES[store]} responds again`;
    this.say(store, 'storeUp', message, { store, ...(left > 0 && { down: left }) });
  }

  /** Says once why pruning fails. An outage has been told by storeDown. */
  private pruneFailed(code: string): void {
    if (isOutage(code) || code === this.pruneFault) return;
    this.pruneFault = code;
    const message = `What has expired could not be removed (${code}); the table grows`;
    this.say('prune', 'pruneFailed', message, { code });
  }
}
