import { ServerResponse, IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { BackendExchange } from '../../../lib/request/backend-exchange.js';

const exchangeOf = () =>
  new BackendExchange({
    header: 'x-session',
    envHeader: 'session',
    env: false,
    cookieRemove: false,
    merge: () => undefined,
    textOf: () => '',
  });

function answerWith(exchange: BackendExchange, text: string): void {
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.setHeader('x-session', text);
  exchange.readResponse(response, []);
}

describe('BackendExchange', () => {
  it('hands a text over once, and is not answered any more', () => {
    const exchange = exchangeOf();
    answerWith(exchange, 'a=1');
    expect([exchange.answered, exchange.pending]).toEqual([true, true]);
    expect(exchange.takeText()).toBe('a=1');
    expect([exchange.answered, exchange.pending]).toEqual([false, false]);
  });

  it('is answered by an empty header, which there is nothing to merge of', () => {
    const exchange = exchangeOf();
    answerWith(exchange, '');
    expect([exchange.answered, exchange.pending]).toEqual([true, false]);
  });
});
