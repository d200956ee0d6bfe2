import { ServerResponse, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { rewritesHead } from '../../../../lib/http/trans-sid/rewritten-head.js';

const responseWith = (headers: Record<string, string>, statusCode = 200): ServerResponse => {
  const response = new ServerResponse({ method: 'GET' } as IncomingMessage);
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.statusCode = statusCode;
  return response;
};

describe('rewritesHead', () => {
  it.each([
    ['text/html'],
    ['text/html; charset=utf-8'],
    ['TEXT/HTML;charset="ISO-8859-1"'],
    ['text/html; charset=Shift_JIS'],
  ])('accepts a page of type %s', (type) => {
    expect(rewritesHead(responseWith({ 'content-type': type }), [])).toBe(true);
    expect(rewritesHead(responseWith({}), [200, { 'Content-Type': type }])).toBe(true);
    expect(rewritesHead(responseWith({}), [200, ['Content-Type', type]])).toBe(true);
  });

  it.each([
    ['text/htmlx'],
    ['application/json'],
    ['application/xhtml+xml'],
    ['text/html; charset=utf-16'],
    ['text/html; charset=iso-2022-jp'],
    ['text/html; charset=unheard-of'],
  ])('refuses a response of type %s', (type) => {
    expect(rewritesHead(responseWith({ 'content-type': type }), [])).toBe(false);
  });

  it('refuses a part of a page, a response without a body and a compressed page', () => {
    const html = { 'content-type': 'text/html' };
    for (const status of [204, 206, 304]) {
      expect(rewritesHead(responseWith(html, status), [])).toBe(false);
      expect(rewritesHead(responseWith(html), [status])).toBe(false);
    }
    expect(rewritesHead(responseWith({ ...html, 'content-encoding': 'br' }), [])).toBe(false);
    expect(rewritesHead(responseWith(html), [200, { 'Content-Encoding': 'gzip' }])).toBe(false);
    expect(rewritesHead(responseWith({}), [])).toBe(false);
  });
});
