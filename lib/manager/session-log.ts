import {
  LINES,
  type LineFields,
  type LineLevel,
  type LineName,
  type TellOperator,
} from '../errors/log-lines.js';
import { printable } from '../errors/printable.js';
import type { RejectReason } from '../errors/envelope.error.js';
import { actionText, ambiguousText, MADE_FOR_ANOTHER, missingText, numberText } from './log-texts.js';
import { HintTally } from './hint-tally.js';
import { LineLimit } from './line-limit.js';
import { RefusalTally } from './refusal-tally.js';
import { PartLines, type SayState } from './part-lines.js';
import type { SessionEventMap, SessionEvents } from '../persistence/session-events.js';

/** Writes one line of the log. */
export interface LineWriter {
  write(level: LineLevel, message: string, fields: LineFields): void;
}

/** Milliseconds after the start at which a line says what became of the sessions of the process before. */
const SETTLED = 600_000;

/** Reasons that no visitor with an old or a foreign cookie causes: the bytes name a key of ours, and yet do not open. Another cookie
 *  name, tenant or audience does that, or a stranger who makes cookies up. */
const MISMATCHES: ReadonlySet<RejectReason> = new Set(['commitment', 'tag']);

/** Codes of commits that failed as they should: the request has its answer. */
const ANSWERS: ReadonlySet<string> = new Set([
  'ERR_SESSION_STORE', // storeDown has told it
  'ERR_SESSION_DRIVER', // driverDown has told it
  'ERR_SESSION_CONFLICT',
  'ERR_SESSION_GONE',
  'ERR_SESSION_LIMIT',
  'ERR_SESSION_LOCKED',
  'ERR_SESSION_LOCK_LOST',
]);

/** Writes a line by a name and a sentence. `kind` divides the lines of one name that are counted apart. */
type Say = (line: LineName, message: string, fields?: LineFields, kind?: string) => void;

/** The one place that writes to Nest's log: one line for each change of state, each under a name of {@link LINES}. Lines that
 *  requests cause are limited, since strangers can send any number of them. */
export class SessionLog {
  private readonly missing = new HintTally();
  private readonly refusals = new RefusalTally();
  private keys = '';
  private readonly parts = new PartLines((...state) => this.sayState(...state));
  private isStopped = false;

  constructor(
    private readonly session: string,
    private readonly log: LineWriter,
    private readonly limit = new LineLimit(),
  ) {}

  /** Tells the operator what some part of the package has seen. */
  readonly tell: TellOperator = (message, line, fields = {}) => this.say(line, message, fields);

  /** Writes the events that concern an operator. `isManaged` says whether the ring of keys manages itself. */
  listen(events: SessionEvents, isManaged = false): void {
    this.parts.listen(events);
    this.listenToKeys(events, isManaged);
    this.listenToRequests(events);
    this.refusals.listen(events);
  }

  /** The application has started. After ten minutes a line says which sessions of before were refused. */
  started(message: string, fields: LineFields): void {
    this.keys = keysOf(Number(fields['keys']), (fields['hints'] ?? []) as readonly string[]);
    this.say('started', message, fields);
    this.limit.clock.later(SETTLED, () => {
      if (!this.isStopped) this.report('sinceStart', 'In the first ten minutes');
    });
  }

  /** The application ends. */
  stopped(): void {
    this.flush();
    this.report('stopped', 'The sessions are closed; since the start');
  }

  /** Tells what was left out until now. */
  flush(): void {
    this.isStopped = true;
    this.limit.close();
  }

  private report(line: 'sinceStart' | 'stopped', when: string): void {
    const { text, fields } = this.refusals.report();
    this.say(line, `${when} ${text}`, fields);
  }

  private readonly say: Say = (line, message, fields = {}, kind = kindOf(fields)) => {
    const { limit } = LINES[line];
    if (limit === 'always') return this.write(line, message, fields);
    this.limit.write(line, kind, limit, (left, words, isMixed) => {
      if (isMixed) return this.write(line, mixedText(line, left, words), { count: left });
      const more = left ? ` … ${numberText(left)} more ${words}` : '';
      this.write(line, `${message}${more}`, { ...fields, count: left || 1 });
    });
  };

  /** Writes that a part is away or back. Both are counted together, and each part apart, so that the last line says what is true. */
  private sayState(...[part, line, message, fields = {}]: Parameters<SayState>): void {
    this.limit.write(`state ${part}`, '', LINES[line].limit, (left, words) => {
      const more = left ? ` … ${numberText(left)} more changes ${words}` : '';
      this.write(line, `${message}${more}`, { ...fields, count: left || 1 });
    });
  }

  private write(line: LineName, message: string, fields: LineFields): void {
    this.log.write(LINES[line].level, printable(message), { event: line, session: this.session, ...fields });
  }

  private listenToKeys(events: SessionEvents, isManaged: boolean): void {
    const { say } = this;
    events
      .on('keysFailed', ({ message }) => {
        this.keys = '';
        say('keysFailed', `The keys could not be reloaded; the last good keys stay: ${message}`, {}, '');
      })
      .on('keysReloaded', ({ keys, hints }) => this.keysReloaded(keys, hints))
      .on('keyChanged', ({ hint, state }) =>
        say('keyChanged', `The key ${hint} of the ring is ${state} now`, { hint, state }),
      )
      .on('keyMissing', ({ sessions, hint }) => this.keyMissing(sessions, hint, isManaged));
  }

  /** A reload that has read the same keys again changes nothing, so it has no line. */
  private keysReloaded(keys: number, hints: readonly string[]): void {
    const now = keysOf(keys, hints);
    if (hints.length && now === this.keys) return;
    this.keys = now;
    const names = hints.length ? `; ${hints[0]} seals` : '';
    this.say('keysReloaded', `The keys were reloaded: ${keys}${names}`, { keys, hints }, '');
  }

  /** The first line comes at once, and each later one counts those of ten minutes. */
  private keyMissing(sessions: number, hint: string | undefined, isManaged: boolean): void {
    this.missing.add(hint);
    this.limit.write('keyMissing', '', LINES.keyMissing.limit, () => {
      const top = this.missing.top(3);
      const { total: count } = this.missing;
      this.missing.clear();
      const fields = { hint: top[0]?.[0], hints: top.map(([one]) => one), count, sessions };
      this.write('keyMissing', missingText(count, top, isManaged), fields);
    });
  }

  private listenToRequests(events: SessionEvents): void {
    const { say } = this;
    events
      .on('rejected', (detail) => this.rejected(detail))
      .on('reused', () =>
        say('reused', 'An old session id was used after its grace period; its cookie may have been stolen'),
      )
      .on('signedOut', ({ id, subject, why }) => {
        if (id !== undefined || subject !== undefined || why !== 'revoked') return;
        say('revokedAll', 'revokeAll() was called and has ended the sessions of everybody that it reached');
      })
      .on('operatorAction', (detail) => {
        const { actor, action, sessions, series, failed } = detail;
        say('operatorAction', actionText(detail), { actor, action, sessions, series, code: failed });
      })
      .on('ambiguous', ({ cookies }) => say('ambiguous', ambiguousText(cookies), { cookies }))
      .on('touchFailed', ({ code }) =>
        say('touchFailed', `A session could not be prolonged (${code})`, { code }),
      )
      .on('commitFailed', ({ code, message }) => {
        const line = ANSWERS.has(code) ? 'commitRefused' : 'commitFailed';
        say(line, `A session could not be stored (${code}): ${message}`, { code });
      })
      .on('dropped', ({ why }) =>
        say('dropped', `Changes of an ended session were dropped (${why})`, { reason: why }),
      )
      .on('conflict', ({ keys: { length: keys } }) =>
        say('conflict', `Two requests overwrote the same keys of a session (${keys} keys)`, { keys }),
      );
  }

  /** An unknown key has the line {@link keyMissing}. */
  private rejected({ reason, hint }: SessionEventMap['rejected']): void {
    if (reason === 'unknown-key') return;
    if (!MISMATCHES.has(reason))
      return this.say('rejected', `A session cookie was not accepted (${reason})`, { reason });
    this.say(
      'mismatch',
      `${hint ? `A session of the key ${hint}` : 'A session'} does not open (${reason}); ${MADE_FOR_ANOTHER}`,
      {
        reason,
        hint,
      },
    );
  }
}

/** What stands for lines of several kinds, whose texts and facts differ. */
const mixedText = (line: LineName, left: number, words: string): string =>
  `${numberText(left)} more lines "${line}" of several kinds ${words}`;

/** What divides lines of one name: the code, or the reason. */
const kindOf = (fields: LineFields): string => String(fields['code'] ?? fields['reason'] ?? '');

const keysOf = (keys: number, hints: readonly string[]): string => [keys, ...hints].join(' ');
