import { getCipherInfo } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { startCounter } from '../../support/count-app.js';
import { optionsWith } from '../../support/engines/engine-options.js';
import { packagedEngine, pathOf, whyNot } from '../../support/engines/engines.js';

const engine = packagedEngine('gost.so', 'libengine-gost-openssl');

describe.skipIf('missing' in engine)(`a packaged engine, gost${whyNot(engine)}`, () => {
  it('is set, brings its ciphers, and sessions of the Apache format work beside it', async () => {
    expect(getCipherInfo('kuznyechik-cbc')).toBeUndefined();
    const app = await startCounter(optionsWith(pathOf(engine)));
    expect(getCipherInfo('kuznyechik-cbc')).toMatchObject({ mode: 'cbc' });
    const visitor = app.visitor();
    await visitor.get('/');
    expect((await visitor.get('/')).text).toBe('2');
  });
});
