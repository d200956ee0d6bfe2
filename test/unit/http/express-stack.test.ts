import express from 'express';
import { describe, expect, it } from 'vitest';
import { beforeHandle, moveToFront } from '../../../lib/http/express-stack.js';

type Handler = (request: unknown, response: unknown, next: () => void) => void;
type App = { router: { stack: { handle: unknown }[] } };

const handler = (): Handler => (_request, _response, next) => next();
const handlesOf = (app: unknown) => (app as App).router.stack.map(({ handle }) => handle);

describe('beforeHandle', () => {
  const send = (app: unknown, request: object) =>
    (app as { handle(...args: unknown[]): void }).handle(request);

  it('prepares a request once, before the application itself sees it', () => {
    const seen: string[] = [];
    const app = { handle: () => void seen.push('application') };
    const prepare = () => void seen.push('prepared');
    for (const _ of [1, 2]) beforeHandle(app, prepare);
    beforeHandle(app, () => void seen.push('and for another'));
    send(app, {});
    expect(seen).toEqual(['prepared', 'and for another', 'application']);
  });

  it('comes before Express changes the prototype of the request', () => {
    const app = express();
    const prototypes: unknown[] = [];
    const request = { url: '/', method: 'GET' };
    const prototypeOf = () => void prototypes.push(Object.getPrototypeOf(request));
    beforeHandle(app, prototypeOf);
    app.use(prototypeOf);
    const handle = Reflect.get(app, 'handle') as (...args: unknown[]) => void;
    handle.call(app, request, { setHeader: () => {} }, () => {});
    expect(prototypes).toEqual([Object.prototype, app.request]);
  });

  it('does nothing without an application', () => {
    for (const instance of [undefined, {}, () => {}])
      expect(() => beforeHandle(instance, () => {})).not.toThrow();
  });
});

describe('moveToFront', () => {
  it('moves what was mounted last before everything else, but behind what was moved before', () => {
    const app = express();
    const [other, first, second] = [handler(), handler(), handler()];
    app.use(other as never);
    app.use(first as never);
    expect(moveToFront(app, first)).toBe(true);
    app.use(second as never);
    expect(moveToFront(app, second)).toBe(true);
    expect(handlesOf(app)).toEqual([first, second, other]);
  });

  it('stays behind the handlers of Express 4, which give a request its methods', () => {
    const [other, moved] = [handler(), handler()];
    const own = (name: string) => ({ name, handle: handler() });
    const stack = [own('query'), own('expressInit'), { name: 'own', handle: other }, { handle: moved }];
    const app = {
      _router: { stack },
      get router(): never {
        throw new Error("'app.router' is deprecated!");
      },
    };
    expect(moveToFront(app, moved)).toBe(true);
    expect(stack.map(({ handle }) => handle).slice(2)).toEqual([moved, other]);
  });

  it('changes nothing if the handler was not mounted last, or no list is there', () => {
    const app = express();
    const [first, last] = [handler(), handler()];
    app.use(first as never);
    app.use(last as never);
    expect(moveToFront(app, first)).toBe(false);
    expect(handlesOf(app)).toEqual([first, last]);
    for (const instance of [undefined, {}, { router: {} }, () => {}])
      expect(moveToFront(instance, first)).toBe(false);
  });
});
