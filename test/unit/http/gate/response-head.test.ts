import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { addToHead, takeFromHead, type HeadAdditions } from '../../../../lib/http/gate/response-head.js';

const NOTHING: HeadAdditions = { cookies: [], defaults: {}, vary: undefined };

/** Returns a head with headers that were set before. */
function headOf(headers: Record<string, string | string[]> = {}): ServerResponse {
  const head = new ServerResponse(new IncomingMessage(new Socket()));
  for (const [name, value] of Object.entries(headers)) head.setHeader(name, value);
  return head;
}

/** Returns the head that `writeHead` would send: headers that are passed win over those that were set. */
function sent(head: ServerResponse, args: unknown[]): Record<string, unknown> {
  const passed = args.find((arg) => typeof arg === 'object') ?? {};
  const names = Object.entries(passed).map(([name, value]) => [name.toLowerCase(), value]);
  expect(new Set(names.map(([name]) => name)).size).toBe(names.length);
  return { ...head.getHeaders(), ...Object.fromEntries(names) };
}

describe('addToHead', () => {
  it('returns the same arguments if there is nothing to add', () => {
    const args = [200, { a: 'b' }];
    const head = headOf();
    expect(addToHead(head, args, NOTHING)).toBe(args);
    expect(head.getHeaderNames()).toEqual([]);
  });

  it.each<{ title: string; headers: unknown }>([
    { title: 'an object', headers: { 'Set-Cookie': 'own=1', 'x-a': 'b' } },
    { title: 'an object with a list', headers: { 'set-cookie': ['own=1'], 'x-a': 'b' } },
    { title: 'names and values in turn', headers: ['Set-Cookie', 'own=1', 'x-a', 'b'] },
    {
      title: 'pairs',
      headers: [
        ['set-cookie', 'own=1'],
        ['x-a', 'b'],
      ],
    },
  ])('joins cookies that were set, those that $title passes, and ours', ({ headers }) => {
    const head = headOf({ 'set-cookie': 'before=0' });
    const args = addToHead(head, [200, headers], { ...NOTHING, cookies: ['sid=1'] });
    expect(args[0]).toBe(200);
    expect(sent(head, args)).toEqual({ 'x-a': 'b', 'set-cookie': ['before=0', 'own=1', 'sid=1'] });
  });

  it('joins cookies that are passed under names of two spellings', () => {
    const head = headOf();
    const args = addToHead(head, [200, ['Set-Cookie', 'a=1', 'set-cookie', 'b=2']], {
      ...NOTHING,
      cookies: ['sid=1'],
    });
    expect(sent(head, args)).toEqual({ 'set-cookie': ['a=1', 'b=2', 'sid=1'] });
  });

  it('leaves what the caller passed as it is', () => {
    const headers = { 'set-cookie': 'own=1', vary: 'Accept' };
    addToHead(headOf(), [200, headers], { ...NOTHING, cookies: ['sid=1'], vary: 'Cookie' });
    expect(headers).toEqual({ 'set-cookie': 'own=1', vary: 'Accept' });
  });

  it('passes a status text on', () => {
    const args = addToHead(headOf(), [200, 'Fine', { a: 'b' }], { ...NOTHING, cookies: ['sid=1'] });
    expect(args).toEqual([200, 'Fine', { a: 'b', 'set-cookie': ['sid=1'] }]);
  });

  it('sets the headers on the response if there are no arguments', () => {
    const head = headOf();
    expect(addToHead(head, [], { ...NOTHING, cookies: ['sid=1'] })).toEqual([]);
    expect(head.getHeader('set-cookie')).toEqual(['sid=1']);
  });

  it('replaces every other line that sets our cookie, and no further line', () => {
    const head = headOf({ 'set-cookie': ['sid=old', 'sid2=kept'] });
    const args = addToHead(head, [200, { 'Set-Cookie': ['sid=passed; Path=/', 'SID=kept'] }], {
      ...NOTHING,
      cookies: ['sid=new', 'admin=new'],
    });
    expect(sent(head, args)).toEqual({ 'set-cookie': ['sid2=kept', 'SID=kept', 'sid=new', 'admin=new'] });
  });

  it('adds the cache headers', () => {
    const head = headOf({});
    addToHead(head, [200], { ...NOTHING, defaults: { pragma: 'p', 'cache-control': 'c' }, vary: 'Cookie' });
    expect(head.getHeaders()).toEqual({ pragma: 'p', 'cache-control': 'c', vary: 'Cookie' });
  });

  it('adds no cache headers if the handler has set Cache-Control', () => {
    const head = headOf({});
    const args = addToHead(head, [200, { 'Cache-Control': 'passed' }], {
      cookies: [],
      defaults: { pragma: 'p', 'cache-control': 'c', expires: 'e' },
      vary: 'Cookie',
    });
    expect(sent(head, args)).toEqual({ 'cache-control': 'passed', vary: 'Cookie' });
  });

  it.each<{ set?: string | string[]; passed?: string; vary: string }>([
    { vary: 'Cookie' },
    { set: 'Accept', vary: 'Accept, Cookie' },
    { set: ['Accept', 'Origin'], vary: 'Accept, Origin, Cookie' },
    { set: 'accept, COOKIE', vary: 'accept, COOKIE' },
    { set: 'Cookie2', vary: 'Cookie2, Cookie' },
    { set: '', vary: 'Cookie' },
    { set: '*', vary: '*' },
    { passed: 'Origin', vary: 'Origin, Cookie' },
    { set: 'Accept', passed: 'Origin', vary: 'Origin, Cookie' },
  ])('makes Vary $vary of $set and $passed', ({ set, passed, vary }) => {
    const head = headOf(set === undefined ? {} : { vary: set });
    const args = addToHead(head, passed === undefined ? [200] : [200, { Vary: passed }], {
      ...NOTHING,
      vary: 'Cookie',
    });
    expect(sent(head, args)).toEqual({ vary });
  });
});

describe('addToHead in the format list', () => {
  const ADDED: HeadAdditions = {
    cookies: ['sid=1'],
    defaults: { 'cache-control': 'c', expires: 'e' },
    vary: 'Cookie',
  };

  it('returns names and values in turn, each name once', () => {
    const passed = { 'X-A': 'b', Expires: 'passed', 'Set-Cookie': ['own=1', 'sid=0'], VARY: 'Accept' };
    const [status, list] = addToHead(headOf(), [200, passed], ADDED, 'list');
    expect(status).toBe(200);
    expect(list).toEqual([
      'X-A', 'b', 'cache-control', 'c', 'expires', 'e', 'set-cookie', ['own=1', 'sid=1'], 'vary', 'Accept, Cookie',
    ]); // prettier-ignore
  });

  it('returns what Node sends, also with headers that were set before', () => {
    const head = headOf({ 'x-set': 'kept', 'set-cookie': 'before=0', expires: 'set' });
    const args = addToHead(head, [200, { 'x-a': 'b', 'set-cookie': 'own=1' }], ADDED, 'list');
    head.writeHead(...(args as [number, string[]]));
    const lines = (head as unknown as { _header: string })._header.toLowerCase().split('\r\n');
    expect(
      lines.filter((line) => /^(?:x-|set-cookie|expires|vary|cache-control)/.test(line)).toSorted(),
    ).toEqual([
      'cache-control: c',
      'expires: e',
      'set-cookie: before=0',
      'set-cookie: own=1',
      'set-cookie: sid=1',
      'vary: cookie',
      'x-a: b',
      'x-set: kept',
    ]);
  });
});

describe('takeFromHead', () => {
  const NAME = 'x-session';

  it('returns the same arguments if the header is not there', () => {
    const args = [200, 'Fine'];
    expect(takeFromHead(headOf({ 'x-a': 'b' }), args, NAME)).toEqual({ values: [], args });
    expect(takeFromHead(headOf(), args, NAME).args).toBe(args);
    const passing = [200, { 'x-a': 'b' }];
    expect(takeFromHead(headOf(), passing, NAME).args).toBe(passing);
  });

  it.each<{ title: string; value: string | string[]; values: string[] }>([
    { title: 'a value', value: 'a=1', values: ['a=1'] },
    { title: 'an empty value', value: '', values: [''] },
    { title: 'several values', value: ['a=1', 'b=2'], values: ['a=1', 'b=2'] },
  ])('takes $title that was set out of the head', ({ value, values }) => {
    const head = headOf({ 'X-Session': value, 'x-a': 'b' });
    expect(takeFromHead(head, [200], NAME)).toEqual({ values, args: [200] });
    expect(head.getHeaders()).toEqual({ 'x-a': 'b' });
  });

  it("keeps headers that have the name of an object's own member", () => {
    const list = ['constructor', 'x', '__proto__', 'y', NAME, 'a=1'];
    const { values, args } = takeFromHead(headOf(), [200, list], NAME);
    expect(values).toEqual(['a=1']);
    expect(Object.entries(args[1] as object)).toEqual([
      ['constructor', 'x'],
      ['__proto__', 'y'],
    ]);
  });

  it('refuses a value that Node would refuse to send', () => {
    const headers = { [NAME]: 'name=\u0126admin' };
    const take = () => takeFromHead(headOf(), [200, headers], NAME);
    expect(take).toThrow(expect.objectContaining({ code: 'ERR_INVALID_CHAR' }));
  });

  it('returns a number as text', () => {
    const head = headOf();
    head.setHeader(NAME, 5);
    expect(takeFromHead(head, [], NAME).values).toEqual(['5']);
  });

  it.each<{ title: string; headers: unknown }>([
    { title: 'an object', headers: { 'X-Session': 'a=1', 'x-a': 'b', 'x-SESSION': 'b=2' } },
    { title: 'an object with a list', headers: { 'x-session': ['a=1', 'b=2'], 'x-a': 'b' } },
    { title: 'names and values in turn', headers: ['X-Session', 'a=1', 'x-a', 'b', 'X-Session', 'b=2'] },
    {
      title: 'pairs',
      headers: [
        ['x-session', 'a=1'],
        ['x-a', 'b'],
        ['X-Session', 'b=2'],
      ],
    },
  ])('takes every spelling out of $title, and then what was set', ({ headers }) => {
    const head = headOf({ [NAME]: 'set=1' });
    const { values, args } = takeFromHead(head, [200, 'Fine', headers], NAME);
    expect(values).toEqual(['a=1', 'b=2', 'set=1']);
    expect(args).toEqual([200, 'Fine', { 'x-a': 'b' }]);
    expect(head.hasHeader(NAME)).toBe(false);
  });

  it('leaves what the caller passed as it is', () => {
    const headers = { 'x-session': 'a=1' };
    const passed = ['x-session', 'a=1'];
    takeFromHead(headOf(), [200, headers], NAME);
    takeFromHead(headOf(), [200, passed], NAME);
    expect([headers, passed]).toEqual([{ 'x-session': 'a=1' }, ['x-session', 'a=1']]);
  });

  it('keeps headers whose names only contain the name', () => {
    const headers = { 'x-session-2': 'a', 'my-x-session': 'b' };
    const head = headOf(headers);
    expect(takeFromHead(head, [200, headers], NAME)).toEqual({ values: [], args: [200, headers] });
    expect(head.getHeaders()).toEqual(headers);
  });
});
