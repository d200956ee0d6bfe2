/** What the reasons of an outage mean, in the operator's words. */
const MEANINGS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nobody listens at its address',
  ECONNRESET: 'the connection was cut',
  ENOTFOUND: 'the name of its host is not known',
  EAI_AGAIN: 'the name of its host cannot be looked up now',
  ETIMEDOUT: 'it does not answer in time',
  EHOSTUNREACH: 'no route leads to its host',
  ENETUNREACH: 'no route leads to its network',
  timeout: 'it does not answer in time',
  disconnected: 'the client has no connection',
  replica: 'the server is a replica, which takes no logouts and shows old sessions',
  LOADING: 'Redis is loading its data',
  CLUSTERDOWN: 'the Cluster does not cover all slots',
  MASTERDOWN: 'the primary of this replica is down',
  READONLY:
    'the server is a replica of Redis, which takes no logouts and shows old sessions; the client must connect to the primary',
  NOREPLICAS: 'the primary has too few replicas to take writes',
  TRYAGAIN: 'the Cluster is moving slots',
  MOVED: 'the Cluster is moving slots',
  BUSY: 'Redis runs a script',
  EPIPE: 'the connection was cut',
  ECONNABORTED: 'the connection was cut',
  '25006': 'the database is read-only',
  '53300': 'the database has no connection left',
  '57P01': 'the database is shutting down',
  '57P02': 'the database is recovering from a crash',
  '57P03': 'the database is starting up or shutting down',
};

/** Reports whether the reason of an outage has a meaning here. */
export const isKnownOutage = (reason: string): boolean => Object.hasOwn(MEANINGS, reason);

/** Returns what the reason of an outage means, and the reason itself, as in `it does not answer in time (timeout)`. */
export const outageText = (reason: string): string =>
  `${MEANINGS[reason] ?? 'it is unavailable'} (${reason})`;
