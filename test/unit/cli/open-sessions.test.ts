import { Module, type Type } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { memoryStore, SessionCryptoModule } from 'nestjs-session-crypto';
import { run } from '../../../lib/cli/run.js';
import { command, exportingFile } from '../../support/command.js';
import { SECRET } from '../../support/test-app.js';
import { capture } from './support/site.js';

const sessionsOf = (name: string) =>
  SessionCryptoModule.forRoot({
    name,
    crypto: { secrets: [SECRET] },
    store: memoryStore(),
    cookie: { name },
  });

function moduleOf(imports: unknown[], providers: unknown[] = []): Type {
  class AppModule {}
  Module({ imports: imports as [], providers: providers as [] })(AppModule);
  return AppModule;
}

async function count(...args: string[]) {
  const { said, output } = capture();
  return { status: await run(['sessions', 'count', ...args], output), ...said };
}

describe('session-crypto --module', () => {
  it('opens the sessions of an application, and those of a name', async () => {
    const file = await exportingFile({
      AppModule: moduleOf([sessionsOf('default'), sessionsOf('admin')]),
      ShopModule: moduleOf([sessionsOf('shop')]),
    });
    expect(await count('--module', file)).toEqual({ status: 0, out: '0\n', err: '' });
    expect((await count('--module', `${file}#AppModule`, '--session', 'admin')).status).toBe(0);
    expect((await count('--module', `${file}#ShopModule`)).status).toBe(0);
    const wrong = await count('--module', file, '--session', 'amdin');
    expect([wrong.status, wrong.err]).toEqual([
      64,
      expect.stringContaining('no session has the name "amdin"'),
    ]);
    expect(wrong.err).toContain('"default", "admin"');
  });

  it('says which classes a file has', async () => {
    const file = await exportingFile({ ShopModule: moduleOf([sessionsOf('shop')]) });
    const { status, err } = await count('--module', file);
    expect([status, err]).toEqual([
      78,
      expect.stringContaining('exports no class AppModule; it exports ShopModule'),
    ]);
  });

  it('ends with 78 for an application that does not start, and repeats nothing of it', async () => {
    const failing = { provide: 'x', useFactory: () => Promise.reject(new Error('hunter2')) };
    const file = await exportingFile({ AppModule: moduleOf([sessionsOf('default')], [failing]) });
    const { status, err } = await count('--module', file);
    expect([status, err]).toEqual([
      78,
      'session-crypto: the application does not start (Error); start it by itself to see the whole error\n',
    ]);
    const none = await count('--module', await exportingFile({ AppModule: moduleOf([]) }));
    expect([none.status, none.err]).toEqual([78, expect.stringContaining('imports no SessionCryptoModule')]);
  });

  it('ends with 66 for a file that is not there, and 78 for one that fails', async () => {
    expect((await count('--module', '/nowhere/app.module.js#AppModule')).status).toBe(66);
    const file = await exportingFile({}, "throw new Error('hunter2');");
    expect(await count('--module', file)).toMatchObject({
      status: 78,
      err: expect.stringContaining('cannot be loaded (Error)'),
    });
  });
});

describe('session-crypto --config', () => {
  it('never waits for a store that is down, whatever the options say', async () => {
    const refused = () => Promise.reject(Object.assign(new Error('hunter2'), { code: 'ECONNREFUSED' }));
    const store = Object.assign(memoryStore(), { open: refused });
    const { status, err } = await command(['sessions', 'count'], {
      store,
      session: { onStoreDownAtStart: 'wait' },
    });
    expect([status, err]).toEqual([
      69,
      'session-crypto: the store failed in "open": nobody listens at its address (ECONNREFUSED); check that it runs, and that the options lead to it\n',
    ]);
  });

  it('closes what it has opened, also when the command fails', async () => {
    const calls: string[] = [];
    const store = Object.assign(memoryStore(), {
      open: () => void calls.push('open'),
      close: () => void calls.push('close'),
      count: () => Promise.reject(Object.assign(new Error(), { code: '42501' })),
    });
    expect((await command(['sessions', 'count'], { store })).status).toBe(77);
    expect(calls).toEqual(['open', 'close']);
  });
});
