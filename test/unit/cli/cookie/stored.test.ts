import { beforeAll, describe, expect, it } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { temporaryFolder } from '../../../support/cleanup.js';
import { atPlace, command, configOf, explain, make, SECRET } from './support/cookie-cli.js';
import { storedStories } from './support/stored-stories.js';

describe('session-crypto cookie, of sessions in memory', () => {
  const store = memoryStore();
  storedStories('memory', () => ({ store }));
});

describe('session-crypto cookie explain', () => {
  it('writes nothing, whatever the cookie leads to', async () => {
    const store = memoryStore();
    const options = { crypto: { secrets: [SECRET] }, store };
    const [live, moved, ended] = [await make(options), await make(options), await make(options)];
    await atPlace(options, async ({ endpoint: { repository } }) => {
      const { record } = moved.entry;
      await repository.move(moved.entry, repository.identity(record), record, 'periodic');
      await repository.end(ended.entry);
    });
    const refuse = () => Promise.reject(new Error('a write'));
    const writes = {
      create: refuse,
      replace: refuse,
      move: refuse,
      destroy: refuse,
      touch: refuse,
      prune: refuse,
    };
    const readonly = Object.assign(store, writes, { destroySubject: refuse, updateLocked: refuse });
    for (const given of [options, { ...options, session: { graceTime: 0, onReuse: 'end' as const } }])
      for (const { header } of [live, moved, ended]) {
        const { status, err } = await explain({ ...given, store: readonly }, header);
        expect([err, [0, 1].includes(status)]).toEqual(['', true]);
      }
  });
});

describe('session-crypto cookie seal', () => {
  it('says that a subject has as many sessions as it may have', async () => {
    const session = { maxPerSubject: { limit: 1, whenFull: 'refuse' as const } };
    const config = configOf({ crypto: { secrets: [SECRET] }, store: memoryStore(), session });
    const seal = () => command(['cookie', 'seal', '--create', '--config', config], '{"subject":"42"}');
    expect((await seal()).status).toBe(0);
    const { status, out, err } = await seal();
    expect([status, out]).toEqual([75, '']);
    expect(err).toContain('session.maxPerSubject allows; end one of them');
  });
});

describe('session-crypto cookie, of sessions in files', () => {
  let path: string;
  beforeAll(async () => void (path = await temporaryFolder()));
  storedStories('files', () => ({ store: fileStore({ path }) }));
});
