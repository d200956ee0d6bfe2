import type { SessionEventMap, SessionEventName, WatchedStore } from '../../persistence/session-events.js';
import { Recent } from './recent.js';

/** Something rare that happened, once or several times. */
export interface Happening {
  /** Milliseconds since 1970, of the last time. */
  readonly at: number;
  readonly text: string;
  readonly times: number;
  /** True if an operator should look at it. */
  readonly bad: boolean;
}

type Watch = <E extends SessionEventName>(
  event: E,
  describe: (detail: SessionEventMap[E]) => string,
  bad: boolean,
) => void;

/** Keeps the last happenings. What happens again takes one row, so that nobody hides a row behind many others. */
export class Happenings {
  private readonly kept = new Recent<Happening>(15);

  add(text: string, bad: boolean, at: number): void {
    const times = this.all().find((one) => one.text === text)?.times ?? 0;
    this.kept.add({ at, text, times: times + 1, bad }, (one) => one.text === text);
  }

  /** The last one first. */
  all(): readonly Happening[] {
    return this.kept.all();
  }
}

/** Calls `watch` for each event that an operator wants to read, with its sentence. */
export function watchHappenings(watch: Watch): void {
  watch('storeDown', ({ code, store }) => `${STORES[store]} does not respond (${code})`, true);
  watch('storeUp', ({ store }) => `${STORES[store]} responds again`, false);
  watch('keysReloaded', ({ keys }) => `The keys were read again: ${keys}`, false);
  watch('keysFailed', () => 'The keys could not be read again; the last good ones stay', true);
  watch('keyChanged', ({ hint, state }) => `The key ${hint} is ${state} now`, false);
  watch(
    'keyMissing',
    () =>
      'A cookie or row names a key that is not in the ring: a key was dropped too early, or it is not ours',
    true,
  );
  watch('reused', () => 'An old id was used after its grace period: its cookie may have been stolen', true);
  watch('operatorAction', (detail) => `${detail.actor} ${deedText(detail)}${failureText(detail)}`, false);
}

const STORES: Readonly<Record<WatchedStore, string>> = {
  sessions: 'The store',
  revocations: 'The store of revocations',
  'remember-me': 'The store of remember-me',
};

const DEEDS: Readonly<Record<SessionEventMap['operatorAction']['action'], string>> = {
  list: 'looked at the devices of a user',
  revoke: 'ended a session of a user',
  revokeSubject: 'ended all sessions of a user',
};

const deedText = ({ action, sessions }: SessionEventMap['operatorAction']): string =>
  action === 'revoke' && sessions === 0
    ? 'tried to end a session of a user, and none has ended'
    : DEEDS[action];

/** A part that was done has its number. */
function failureText({ sessions, series, failed }: SessionEventMap['operatorAction']): string {
  if (failed === undefined) return '';
  return (sessions ?? series) === undefined ? ' in vain' : ', and a part of it failed';
}
