import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import express from 'express';
import { describe, expect, it, onTestFinished } from 'vitest';
import { holdByPrototype } from '../../../../lib/http/gate/held-head.js';
import { ResponseGate, type HeadOwner } from '../../../../lib/http/gate/response-gate.js';
import { ask } from '../../../support/ask.js';

const LIMITS = { timeout: 1000, heldBody: 1000, heldBodyTotal: 100_000 };
const later = async () => void (await setImmediate());

const ownerOf = (commit: HeadOwner['commit'], cookie: string): HeadOwner => ({
  commit,
  additions: () => ({ cookies: [cookie], defaults: {}, vary: 'Cookie' }),
  onHeadSent() {},
});

type Handler = (response: ServerResponse) => unknown;

const refuse = (): never => {
  throw new Error('refused');
};

/** Answers one request by a gated response, and resolves to the answer and to what the handler has resolved to. */
const answer = (
  commit: HeadOwner['commit'],
  handle: Handler,
  prepare?: Handler,
  cookie = 'sid=value; Path=/',
) => answerOf(ownerOf(commit, cookie), handle, prepare);

async function answerOf(owner: HeadOwner, handle: Handler, prepare: Handler = () => {}) {
  let result: unknown;
  const server = createServer((_request, response) => {
    prepare(response);
    ResponseGate.install(response, owner, LIMITS);
    result = handle(response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  onTestFinished(() => void server.close());
  const received = await ask(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  return { ...received, result: await result };
}

/** Wraps `write` and `end` as compression before 1.8 and express-session do: they ask for Node's own `_header`. */
function wrapByHeader(response: ServerResponse): void {
  const { write, end } = response;
  const wrapped = response as unknown as { _header: string | null; _implicitHeader(): void };
  const sendHead = () => void (wrapped._header ?? wrapped._implicitHeader());
  response.write = (...args: unknown[]) => (sendHead(), write.apply(response, args as never));
  response.end = (...args: unknown[]) => (sendHead(), end.apply(response, args as never));
}

/** The ways in which a response gets the properties of a held head. */
const PROTOTYPES: [string, Handler][] = [
  ['Node', () => {}],
  [
    'Express',
    (response) => {
      const prototype = express().response;
      holdByPrototype(prototype);
      Object.setPrototypeOf(response, prototype);
    },
  ],
];

describe.each(PROTOTYPES)('ResponseGate on a response of %s', (_kind, prepare) => {
  const ways: [string, Handler][] = [
    ['a head and an end', (response) => response.writeHead(201).end('whole')],
    ['two writes', (response) => (response.write('who'), response.write('le'), response.end())],
    ['an end alone', (response) => response.end('whole')],
  ];

  describe.each(ways)('with %s behind a wrapper that asks for `_header`', (_way, send) => {
    it.each([
      ['waits', later],
      ['does not wait', () => {}],
    ])('sends the response whole when the commit %s', async (_how, commit) => {
      const { text, cookies } = await answer(
        commit,
        (response) => {
          wrapByHeader(response);
          send(response);
        },
        prepare,
      );
      expect([text, cookies.length]).toEqual(['whole', 1]);
    });
  });
});

describe('ResponseGate', () => {
  it('waits for what was changed after the commit before the head leaves', async () => {
    const steps: string[] = [];
    const owner: HeadOwner = {
      commit: async () => void steps.push('commit'),
      commitLate: () => (steps.length < 3 ? later().then(() => void steps.push('late')) : undefined),
      additions: () => ({ cookies: [], defaults: {}, vary: undefined }),
      onHeadSent: () => void steps.push('head'),
    };
    const { status } = await answerOf(owner, (response) => response.end());
    expect([status, steps]).toEqual([200, ['commit', 'late', 'late', 'head']]);
  });

  it.each([
    ['at once', refuse],
    ['later', async () => refuse()],
  ])('answers with an error if the commit after the commit fails %s', async (_when, commitLate) => {
    const owner: HeadOwner = {
      commit: later,
      commitLate,
      additions: () => ({ cookies: ['sid=1'], defaults: {}, vary: undefined }),
      additionsToError: () => {
        throw new Error('no additions');
      },
      onHeadSent: () => {},
    };
    const { status, cookies } = await answerOf(owner, (response) => response.end());
    expect([status, cookies]).toEqual([500, []]);
  });

  it('lets nobody wait for a `drain` after a write that was too much to hold', async () => {
    const { status, result } = await answer(later, (response) => {
      const drains: string[] = [];
      response.on('drain', () => drains.push('drain'));
      return [response.write('a'.repeat(10)), response.write('b'.repeat(2000)), drains];
    });
    expect([status, result]).toEqual([503, [false, true, ['drain']]]);
  });

  it.each([
    ['waits', later],
    ['does not wait', () => {}],
  ])('keeps the cookie of a head that Node refuses when the commit %s', async (_how, commit) => {
    const { status, cookies } = await answer(commit, (response) => {
      try {
        response.writeHead(302, { location: '/€' }).end();
      } catch {
        response.writeHead(500, { 'content-type': 'text/plain' }).end('a filter');
      }
    });
    expect([status, cookies.length]).toEqual([500, 1]);
  });

  it.each([
    ['waits', later],
    ['does not wait', () => {}],
  ])('answers though the cookie is what Node refuses, when the commit %s', async (_how, commit) => {
    const handle: Handler = (response) => {
      try {
        response.writeHead(200, { 'x-own': '1' }).end();
      } catch {
        response.writeHead(500, { 'content-type': 'text/plain' }).end('a filter');
      }
    };
    const { status, cookies } = await answer(commit, handle, undefined, 'sid=€');
    expect([status, cookies.length]).toEqual([500, 0]);
  });
});
