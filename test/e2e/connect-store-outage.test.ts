import session from 'express-session';
import { fromExpressStore, type ConnectStore } from 'nestjs-session-crypto/express';
import { expect, it } from 'vitest';
import { ADAPTER_NAMES } from '../support/adapters.js';
import type { Answer } from '../support/ask.js';
import { ScriptApp } from '../support/script-app.js';
import type { SessionPlan } from '../support/test-app.js';
import { ExpressApp } from './support/express-app.js';
import { FastifyApp } from './support/fastify-app.js';

/** A visitor of one kind of handler. */
interface Client {
  begin(): Promise<Answer>;
  read(): Promise<Answer>;
  /** Asks for a route that does not touch the session. */
  pass(): Promise<Answer>;
}

const withSession = (adapter: (typeof ADAPTER_NAMES)[number]) => async (plan: SessionPlan) => {
  const client = (await ScriptApp.start(plan, adapter)).client();
  return {
    begin: () => client.run((one) => one.set('n', 1)),
    read: () => client.run((one) => one.get('n')),
    pass: () => client.get('/untouched'),
  };
};
const KINDS: Readonly<Record<string, (plan: SessionPlan) => Promise<Client>>> = {
  '@CurrentSession() on Express': withSession('express'),
  '@CurrentSession() on Fastify': withSession('fastify'),
  async 'req.session on Express'(plan) {
    const client = (await ExpressApp.start({ session: plan })).client();
    return {
      begin: () => client.run((request) => void (request.session['n'] = 1)),
      read: () => client.run((request) => request.session['n']),
      pass: () => client.get('/untouched'),
    };
  },
  async 'request.session on Fastify'(plan) {
    const client = (await FastifyApp.start({ session: plan })).client();
    return {
      begin: () => client.run((request) => request.session.set('n', 1)),
      read: () => client.run((request) => request.session.get('n')),
      pass: () => client.get('/untouched'),
    };
  },
};

it.each<[string, ConnectStore['get']]>([
  [
    'throws',
    () => {
      throw new Error('the word sesame');
    },
  ],
  ['calls back with an error', (_id, done) => done(new Error('the word sesame'))],
  ['rejects', () => Promise.reject(new Error('the word sesame'))],
  ['never answers', () => undefined],
])('a connect store whose `get` %s gives 503 to every kind of handler', async (_, broken) => {
  const store = new session.MemoryStore();
  let isDown = false;
  const get: ConnectStore['get'] = (id, done) => (isDown ? broken(id, done) : store.get(id, done));
  const plan = {
    store: fromExpressStore({ get, set: store.set.bind(store), destroy: store.destroy.bind(store) }),
    session: { commitTimeout: 1 },
  };
  const clients = await Promise.all(Object.values(KINDS).map((start) => start(plan)));
  const all = (act: keyof Client) => Promise.all(clients.map((client) => client[act]()));

  await all('begin');
  isDown = true;
  const failed = await all('read');
  expect(failed.map(({ status, cookies }) => [status, cookies])).toEqual(clients.map(() => [503, []]));
  expect(failed.map(({ text }) => text).join()).not.toContain('sesame');
  // Code of express-session reads `req.session` on the same tick, so it waits for the session also where it does not read it.
  expect((await all('pass')).map(({ status }) => status)).toEqual([200, 200, 503, 503]);
  isDown = false;
  expect((await all('read')).map(({ body }) => body)).toEqual(clients.map(() => ({ result: 1 })));
});
