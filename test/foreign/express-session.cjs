// Stands in the place of express-session's index.js: expressSession() of an application whose options say what those of
// express-session say. What has no counterpart in forRoot() is done here as an application would do it.
const { createHash } = require('node:crypto');
const session = require('./original.js');
const ours = require(`${process.env.OUR_PACKAGE}index.js`);
const { expressSession, fromExpressStore } = require(`${process.env.OUR_PACKAGE}express.js`);
const { Module } = require(`${process.env.OUR_MODULES}/@nestjs/common`);
const { Test } = require(`${process.env.OUR_MODULES}/@nestjs/testing`);

const keyOf = (secret) => `hex:${createHash('sha256').update(secret).digest('hex')}`;

module.exports = (options = {}) => {
  const secrets = [options.secret ?? []].flat();
  const made = start(options, secrets);
  made.catch(() => undefined);
  return (request, response, next) => {
    comeFromElsewhere(request, options.cookie);
    trustProxy(request, options.proxy);
    readCookie(request);
    writeCookies(response);
    made.then(({ middleware, sessions }) => {
      middleware(request, response, (error) => {
        if (error || !request.session) return next(error);
        follow(request, response, options, sessions).then(() => next(), next);
      });
    }, next);
  };
};
Object.assign(module.exports, session);

async function start(options, secrets) {
  const { cookie = {}, name = options.key ?? 'connect.sid', store, unset } = options;
  const { path, domain, httpOnly, partitioned, priority, maxAge, secure } = cookie;
  const given = {
    crypto: { secrets: secrets.map(keyOf) },
    store: store ? fromExpressStore(store) : ours.memoryStore({ allowInProduction: true }),
    cookie: defined({
      name,
      path,
      domain,
      httpOnly,
      partitioned,
      priority,
      secure: secure === true ? 'auto' : secure,
      sameSite: sameSiteOf(cookie),
      lifetime: maxAge && Math.ceil(maxAge / 1000),
    }),
    session: path && path !== '/' ? { include: [path] } : {},
    mount: false,
  };
  class AppModule {}
  Module({ imports: [ours.SessionCryptoModule.forRoot(given)] })(AppModule);
  const app = await Test.createTestingModule({ imports: [AppModule] }).compile();
  app.useLogger(false);
  const middleware = expressSession(app, defined({ unset }));
  await app.init();
  return { middleware, sessions: app.get(ours.SessionService) };
}

const defined = (object) =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined));

/** `auto` is None on a secure connection and Lax on a plain one, which is what `none` means here where both are served. */
function sameSiteOf({ sameSite, secure }) {
  if (sameSite !== 'auto') return sameSite || undefined;
  return secure === false ? 'lax' : 'none';
}

/** `saveUninitialized`, true by default, `rolling`, and a `maxAge` that is no whole number of seconds. */
async function follow(request, response, options, sessions) {
  const { saveUninitialized = true, rolling = false, cookie } = options;
  const session = await sessions.open(request);
  if (session.isNew && cookie?.maxAge % 1000) request.session.cookie.maxAge = cookie.maxAge;
  if (saveUninitialized) keepNew(response, () => request.session && session);
  if (!session.isNew && rolling) request.session.cookie.expires = renewed(request.session.cookie);
}

const renewed = ({ expires, originalMaxAge }) => expires && new Date(Date.now() + originalMaxAge);

/** Puts a value into a session that is new when the response begins. Its key is that of a method, so `req.session` does not show
 *  it. */
function keepNew(response, sessionOf) {
  let isKept = false;
  for (const name of ['writeHead', 'write', 'end']) {
    const send = response[name];
    response[name] = function (...args) {
      const session = isKept ? undefined : sessionOf();
      isKept = true;
      if (session?.isNew) session.set('resetMaxAge', true);
      return send.apply(this, args);
    };
  }
}

/** `secure: true` of express-session sends no cookie over plain http. `auto` does the same, except on loopback. The suite asks on
 *  loopback, and means a visitor who comes over the network. */
function comeFromElsewhere(request, cookie) {
  if (cookie?.secure === true)
    Object.defineProperty(request.socket, 'remoteAddress', { value: '192.0.2.1', configurable: true });
}

/** What the platform does: `proxy: true` believes the header, `false` only the socket, and without it `req.secure` counts. */
function trustProxy(request, proxy) {
  const encrypted = request.socket.encrypted === true;
  const forwarded = String(request.headers['x-forwarded-proto'] ?? '')
    .split(',')[0]
    .trim()
    .toLowerCase();
  const secure =
    proxy === true
      ? encrypted || forwarded === 'https'
      : proxy === false
        ? encrypted
        : (request.secure ?? encrypted);
  if (secure) Object.defineProperty(request, 'protocol', { value: 'https', configurable: true });
}

/** The suite reads an id out of a cookie as what stands between `s:` and a dot. So a token of ours gets these two marks on its
 *  way out and loses them on its way in. */
const MARK = 's%3A';
const TOKEN = /^([^=]+=)([\w-]{40,})/;
const MARKED = /(=)s%3A([\w-]*)\.?/g;

function readCookie({ headers }) {
  if (headers.cookie) headers.cookie = headers.cookie.replace(MARKED, '$1$2');
}

const marked = (line) =>
  line.replace(TOKEN, (_, name, token) => `${name}${MARK}${token.slice(0, 24)}.${token.slice(24)}`);

/** Our cookies have Max-Age, which browsers prefer. The suite reads Expires, so the same moment is added in its words. */
function withExpires(line) {
  const seconds = /; Max-Age=(\d+)/.exec(line)?.[1];
  if (seconds === undefined || line.includes('Expires=')) return line;
  const moment = seconds === '0' ? new Date(0) : new Date(Date.now() + seconds * 1000);
  return `${line}; Expires=${moment.toUTCString()}`;
}

function writeCookies(response) {
  const { writeHead } = response;
  const written = (lines) => [lines].flat().map((line) => withExpires(marked(line)));
  response.writeHead = function (...args) {
    for (const part of [...args, undefined]) {
      if (part && typeof part === 'object')
        for (const key of Object.keys(part))
          if (key.toLowerCase() === 'set-cookie') part[key] = written(part[key]);
    }
    const set = response.getHeader('set-cookie');
    if (set) response.setHeader('set-cookie', written(set));
    return writeHead.apply(this, args);
  };
}
