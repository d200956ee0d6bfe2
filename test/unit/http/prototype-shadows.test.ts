import { createServer, get, IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, it } from 'vitest';
import { holdByPrototype } from '../../../lib/http/gate/held-head.js';
import { exampleOf, shadowsNothing } from '../../../lib/http/prototype-shadows.js';

/** A request and a response that a server of this Node has made. */
let made: { request: IncomingMessage; response: ServerResponse };

beforeAll(async () => {
  const server = createServer((request, response) => {
    made = { request, response };
    response.end();
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((ended) =>
    get({ host: '127.0.0.1', port, agent: false }, (a) => a.resume().once('end', ended)),
  );
  server.close();
});

/** Other lines of Node are left alone. */
const isMeant = /^v2[02]\./.test(process.version);

describe.runIf(isMeant)('exampleOf, on Node 20 and 22', () => {
  it.each([
    ['request', IncomingMessage],
    ['response', ServerResponse],
  ] as const)('has all properties of a %s that this Node makes', (kind, node) => {
    const example = exampleOf(node);
    const missing = Object.keys(made[kind]).filter((name) => !(name in example));
    expect(missing).toEqual([]);
  });
});

describe('shadowsNothing', () => {
  const shadows = (node: typeof IncomingMessage | typeof ServerResponse, properties: object) =>
    !shadowsNothing({
      node,
      example: exampleOf(node),
      express: Object.assign(Object.create(node.prototype) as object, properties),
    });

  it.each([
    ['a method of the response', ServerResponse, { writeHead() {} }],
    ['a method of what the response extends', ServerResponse, { setHeader() {} }],
    ['a method of all emitters', IncomingMessage, { emit() {} }],
    ['an own property of the response', ServerResponse, { statusCode: 200 }],
    ['an own property of the request', IncomingMessage, { url: '/' }],
  ])('sees %s', (_what, node, properties) => {
    expect(shadows(node, properties)).toBe(true);
  });

  it.each([
    ['a name of its own', ServerResponse, { sendFile() {} }],
    ['nothing', IncomingMessage, {}],
  ])('passes %s', (_what, node, properties) => {
    expect(shadows(node, properties)).toBe(false);
  });

  it('sees it on a prototype in between', () => {
    const between = Object.assign(Object.create(ServerResponse.prototype) as object, { end() {} });
    expect(
      shadowsNothing({
        node: ServerResponse,
        example: exampleOf(ServerResponse),
        express: Object.create(between) as object,
      }),
    ).toBe(false);
  });

  it('passes what the gate has put there', () => {
    const express = Object.create(ServerResponse.prototype) as object;
    holdByPrototype(express as never);
    expect(Object.getOwnPropertyNames(express)).not.toEqual([]);
    expect(shadowsNothing({ node: ServerResponse, example: exampleOf(ServerResponse), express })).toBe(true);
  });

  it('refuses a prototype that does not lead to the class', () => {
    expect(shadowsNothing({ node: ServerResponse, example: exampleOf(ServerResponse), express: {} })).toBe(
      false,
    );
  });
});
