#!/usr/bin/env node
// Requests per second of Apache httpd and of Nest reading the same aes256 session cookies, made by httpd. All servers
// are up at once; short slices go round them, forwards and backwards in turn, and ratios are paired within a round.
//
//     npm run build && node bench/apache/httpd.mjs [--rounds 9] [--seconds 1] [--conns 8] [--sessions 200] [--size 300] [--json file]
//
// Nest verifies, opens and hands one value to a handler; httpd opens the session and sends a static file of the same
// size. "no key cache" derives the key anew for every request, as httpd does.
import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { childrenOf, startHttpd } from '../../test/apache/support/httpd.mjs';
import { Jar, run } from '../http/lib/load.mjs';
import { cpuUs, median } from '../http/lib/proc.mjs';

const DIALECT = new URL('../../dist/lib/apache/index.js', import.meta.url);
const N = '100000';
const WARM_UP_SECONDS = 3;
const CGI = `#!/bin/sh
IFS= read -r text
printf 'Content-Type: text/plain\\r\\nX-Replace-Session: %s\\r\\n\\r\\n%s' "$text" "$HTTP_SESSION"
`;

if (process.send) await serveNest();
else await measure();

async function measure() {
  const options = readOptions();
  const httpd = await httpdServer();
  const nests = [];
  try {
    const cookies = await makeSessions(httpd, options);
    for (const settings of nestSettings()) nests.push(await nestServer(httpd.passphrase, settings));
    const servers = [httpd.bare, httpd.reading, ...nests];
    for (const server of servers) server.jars = cookies.map(jarOf);
    for (const server of servers) await slice(server, { ...options, seconds: WARM_UP_SECONDS });
    const rounds = [];
    for (let k = 0; k < options.rounds; k++) rounds.push(await round(k, servers, options));
    print(servers, rounds);
    if (options.json) writeFileSync(options.json, JSON.stringify(rounds));
    if (rounds.some((results) => Object.values(results).some((r) => r.bad + r.errors > 0)))
      process.exitCode = 1;
  } finally {
    for (const { child } of nests) child.kill();
    await httpd.stop();
  }
}

function readOptions() {
  const text = (value) => ({ type: 'string', default: value });
  const { values } = parseArgs({
    options: {
      rounds: text('9'),
      seconds: text('1'),
      conns: text('8'),
      sessions: text('200'),
      size: text('300'),
      json: { type: 'string' },
    },
  });
  const { json, ...numbers } = values;
  return { json, ...Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, Number(value)])) };
}

/** httpd with the same file under `/bare`, without a session, and under `/read`, with one. */
async function httpdServer() {
  const passphrase = randomBytes(24).toString('base64');
  const httpd = await startHttpd({
    modules: ['cgid'],
    files: { 'htdocs/bare': N, 'htdocs/read': N, 'cgi/new.sh': CGI },
    config: `
KeepAlive On
MaxKeepAliveRequests 0
ScriptAliasMatch "/new$" "\${ROOT}/cgi/new.sh"
<LocationMatch "^/(read|new)$">
Session On
SessionEnv On
SessionHeader X-Replace-Session
SessionCookieName session path=/
SessionCryptoCipher aes256
SessionCryptoPassphrase "${passphrase}"
</LocationMatch>`,
  });
  const at = (name, path) => ({
    name,
    path,
    port: httpd.port,
    pids: () => [httpd.pid, ...childrenOf(httpd.pid)],
  });
  return {
    passphrase,
    url: httpd.url,
    stop: () => httpd.stop(),
    bare: at('httpd, no session', '/bare'),
    reading: at('httpd, aes256 session', '/read'),
  };
}

/** Cookies that httpd sealed; every one is shown to httpd once more, so that no figure is about sessions it can't read. */
async function makeSessions({ url }, { sessions, size }) {
  const cookies = [];
  for (let i = 0; i < sessions; i++) {
    const text = `n=${N}&user=${i}&pad=`.padEnd(size, 'abcdefghij');
    const made = await fetch(`${url}/new`, { method: 'POST', body: text });
    const cookie = made.headers.getSetCookie()[0].split(';')[0];
    const shown = await fetch(`${url}/new`, { method: 'POST', headers: { cookie } });
    if ((await shown.text()) !== text) throw new Error('httpd does not read its own session');
    cookies.push(cookie);
  }
  return cookies;
}

function jarOf(cookie) {
  const jar = new Jar();
  jar.set(cookie, false);
  return jar;
}

/** Nest on both adapters, and once without the cache of derived keys. */
function nestSettings() {
  if (!existsSync(fileURLToPath(DIALECT))) {
    console.error('Nest is left out: dist/lib/apache is missing, so run `npm run build` first');
    return [];
  }
  return [
    { name: 'Nest on Express', platform: 'express' },
    { name: 'Nest on Fastify', platform: 'fastify' },
    { name: 'Nest on Fastify, no key cache', platform: 'fastify', keyCache: 0 },
  ];
}

async function nestServer(passphrase, { name, ...settings }) {
  const child = fork(fileURLToPath(import.meta.url), {
    env: { ...process.env, NODE_ENV: 'production', BENCH_NEST: JSON.stringify({ passphrase, ...settings }) },
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const port = await new Promise((resolve, reject) => {
    child.once('message', resolve);
    child.once('exit', (code) => reject(new Error(`${name} did not start: ${code}`)));
  });
  return { name, path: '/read', port, pids: () => [child.pid], child };
}

/** The forked side: an application whose one route reads one value of the session. */
async function serveNest() {
  process.once('disconnect', () => process.exit());
  await import('reflect-metadata');
  const { Controller, Get, Module } = await import('@nestjs/common');
  const { NestFactory } = await import('@nestjs/core');
  const { SessionCryptoModule, SessionService } = await import('../../dist/lib/index.js');
  const { apache } = await import(DIALECT.href);
  const { passphrase, platform, keyCache } = JSON.parse(process.env.BENCH_NEST);
  let sessions;
  class AppController {
    async read() {
      return String((await sessions.current()).get('n'));
    }
  }
  Get('read')(
    AppController.prototype,
    'read',
    Object.getOwnPropertyDescriptor(AppController.prototype, 'read'),
  );
  Controller()(AppController);
  class AppModule {}
  const module = SessionCryptoModule.forRoot({
    crypto: { format: apache({ secrets: [passphrase], cipher: 'aes256', keyCache }) },
    // as httpd without SessionMaxAge: with clocks of its own it would write httpd's sessions anew, under one salt
    session: { idleTimeout: 0, absoluteTimeout: 0 },
    cookie: { name: 'session', secure: false },
  });
  Module({ imports: [module], controllers: [AppController] })(AppModule);
  const { FastifyAdapter } = await import('@nestjs/platform-fastify');
  const { ExpressAdapter } = await import('@nestjs/platform-express');
  const adapter = platform === 'fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(AppModule, adapter, { logger: ['error'] });
  sessions = app.get(SessionService);
  await app.listen(0, '127.0.0.1');
  process.send(app.getHttpServer().address().port);
}

async function round(k, servers, options) {
  const results = {};
  for (const server of k % 2 ? servers.toReversed() : servers)
    results[server.name] = await slice(server, options);
  process.stderr.write(`round ${k + 1}/${options.rounds} done\n`);
  return results;
}

async function slice({ jars, path, port, pids }, { conns, seconds }) {
  const share = Math.max(1, Math.floor(jars.length / conns));
  const cpu = () => pids().reduce((sum, pid) => sum + cpuUs(pid), 0);
  const before = cpu();
  const jarsOf = (i) => jars.slice(i * share, i * share + share);
  const result = await run({
    ports: [port],
    path,
    conns,
    ms: 1000 * seconds,
    jarsOf,
    check: (body) => body === N,
  });
  return { ...result, cpu: (cpu() - before) / result.n };
}

function print(servers, rounds) {
  const base = 'httpd, aes256 session';
  console.log(
    '\n| server | req/s | req/s to httpd with session (paired) | CPU us/req | CPU to httpd (paired) | p99 ms | wrong | errors |',
  );
  console.log('|---|---|---|---|---|---|---|---|');
  for (const { name } of servers) {
    const of = (key) => rounds.map((results) => results[name][key]);
    const paired = (key) => median(rounds.map((results) => results[name][key] / results[base][key]));
    const sum = (key) => of(key).reduce((a, b) => a + b, 0);
    const [rps, cpu, p99] = ['rps', 'cpu', 'p99'].map((key) => median(of(key)));
    const figures = [
      rps.toFixed(0),
      paired('rps').toFixed(2),
      cpu.toFixed(0),
      paired('cpu').toFixed(3),
      p99.toFixed(1),
    ];
    console.log(`| ${[name, ...figures, sum('bad'), sum('errors')].join(' | ')} |`);
  }
}
