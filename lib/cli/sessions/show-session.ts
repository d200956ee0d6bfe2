import type { Session } from '../../session/session.js';
import type { SessionSummary } from '../../session.service.js';
import type { CommandIo } from '../command-io.interface.js';
import { EXIT } from '../exit-codes.js';
import { withSessions, type OpenedSessions } from '../open-sessions.js';
import { printFacts } from '../print-table.js';
import { jsonOf } from '../printable.js';
import { durationOf, secondOf } from '../times.js';
import { idOf } from './session-id.js';
import { deviceOf } from './list-sessions.js';
import type { PrintFlags } from './print-flags.interface.js';

export interface ShowFlags extends PrintFlags {
  readonly showData?: boolean;
}

/** What is shown of a session. */
interface SessionFactSheet {
  readonly id: string;
  readonly subject: string | undefined;
  readonly createdAt: Date;
  readonly lastSeenAt: Date;
  readonly authenticatedAt: Date | undefined;
  readonly expiresAt: Date;
  /** Seconds until it ends unless a request uses it before. */
  readonly endsIn: number;
  readonly device: Pick<SessionSummary, 'browser' | 'system' | 'network'> | undefined;
  readonly keys: readonly string[];
  /** Bytes of its values as JSON. */
  readonly bytes: number;
  readonly data?: unknown;
}

/** Shows one session. It changes nothing, and the session lives no longer for it. Resolves to 1 if no live session has the id. */
export const showSession = (io: CommandIo, id: string, flags: ShowFlags): Promise<number> =>
  withSessions(flags, async (opened) => {
    const facts = await factsOf(opened, idOf(id), flags.showData);
    if (flags.json) io.out(jsonOf(facts));
    else printFacts(io, linesOf(facts));
    return EXIT.ok;
  });

function factsOf(
  { sessions, manager }: OpenedSessions,
  id: string,
  showData = false,
): Promise<SessionFactSheet> {
  const read = async (session: Session<unknown>): Promise<SessionFactSheet> => {
    const { subject, createdAt, lastSeenAt, authenticatedAt, expiresAt } = session;
    const data = session.all() as object;
    const listed = subject === undefined ? [] : await sessions.list(subject).catch(() => []);
    return {
      id: session.id,
      subject,
      createdAt,
      lastSeenAt,
      authenticatedAt,
      expiresAt,
      endsIn: Math.round(expiresAt.getTime() / 1000) - manager.base.now(),
      device: listed.find((one) => one.id === session.id),
      keys: Object.keys(data),
      bytes: Buffer.byteLength(JSON.stringify(data)),
      ...(showData && { data }),
    };
  };
  return sessions.runWithSession(
    id,
    read as Parameters<typeof sessions.runWithSession<SessionFactSheet>>[1],
    {
      readonly: true,
    },
  );
}

const linesOf = (facts: SessionFactSheet): [string, string][] => [
  ['id', facts.id],
  ['subject', facts.subject ?? 'nobody is logged in'],
  ['began', secondOf(facts.createdAt)],
  ['last seen', secondOf(facts.lastSeenAt)],
  ['logged in', facts.authenticatedAt ? secondOf(facts.authenticatedAt) : 'never by a login'],
  ['ends', `${secondOf(facts.expiresAt)}, in ${durationOf(facts.endsIn)}, unless it is used before`],
  ['device', deviceOf(facts.device ?? {})],
  [
    'holds',
    `${facts.keys.length} keys, ${facts.bytes} bytes${facts.keys.length ? `: ${facts.keys.join(', ')}` : ''}`,
  ],
  ...('data' in facts ? [['data', JSON.stringify(facts.data)] as [string, string]] : []),
];
