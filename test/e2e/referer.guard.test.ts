import { Controller, Get, UseGuards } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { memoryStore, RefererGuard, type IdOptions } from 'nestjs-session-crypto';
import { ADAPTER_NAMES, type AdapterName } from '../support/adapters.js';
import { startApp } from '../support/test-app.js';

@Controller()
@UseGuards(RefererGuard)
class GuardedController {
  @Get()
  home() {}
}

async function statusFrom(
  adapter: AdapterName,
  id: IdOptions,
  referer?: string,
  site?: string,
): Promise<number> {
  const app = await startApp({
    adapter,
    session: { store: memoryStore(), id },
    controllers: [GuardedController],
  });
  const headers = { ...(referer && { referer }), ...(site && { 'sec-fetch-site': site }) };
  const { status } = await app.ask('/', { headers });
  return status;
}

const TEXTS = { origins: ['http://a.example/', 'b.example'], match: 'substring' } as const;

describe.each(ADAPTER_NAMES)('RefererGuard on %s', (adapter) => {
  const origins = ['https://shop.example'];

  it.each([
    ['a page of a listed origin', { origins }, 'https://shop.example/cart', 200],
    ['a page of another', { origins }, 'https://evil.example/?https://shop.example', 403],
    [
      'a site that names an origin, where texts are searched',
      TEXTS,
      'http://evil.example/?http://a.example/',
      403,
    ],
    ['an origin, where texts are searched', TEXTS, 'http://a.example/cart', 200],
    ['a text anywhere, where texts are searched', TEXTS, 'http://evil.example/?b.example', 200],
    ['nobody who says so', { origins }, undefined, 200],
    ['nobody who says so, where that is refused', { origins, missing: 'refuse' }, undefined, 403],
    ['another site that omits the referer', { origins }, undefined, 403, 'cross-site'],
    ['our own page that omits the referer', { origins }, undefined, 200, 'same-origin'],
    ['a listed site', { origins }, 'https://shop.example/cart', 200, 'cross-site'],
  ] as const)('answers a request from %s', async (_, refererCheck, referer, status, site = undefined) => {
    expect(await statusFrom(adapter, { refererCheck }, referer, site)).toBe(status);
  });

  it('fails where nothing says which pages are meant', async () => {
    expect(await statusFrom(adapter, {})).toBe(500);
  });
});
