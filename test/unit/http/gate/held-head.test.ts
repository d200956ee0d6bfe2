import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import express from 'express';
import { describe, expect, it } from 'vitest';
import {
  patch,
  prepareResponse,
  type Gated,
  type Gatekeeper,
} from '../../../../lib/http/gate/gated-response.js';
import { holdByPrototype, reportHeadersSent } from '../../../../lib/http/gate/held-head.js';

class Keeper implements Gatekeeper {
  isWaiting = false;
  hasEnded = false;
  readonly changes: unknown[] = [];

  call() {}

  changeHead(...change: unknown[]) {
    this.changes.push(change);
  }
}

/** A response as the application's handlers see it, behind the gate `keeper`. */
function responseOf(prototype: object, keeper: Keeper): ServerResponse {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  prepareResponse(response, prototype as ServerResponse);
  Object.setPrototypeOf(response, prototype);
  patch(response as unknown as Gated, keeper);
  return response;
}

function hold(response: ServerResponse, keeper: Keeper): string[] {
  const before = Object.getOwnPropertyNames(response);
  reportHeadersSent(response as unknown as Gated);
  keeper.isWaiting = true;
  return Object.getOwnPropertyNames(response).filter((name) => !before.includes(name));
}

const PUT = [
  'headersSent',
  'writableEnded',
  'setHeader',
  'appendHeader',
  'setHeaders',
  'removeHeader',
  '_implicitHeader',
];
const refused = expect.objectContaining({ code: 'ERR_HTTP_HEADERS_SENT' }) as Error;

describe('A held response', () => {
  it('of Express reports that it was sent and takes no header, without a property of its own', () => {
    const { response: prototype } = express();
    holdByPrototype(prototype);
    const keeper = new Keeper();
    const response = responseOf(prototype, keeper);
    response.setHeader('x-before', '1');
    expect(response.headersSent).toBe(false);
    expect(hold(response, keeper)).toEqual([]);
    expect([response.headersSent, response.writableEnded]).toEqual([true, false]);
    expect(() => response.setHeader('x-held', '1')).toThrow(refused);
    expect(() => response.appendHeader('x-held', '1')).toThrow(refused);
    expect(() => response.setHeaders(new Headers())).toThrow(refused);
    expect(() => response.removeHeader('x-before')).toThrow(refused);
    keeper.isWaiting = false;
    response.appendHeader('x-after', '1');
    expect([response.headersSent, response.getHeaderNames()]).toEqual([false, ['x-before', 'x-after']]);
  });

  it('of a mounted application needs no property either', () => {
    const [outer, inner] = [express(), express()];
    outer.use('/inner', inner);
    holdByPrototype(outer.response);
    const keeper = new Keeper();
    expect(hold(responseOf(inner.response, keeper), keeper)).toEqual([]);
  });

  it('of another prototype, or with a method that somebody has put before, gets its own properties', () => {
    const { response: prototype } = express();
    holdByPrototype(prototype);
    const [plain, wrapped] = [new Keeper(), new Keeper()];
    expect(hold(responseOf(ServerResponse.prototype, plain), plain)).toEqual(PUT);
    const response = responseOf(prototype, wrapped);
    const { setHeader } = response;
    response.setHeader = (...args) => setHeader.apply(response, args);
    expect(hold(response, wrapped)).toEqual(PUT.filter((name) => name !== 'setHeader'));
    response.setHeader('x-held', '1');
    expect(wrapped.changes).toEqual([['setHeader', ['x-held', '1']]]);
  });

  it('of a prototype that somebody has patched leaves it as it is', () => {
    const { response: prototype } = express();
    const theirs = () => prototype;
    Object.assign(prototype, { setHeader: theirs });
    holdByPrototype(prototype);
    expect(Object.getOwnPropertyDescriptor(prototype, 'headersSent')).toBeUndefined();
    expect(prototype.setHeader).toBe(theirs);
  });
});

describe('A response that no gate holds', () => {
  it('is as Node has it, on a prototype that is patched once', () => {
    const { response: prototype } = express();
    holdByPrototype(prototype);
    const { setHeader } = prototype;
    holdByPrototype(prototype);
    expect(prototype.setHeader).toBe(setHeader);
    const response = new ServerResponse(new IncomingMessage(new Socket()));
    Object.setPrototypeOf(response, prototype);
    response.setHeader('x', '1').writeHead(204).end();
    expect([response.headersSent, response.writableEnded, response.getHeader('x')]).toEqual([
      true,
      true,
      '1',
    ]);
  });
});
