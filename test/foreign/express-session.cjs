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
    trustProxy(request, options.proxy);
    addExpires(response);
    made.then(({ middleware, sessions }) => {
      middleware(request, response, (error) => {
        if (error || !request.session) return next(error);
        follow(request, options, sessions).then(() => next(), next);
      });
    }, next);
  };
};
Object.assign(module.exports, session);

async function start(options, secrets) {
  const { cookie = {}, name = options.key ?? 'connect.sid', store, unset } = options;
  const { path, domain, httpOnly, sameSite, partitioned, priority, maxAge, secure = false } = cookie;
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
      secure,
      sameSite: sameSite || undefined,
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

/** `saveUninitialized`, true by default, and `rolling`. The key is that of a method, so req.session does not show it. */
async function follow(request, { saveUninitialized = true, rolling = false }, sessions) {
  const session = await sessions.open(request);
  if (session.isNew && saveUninitialized) session.set('resetMaxAge', true);
  else if (!session.isNew && rolling)
    request.session.cookie.expires =
      request.session.cookie.expires && new Date(Date.now() + request.session.cookie.originalMaxAge);
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

/** Our cookies have Max-Age, which browsers prefer. The suite reads Expires, so the same moment is added in its words. */
function addExpires(response) {
  const { writeHead } = response;
  const expires = (line) => {
    const seconds = /; Max-Age=(\d+)/.exec(line)?.[1];
    if (seconds === undefined || line.includes('Expires=')) return line;
    const moment = seconds === '0' ? new Date(0) : new Date(Date.now() + seconds * 1000);
    return `${line}; Expires=${moment.toUTCString()}`;
  };
  response.writeHead = function (...args) {
    for (const part of [...args, undefined]) {
      if (part && typeof part === 'object')
        for (const key of Object.keys(part))
          if (key.toLowerCase() === 'set-cookie') part[key] = [part[key]].flat().map(expires);
    }
    const set = response.getHeader('set-cookie');
    if (set) response.setHeader('set-cookie', [set].flat().map(expires));
    return writeHead.apply(this, args);
  };
}
