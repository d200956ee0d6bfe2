import session from 'express-session';
import { memoryStore } from 'nestjs-session-crypto';
import { expressSession, fromExpressStore, toExpressStore } from 'nestjs-session-crypto/express';
import { expect, it } from 'vitest';

it.each<[string, RegExp]>([
  ['secret', /; set crypto\.secrets, a list$/],
  ['store', /; set store of SessionCryptoModule\.forRoot\(\)$/],
  ['cookie', /; set cookie of SessionCryptoModule\.forRoot\(\)$/],
  ['key', /; set crypto\.secrets/],
  ['resave', /; there is no such choice: a session is stored only when it was changed$/],
  ['saveUninitialized', /; there is no such choice: an empty new session is never stored/],
  ['rolling', /; there is no such choice: every use of a session moves its idle deadline/],
  ['genid', /; there is no such choice: ids are random/],
  ['proxy', /; tell the platform to trust its proxy/],
])('expressSession() with the option %s of express-session says where it belongs', (name, said) => {
  expect(() => expressSession({} as never, { [name]: 'x' })).toThrow(said);
});

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
