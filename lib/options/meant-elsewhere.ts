/** What was probably meant by an option that is unknown in its group. Most are options of another session library, or ours in
 *  another group. */

const IDLE = 'set session.idleTimeout, in seconds';
const SECRETS = 'set crypto.secrets, a list';
const FIXED = 'there is no such choice: the value of the cookie is always sealed or authenticated';

const FROM_ANYWHERE: Readonly<Record<string, string>> = {
  ttl: IDLE,
  maxage: IDLE,
  max_age: IDLE,
  expiry: IDLE,
  timeout: IDLE,
  rolling: 'there is no such choice: every use of a session moves its idle deadline (session.touchInterval)',
  resave: 'there is no such choice: a session is stored only when it was changed',
  saveuninitialized: 'there is no such choice: an empty new session is never stored and sets no cookie',
  unset: 'end a session with await session.destroy()',
  genid: 'there is no such choice: ids are random, or of the form of id.length and id.bitsPerCharacter',
  idgenerator: 'there is no such choice: ids are random, or of the form of id.length and id.bitsPerCharacter',
  proxy:
    "tell the platform to trust its proxy: app.set('trust proxy', …) or new FastifyAdapter({ trustProxy: … })",
  trustproxy:
    "tell the platform to trust its proxy: app.set('trust proxy', …) or new FastifyAdapter({ trustProxy: … })",
  secret: SECRETS,
  secrets: SECRETS,
  password: SECRETS,
  key: SECRETS,
  keys: SECRETS,
  cookiename: 'set cookie.name',
  sessionname: 'set cookie.name',
  cookieoptions: 'set cookie, a group of options',
  overwrite: FIXED,
  signed: FIXED,
  isglobal: 'it stands beside useFactory: forRootAsync({ isGlobal, useFactory })',
  mount: 'it stands beside useFactory: forRootAsync({ mount, useFactory })',
};

/** Options whose meaning depends on the group that they stand in. */
const IN_GROUP: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  '': {
    name: 'a name of the session stands beside useFactory: forRootAsync({ name, useFactory }); the name of the cookie is cookie.name',
  },
  session: { name: 'set cookie.name' },
  cookie: {
    maxage: 'set cookie.lifetime, in seconds; the session itself ends by session.idleTimeout',
    expires: 'set cookie.lifetime, in seconds; the session itself ends by session.idleTimeout',
  },
};

/** Our own options, by the group that they belong to. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  '': ['crypto', 'cookie', 'id', 'session', 'store', 'csrf', 'cache', 'prune', 'contexts'],
  cookie: [
    'domain',
    'path',
    'secure',
    'httpOnly',
    'sameSite',
    'partitioned',
    'priority',
    'lifetime',
    'expires',
  ],
  crypto: [
    'driver',
    'driverParams',
    'cipher',
    'acceptCiphers',
    'accept',
    'format',
    'ring',
    'salt',
    'tenant',
    'audience',
    'keyCache',
  ],
  session: [
    'idleTimeout',
    'absoluteTimeout',
    'regenerateInterval',
    'graceTime',
    'touchInterval',
    'load',
    'onConflict',
    'onGone',
    'onStoreDown',
    'onStoreDownAtStart',
    'onReuse',
    'payloadLimit',
    'commitTimeout',
    'asyncContext',
  ],
  cache: ['limiter'],
  prune: ['probability', 'divisor'],
};

const GROUPS = new Set([...Object.keys(PLACES), 'id']);

/** Returns the end of an error message about the unknown option `key` of the group at `path`: `; set cookie.sameSite`.
 *  Returns an empty text if nothing is known. */
export function meantElsewhere(path: string, key: string): string {
  const group = path.replace(/^(?:contexts\[\d+\]|rememberMe)\.?/, '');
  if (!GROUPS.has(group)) return '';
  const name = key.toLowerCase();
  const known = memberOf(IN_GROUP[group], name) ?? placeOf(group, name) ?? memberOf(FROM_ANYWHERE, name);
  return known === undefined ? '' : `; ${known}`;
}

function placeOf(group: string, name: string): string | undefined {
  for (const [place, options] of Object.entries(PLACES)) {
    const option = options.find((one) => one.toLowerCase() === name);
    if (option === undefined || place === group) continue;
    const target = option === 'expires' ? 'lifetime' : option;
    return `set ${place ? `${place}.` : ''}${target}`;
  }
  return undefined;
}

const memberOf = (table: Readonly<Record<string, string>> | undefined, name: string): string | undefined =>
  table && Object.hasOwn(table, name) ? table[name] : undefined;
