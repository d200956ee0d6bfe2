// The shared application: the same six routes for every peer. A server file only says
// how a session is installed and how the handler reads and changes it.
// oxlint-disable-next-line no-unassigned-import -- Nest's decorators need it
import 'reflect-metadata';
import { Controller, Get, Module, Req, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

export const port = Number(process.env.PORT);
export const pgUrl = process.env.BENCH_PG;
export const secret = 'bench-secret-bench-secret-bench-secret-0123456789';
export const maxAgeMs = 86_400_000;
export const pgPool = Number(process.env.BENCH_POOL ?? 8);

/** What a new session holds, apart from the counter: ~ size bytes of JSON. */
export function userData(size) {
  const base = { id: 4711, name: 'Ada Example', roles: ['user', 'editor'], csrf: 'k3Jf9sQ1vX7mZ0aB' };
  const pad = size - JSON.stringify({ user: base, n: 100000 }).length - 9;
  return pad > 0 ? { ...base, pad: 'abcdefghij'.repeat(Math.ceil(pad / 10)).slice(0, pad) } : base;
}

const wait = ms => new Promise(r => setTimeout(r, ms));

/** ops: read(req,res) -> n; bump(req,res) -> n; create(req,res,user); add(req,res,key); keys(req,res) -> string[] */
export function controller(ops) {
  class AppController {
    none() { return 'ok'; }
    async read(req, res) { return String((await ops.read(req, res)) ?? 'none'); }
    async write(req, res) { return String(await ops.bump(req, res)); }
    async create(req, res) { await ops.create(req, res, userData(Number(req.query.size ?? 300))); return 'created'; }
    async add(req, res) {
      if (req.query.wait) await wait(Number(req.query.wait));
      await ops.add(req, res, String(req.query.k));
      return 'added';
    }
    async keys(req, res) { return (await ops.keys(req, res)).join(','); }
  }
  Controller()(AppController);
  for (const [method, path] of [['none', 'none'], ['read', 'read'], ['write', 'write'], ['create', 'new'], ['add', 'add'], ['keys', 'keys']]) {
    const d = Object.getOwnPropertyDescriptor(AppController.prototype, method);
    Get(path)(AppController.prototype, method, d);
    if (method !== 'none') {
      Req()(AppController.prototype, method, 0);
      Res({ passthrough: true })(AppController.prototype, method, 1);
    }
  }
  return AppController;
}

/** Plain property sessions (express-session, cookie-session, @fastify/session). */
export const plainOps = {
  read: req => req.session.n,
  bump: req => (req.session.n = (req.session.n ?? 0) + 1),
  create: (req, _res, user) => { req.session.user = user; req.session.n = 100000; },
  add: (req, _res, k) => { req.session['k' + k] = 1; },
  keys: req => Object.keys(req.session).filter(k => /^k\d+$/.test(k)),
};
export const noOps = { read: () => 'none', bump: () => 'none', create() {}, add() {}, keys: () => [] };

export async function start({ platform = 'express', ops = noOps, imports = [], install } = {}) {
  class AppModule {}
  Module({ imports, controllers: [controller(ops)] })(AppModule);
  let app;
  if (platform === 'fastify') {
    const { FastifyAdapter } = await import('@nestjs/platform-fastify');
    app = await NestFactory.create(AppModule, new FastifyAdapter(), { logger: ['error'] });
  } else {
    app = await NestFactory.create(AppModule, { logger: ['error'] });
  }
  if (install) await install(app);
  await app.listen(port, '127.0.0.1');
  ready();
}

export function ready() { if (process.send) process.send({ ready: true }); else console.log('listening on', port); }
