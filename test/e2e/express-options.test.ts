import session from 'express-session';
import { memoryStore } from 'nestjs-session-crypto';
import { expressSession, fromExpressStore, toExpressStore } from 'nestjs-session-crypto/express';
import { expect, it } from 'vitest';

it.each<[string, string, () => unknown]>([
  [
    'expressSession().subjectForm',
    'subjectFrom',
    () => expressSession({} as never, { subjectForm: 1 } as never),
  ],
  ['toExpressStore().ttls', 'ttl', () => toExpressStore(memoryStore(), { ttls: 60 } as never)],
  [
    'fromExpressStore().nam',
    'name',
    () => fromExpressStore(new session.MemoryStore() as never, { nam: 'x' } as never),
  ],
])('%s is a fault that names %s', (path, meant, call) => {
  expect(call).toThrow(`${path}: is unknown; is "${meant}" meant?`);
});
