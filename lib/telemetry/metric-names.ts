/** What a metric is: its name, its unit (UCUM), and what it counts. */
export interface MetricSpec {
  readonly name: string;
  readonly kind: 'counter' | 'up-down counter' | 'gauge' | 'histogram';
  readonly unit: string;
  readonly description: string;
}

/** The name of the meter and the tracer, and the namespace of all names that are not of OpenTelemetry's semantic conventions. */
export const SCOPE = 'nestjs-session-crypto';
const OURS = 'nestjs_session_crypto';

const metric = (kind: MetricSpec['kind'], name: string, unit: string, description: string): MetricSpec => ({
  name: name.startsWith('db.') ? name : `${OURS}.${name}`,
  kind,
  unit,
  description,
});
const counter = metric.bind(undefined, 'counter');

export const METRICS = {
  begun: counter('sessions.begun', '{session}', 'Sessions that were stored for the first time'),
  ended: counter('sessions.ended', '{session}', 'Sessions that somebody has ended, by reason'),
  logins: counter('logins', '{login}', 'Users that were logged in'),
  rejected: counter('cookies.rejected', '{cookie}', 'Cookies that led to no session, by reason'),
  opens: counter('key.opens', '{open}', 'Envelopes and references that a key has opened, by its hint'),
  lastOpened: metric('gauge', 'key.last_opened', 's', 'When a key has opened something last, since 1970'),
  conflicts: counter('conflicts', '{conflict}', 'Changes of keys that another request had changed too'),
  merged: counter('saves.merged', '{save}', 'Saves that were merged with that of another process'),
  joined: counter('saves.joined', '{save}', 'Saves that went to the store together with another one'),
  dropped: counter('changes.dropped', '{change}', 'Changes that were not stored, by reason'),
  pruned: counter('rows.pruned', '{row}', 'Rows that a prune has removed'),
  steps: counter('steps', '{step}', 'Opens, commits and seals'),
  stepTime: counter('step.time', 's', 'Time of opens, commits and seals together'),
  waiters: metric('up-down counter', 'waiter.count', '{waiter}', 'Requests that wait for their turn'),
  waits: metric('histogram', 'wait.duration', 's', 'How long requests have waited for their turn'),
  store: metric('histogram', 'db.client.operation.duration', 's', 'Duration of database client operations.'),
  storeUp: metric('gauge', 'store.up', '1', '1 while the store answers, 0 while it does not'),
  stored: metric('gauge', 'session.count', '{session}', 'Live sessions in the store'),
  events: counter('events', '{event}', 'Events of sessions, by name'),
} as const satisfies Record<string, MetricSpec>;

/** The names of attributes, of metrics and spans. */
export const ATTRIBUTES = {
  /** The name in `forRoot`. */
  session: `${OURS}.session.name`,
  reason: `${OURS}.reason`,
  how: `${OURS}.login.how`,
  origin: `${OURS}.origin`,
  refused: `${OURS}.refused`,
  hint: `${OURS}.key.hint`,
  step: `${OURS}.step.name`,
  queue: `${OURS}.queue.name`,
  event: `${OURS}.event.name`,
  /** What the store holds: sessions, revocations or remember-me. */
  store: `${OURS}.store.name`,
  /** Of the semantic conventions. */
  error: 'error.type',
  system: 'db.system.name',
  operation: 'db.operation.name',
  overflow: 'otel.metric.overflow',
} as const;

/** Names of the semantic conventions for what our stores are; another store has its own name. */
const SYSTEMS: Readonly<Record<string, string>> = {
  postgres: 'postgresql',
  dbd: 'postgresql',
  'php-redis': 'redis',
};

export const systemOf = (kind: string): string => SYSTEMS[kind] ?? kind;

/** Bounds of the buckets, in seconds, as the semantic conventions advise them for `db.client.operation.duration`. */
export const SECONDS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10];
