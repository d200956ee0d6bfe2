import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { isAllowedHandshake, isOrigin } from '../../../lib/http/handshake-origin.js';

const LISTED = ['https://app.example', 'null'];
const requestWith = (headers: IncomingHttpHeaders, encrypted = false) =>
  ({ headers, socket: { encrypted } }) as unknown as IncomingMessage;

describe('a handshake', () => {
  it.each<[allowed: boolean, headers: IncomingHttpHeaders, encrypted?: boolean]>([
    [true, {}],
    [true, { host: 'shop.example' }],
    [true, { host: 'shop.example', origin: 'https://shop.example' }],
    [true, { host: 'Shop.Example:8443', origin: 'https://shop.example:8443' }],
    [true, { host: 'shop.example', origin: 'http://shop.example' }],
    [false, { host: 'shop.example', origin: 'http://shop.example' }, true],
    [true, { host: 'shop.example', origin: 'https://shop.example' }, true],
    [false, { host: 'shop.example', origin: 'https://shop.example:8443' }],
    [false, { host: 'shop.example', origin: 'https://shop.example.evil' }],
    [false, { host: 'shop.example', origin: 'https://evil.example/https://shop.example' }],
    [false, { host: 'shop.example', origin: '' }],
    [false, { origin: 'https://shop.example' }],
    [true, { host: 'shop.example', origin: 'https://app.example' }],
    [true, { host: 'shop.example', origin: 'null' }],
    [false, { host: 'shop.example', origin: 'https://APP.example' }],
    [true, { 'sec-fetch-site': 'same-origin' }],
    [true, { 'sec-fetch-site': 'none' }],
    [false, { 'sec-fetch-site': 'cross-site' }],
    [false, { host: 'shop.example', origin: 'http://shop.example', 'sec-fetch-site': 'cross-site' }],
    [false, { host: 'shop.example', origin: 'https://shop.example', 'sec-fetch-site': 'same-site' }],
    [true, { origin: 'https://app.example', 'sec-fetch-site': 'same-site' }],
  ])('is %s for %j', (allowed, headers, encrypted) => {
    expect(isAllowedHandshake(requestWith(headers, encrypted), LISTED)).toBe(allowed);
  });

  it('of a page without an origin needs the word null in the list', () => {
    expect(isAllowedHandshake(requestWith({ host: 'a.example', origin: 'null' }), [])).toBe(false);
  });
});

describe('isOrigin', () => {
  it.each(['https://shop.example', 'http://127.0.0.1:3000', 'chrome-extension://abcdef', 'file://', 'null'])(
    'takes %s',
    (text) => expect(isOrigin(text)).toBe(true),
  );
  it.each(['shop.example', 'https://shop.example/', '*', '', undefined, 1, 'https://a b'])(
    'refuses %s',
    (text) => expect(isOrigin(text)).toBe(false),
  );
});
