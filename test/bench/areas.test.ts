import { describe, expect, it } from 'vitest';
import { areaOf, areasOf, areaTable } from '../../bench/http/lib/areas.mjs';

const frame = (functionName: string, url = '') => ({ functionName, url });

describe('the areas of a profile', () => {
  it.each([
    [frame('open', 'file:///x/dist/lib/envelope/envelope.js'), 'ours: envelope/'],
    [frame('handle', 'file:///x/node_modules/@nestjs/core/router.js'), 'framework'],
    [frame('get', 'file:///x/node_modules/@fastify/secure-session/index.js'), 'peer'],
    [frame('createDecipheriv', 'node:internal/crypto/cipher'), 'crypto'],
    [frame('_storeHeader', 'node:_http_outgoing'), 'http and sockets'],
    [frame('(garbage collector)'), 'garbage collection'],
    [frame('writev'), 'http and sockets'],
    [frame('CipherBase.final'), 'crypto'],
  ])('%o', (one, area) => expect(areaOf(one)).toBe(area));

  it('are microseconds for each request, without idle time and the profiler', () => {
    const nodes = [frame('(idle)'), frame('(garbage collector)'), frame('writev'), frame('dispatch')].map(
      (callFrame, id) => ({
        id,
        callFrame,
      }),
    );
    const sums = areasOf({ nodes, samples: [0, 1, 2, 2, 3], timeDeltas: [900, 10, 20, 30, 800] }, 10);
    expect(Object.fromEntries(sums)).toEqual({ 'garbage collection': 1, 'http and sockets': 5 });
  });

  it('stand side by side, with a sum', () => {
    const servers = [
      { name: 'bare', areas: new Map([['framework', 3]]) },
      {
        name: 'ours',
        areas: new Map([
          ['crypto', 4],
          ['framework', 3],
        ]),
      },
    ];
    expect(areaTable('R', servers).split('\n').slice(2)).toEqual([
      '| crypto | 0.0 | 4.0 |',
      '| framework | 3.0 | 3.0 |',
      '| **all** | 3.0 | 7.0 |',
    ]);
  });
});
