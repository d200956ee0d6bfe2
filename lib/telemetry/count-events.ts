import type { RejectReason } from '../errors/envelope.error.js';
import {
  SESSION_EVENTS,
  type SessionEventMap,
  type SessionEventName,
  type SessionEvents,
} from '../persistence/session-events.js';
import { ATTRIBUTES } from './metric-names.js';
import type { SessionMetrics } from './session-metrics.js';
import type { CountedEvent, SessionTelemetryOptions, TelemetryAttributes } from './telemetry.options.js';

type Handlers = { [E in SessionEventName]?: (detail: SessionEventMap[E]) => void };
type WhyEnded = SessionEventMap['signedOut']['why'];

/** Counts the events of one session from now on. The answer stops it. */
export function countEvents(
  session: string,
  events: SessionEvents,
  metrics: SessionMetrics,
  options: SessionTelemetryOptions,
): () => void {
  if (!options.attributes) beginAtZero(session, metrics);
  const detach = [
    ...listen(events, handlersOf(session, metrics, options.attributes)),
    ...SESSION_EVENTS.map((name) => {
      const cell = metrics.events.of({ [ATTRIBUTES.session]: session, [ATTRIBUTES.event]: name });
      return on(events, name, () => cell.add());
    }),
  ];
  return () => detach.forEach((off) => off());
}

/** What becomes of each event that more is known of than its name. */
function handlersOf(
  session: string,
  metrics: SessionMetrics,
  more: SessionTelemetryOptions['attributes'],
): Handlers {
  const { reason, how, origin, refused } = ATTRIBUTES;
  const of = (attributes: TelemetryAttributes, counted?: CountedEvent): TelemetryAttributes => ({
    ...(counted && more?.(counted)),
    [ATTRIBUTES.session]: session,
    ...attributes,
  });
  const ended = (why: WhyEnded, counted: CountedEvent) => metrics.ended.of(of({ [reason]: why }, counted));
  return {
    created: (detail) => metrics.begun.of(of({ [origin]: 'new' }, { event: 'created', detail })).add(),
    migrated: (detail) =>
      metrics.begun.of(of({ [origin]: detail.format }, { event: 'migrated', detail })).add(),
    ended: (detail) => ended('logout', { event: 'ended', detail }).add(),
    signedOut: (detail) => {
      // The event `ended` has counted a logout already, also that of a visitor whom nobody knows.
      if (detail.why !== 'logout')
        ended(detail.why, { event: 'signedOut', detail }).add(detail.sessions ?? 1);
    },
    signedIn: (detail) => metrics.logins.of(of({ [how]: detail.how }, { event: 'signedIn', detail })).add(),
    rejected: (detail) =>
      metrics.rejected.of(of({ [reason]: detail.reason }, { event: 'rejected', detail })).add(),
    conflict: (detail) => metrics.conflicts.of(of({ [refused]: detail.refused })).add(),
    dropped: ({ why }) => metrics.dropped.of(of({ [reason]: why })).add(),
    lostChange: () => metrics.dropped.of(of({ [reason]: 'late' })).add(),
  };
}

const ENDS: Readonly<Record<WhyEnded, true>> = {
  logout: true,
  login: true,
  revoked: true,
  limit: true,
  reused: true,
};
const REJECTS: Readonly<Record<RejectReason, true>> = {
  length: true,
  encoding: true,
  version: true,
  'unknown-key': true,
  commitment: true,
  tag: true,
  frame: true,
  payload: true,
  expired: true,
  absent: true,
};

/** Makes the numbers before there is anything to count: a database of metrics sees no rise from nothing to one. */
function beginAtZero(session: string, metrics: SessionMetrics): void {
  const { reason, how, origin, refused } = ATTRIBUTES;
  const own = { [ATTRIBUTES.session]: session };
  for (const tally of [metrics.joined, metrics.merged, metrics.pruned]) tally.of(own);
  metrics.begun.of({ ...own, [origin]: 'new' });
  metrics.logins.of({ ...own, [how]: 'login' });
  for (const why of Object.keys(ENDS)) metrics.ended.of({ ...own, [reason]: why });
  for (const why of Object.keys(REJECTS)) metrics.rejected.of({ ...own, [reason]: why });
  for (const why of ['gone', 'ended', 'late']) metrics.dropped.of({ ...own, [reason]: why });
  for (const was of [false, true]) metrics.conflicts.of({ ...own, [refused]: was });
}

const listen = (events: SessionEvents, handlers: Handlers): (() => void)[] =>
  Object.entries(handlers).map(([name, handler]) =>
    on(events, name as SessionEventName, handler as Listener),
  );

type Listener = (detail: SessionEventMap[SessionEventName]) => void;

function on(events: SessionEvents, name: SessionEventName, listener: Listener): () => void {
  events.on(name, listener);
  return () => void events.off(name, listener);
}
