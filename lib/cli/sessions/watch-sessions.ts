import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { printable } from '../../errors/printable.js';
import { SESSION_EVENTS } from '../../persistence/session-events.js';
import type { SessionService } from '../../session.service.js';
import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { failureOf } from '../failure.js';
import { withSessions } from '../open-sessions.js';
import { jsonOf } from '../printable.js';
import { secondOf } from '../times.js';
import { UsageError } from '../usage.error.js';
import { wholeNumberOf } from '../whole-number.js';
import { deviceOf } from './list-sessions.js';
import type { PrintFlags } from './print-flags.interface.js';

export interface WatchFlags extends PrintFlags {
  readonly subject?: string;
  readonly interval: string;
  readonly times?: string;
}

/** What has changed, as one object of JSON, and as a line for a person. */
interface Change {
  readonly kind: string;
  readonly detail: Readonly<Record<string, unknown>>;
  readonly line: string;
}

/** Prints what changes in the store, until an interrupt. A store that is down is reported once, and asked again. */
export const watchSessions = (io: CommandIo, flags: WatchFlags): Promise<number> => {
  const interval = intervalOf(flags.interval, 0.001, 86_400) * 1000;
  const times =
    flags.times === undefined ? Infinity : wholeNumberOf('--times', flags.times, [1, 999_999_999]);
  return withSessions(flags, async ({ sessions }) => {
    const signal = io.interruption();
    const print = (change: Change) => void io.out(textOf(io, change, flags.json));
    printEvents(sessions, print);
    const look =
      flags.subject === undefined ? looksAtCount(sessions) : looksAtSubject(sessions, flags.subject);
    const interrupted = once(signal, 'abort').then((): Change[] => []);
    for (let looks = 1; !signal.aborted; looks++) {
      for (const change of await Promise.race([look().catch(unlessTold), interrupted])) print(change);
      if (looks >= times) break;
      await pause(interval, undefined, { signal }).catch(() => undefined); // an interrupt ends the pause
    }
    return EXIT.ok;
  });
};

/** Prints the events of this process, such as a store that is down. Those of the application happen in its own processes. */
function printEvents(sessions: SessionService, print: (change: Change) => void): void {
  for (const kind of SESSION_EVENTS)
    sessions.events.on(kind, (detail: object) => {
      const facts = Object.entries(detail).map(([name, value]) => `${name} ${String(value)}`);
      print({ kind, detail: { ...detail }, line: `${kind}: ${facts.join(', ')}` });
    });
}

function looksAtCount(sessions: SessionService): () => Promise<Change[]> {
  let last: number | undefined;
  return async () => {
    const count = await sessions.count({ estimate: true });
    const change = last === undefined ? 0 : count - last;
    if (count === last) return [];
    last = count;
    const line = `${count} sessions${change ? ` (${change > 0 ? '+' : ''}${change})` : ''}`;
    return [{ kind: 'count', detail: { count, change }, line }];
  };
}

function looksAtSubject(sessions: SessionService, subject: string): () => Promise<Change[]> {
  let last = new Map<string, string>();
  return async () => {
    const found = new Map((await sessions.list(subject)).map((one) => [one.id, deviceOf(one)]));
    const began = [...found].filter(([id]) => !last.has(id)).map((one) => changeOf('began', ...one));
    const ended = [...last].filter(([id]) => !found.has(id)).map((one) => changeOf('ended', ...one));
    last = found;
    return [...ended, ...began];
  };
}

const changeOf = (kind: string, id: string, device: string): Change => ({
  kind,
  detail: { id, device },
  line: `${kind} ${id} (${device})`,
});

/** Passes over a store that is down, which its event has told. Any other fault ends the command. */
const unlessTold = (error: unknown): Change[] => {
  const { status } = failureOf(error);
  if (status === EXIT.unavailable || status === EXIT.temporary) return [];
  throw error;
};

function textOf(io: CommandIo, { kind, detail, line }: Change, json: boolean | undefined): string {
  const time = new Date(io.now());
  return json ? jsonOf({ time, kind, ...detail }, 0) : `${secondOf(time)}  ${printable(line)}\n`;
}

function intervalOf(text: string, least: number, most: number): number {
  const number = Number(text);
  if (text.trim() && number >= least && number <= most) return number;
  throw new UsageError(`--interval is no number from ${least} to ${most}`);
}
