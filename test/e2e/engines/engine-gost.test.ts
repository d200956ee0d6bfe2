import 'reflect-metadata';
import { getCipherInfo } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startApp } from '../../support/count-app.js';
import { ask, optionsWith } from '../../support/engines/engine-app.js';
import { packagedEngine, pathOf, whyNot } from '../../support/engines/engines.js';

const engine = packagedEngine('gost.so', 'libengine-gost-openssl');

describe.skipIf('missing' in engine)(`a packaged engine, gost${whyNot(engine)}`, () => {
  it('is set, brings its ciphers, and sessions of the Apache format work beside it', async () => {
    expect(getCipherInfo('kuznyechik-cbc')).toBeUndefined();
    const app = await startApp(optionsWith(pathOf(engine)));
    expect(getCipherInfo('kuznyechik-cbc')).toMatchObject({ mode: 'cbc' });
    const { cookie } = await ask(app, '');
    expect((await ask(app, cookie)).body).toBe('2');
    await app.close();
  });
});
