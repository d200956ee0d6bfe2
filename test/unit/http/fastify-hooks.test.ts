import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { putHookInFront, type FastifyHook } from '../../../lib/http/fastify-hooks.js';

/** An application whose hooks write their names; the names of one request are the answer. */
function application() {
  const app = fastify();
  let names: string[] = [];
  const hook =
    (name: string): FastifyHook =>
    (_request, _reply, done) => {
      names.push(name);
      done();
    };
  const answer = () => names.splice(0);
  app.get('/', answer);
  const seen = async (url: string) => (await app.inject({ url })).json<string[]>();
  return { app, hook, answer, seen };
}

describe('putHookInFront', () => {
  it('runs a hook before those that were added earlier, but behind those that were put in front earlier', async () => {
    const { app, hook, seen } = application();
    app.addHook('onRequest', hook('added') as never);
    await app.after();
    for (const name of ['first', 'second']) expect(putHookInFront(app, hook(name))).toBe(true);
    expect(await seen('/')).toEqual(['first', 'second', 'added']);
  });

  it('covers the contexts that are made afterwards, and requests that no route answers', async () => {
    const { app, hook, answer, seen } = application();
    putHookInFront(app, hook('first'));
    app.register(async (context) => {
      context.addHook('onRequest', hook('inner') as never);
      context.get('/inner', answer);
    });
    app.setNotFoundHandler(answer);
    expect(await seen('/inner')).toEqual(['first', 'inner']);
    expect(await seen('/missing')).toEqual(['first']);
  });

  it('does nothing for an application that shows no list of its hooks', () => {
    const { hook } = application();
    for (const instance of [undefined, {}, { [Symbol('fastify.hooks')]: {} }, () => {}])
      expect(putHookInFront(instance, hook('none'))).toBe(false);
  });
});
