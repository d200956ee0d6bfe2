import { Controller, Get, Module, UseGuards, type INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { memoryStore, RefererGuard, SessionCryptoModule, type IdOptions } from 'nestjs-session-crypto';
import { ADAPTERS, SECRET, type AdapterName } from '../support/script-app.js';

@Controller()
@UseGuards(RefererGuard)
class GuardedController {
  @Get()
  home() {}
}

let app: INestApplication;
afterEach(() => app.close());

async function statusFrom(adapter: AdapterName, id: IdOptions, referer?: string): Promise<number> {
  const module = SessionCryptoModule.forRoot({ crypto: { secrets: [SECRET] }, store: memoryStore(), id });
  @Module({ imports: [module], controllers: [GuardedController] })
  class AppModule {}
  const testing = await Test.createTestingModule({ imports: [AppModule] })
    .setLogger(false as never)
    .compile();
  app = testing.createNestApplication(new (ADAPTERS[adapter] as typeof ADAPTERS.express)(), {
    logger: false,
  });
  await app.listen(0, '127.0.0.1');
  const { status } = await fetch(await app.getUrl(), { headers: referer ? { referer } : {} });
  return status;
}

describe.each(['express', 'fastify'] as const)('RefererGuard on %s', (adapter) => {
  const origins = ['https://shop.example'];

  it.each([
    ['a page of a listed origin', { origins }, 'https://shop.example/cart', 200],
    ['a page of another', { origins }, 'https://evil.example/?https://shop.example', 403],
    ['nobody who says so', { origins }, undefined, 200],
    ['nobody who says so, where that is refused', { origins, missing: 'refuse' }, undefined, 403],
  ] as const)('answers a request from %s', async (_, refererCheck, referer, status) => {
    expect(await statusFrom(adapter, { refererCheck }, referer)).toBe(status);
  });

  it('fails where nothing says which pages are meant', async () => {
    expect(await statusFrom(adapter, {})).toBe(500);
  });
});
