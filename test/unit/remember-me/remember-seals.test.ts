import { describe, expect, it } from 'vitest';
import { memoryStore, type CryptoOptions } from 'nestjs-session-crypto';
import { resolveOptions } from '../../../lib/options/resolve-options.js';
import { RememberSeals } from '../../../lib/remember-me/remember-seals.js';
import { keyOf, randomToken } from '../../../lib/remember-me/remember-token.js';
import { beginSeries } from '../../../lib/remember-me/series.js';
import { SessionManager } from '../../../lib/manager/session-manager.js';
import { SessionEvents } from '../../../lib/persistence/session-events.js';
import { SECRET } from '../../support/script-app.js';

const STORE = { kind: 'memory', name: 'memory' };
const OTHER = `hex:${'22'.repeat(32)}`;

async function sealsWith(crypto: Partial<CryptoOptions> = {}, store = STORE): Promise<RememberSeals> {
  const options = resolveOptions({ crypto: { secrets: [SECRET], ...crypto }, store: memoryStore() });
  const parts = {
    name: 'default',
    events: new SessionEvents(),
    clock: (at: Date) => at,
    drivers: { find: () => Promise.resolve(undefined), make: () => undefined },
    tell: () => undefined,
    isCaseSensitive: () => true,
  };
  const { base } = await SessionManager.create(options, parts);
  return new RememberSeals(base, store);
}

describe('a sealed token', () => {
  it('opens again, has 167 characters and is different each time', async () => {
    const seals = await sealsWith();
    const token = randomToken();
    const [one, two] = [await seals.sealToken(token), await seals.sealToken(token)];
    expect([one.length, two.length, one === two]).toEqual([167, 167, false]);
    expect(await seals.openToken(one)).toEqual(token);
    expect(await seals.openToken(two)).toEqual(token);
  });

  it('does not open with one character changed, cut or added', async () => {
    const seals = await sealsWith();
    const text = await seals.sealToken(randomToken());
    const flip = (i: number) => text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1);
    const broken = [
      ...Array.from(text, (_, i) => flip(i)),
      text.slice(1),
      `${text}A`,
      ` ${text.slice(1)}`,
      '',
    ];
    for (const one of broken) expect(await seals.openToken(one)).toBeUndefined();
  });

  it('opens only under the same keys, tenant, audience and table, also after a rotation', async () => {
    const text = await (await sealsWith()).sealToken(randomToken());
    const strangers = [
      await sealsWith({ secrets: [OTHER] }),
      await sealsWith({ tenant: 'other' }),
      await sealsWith({ audience: 'other' }),
      await sealsWith({}, { kind: 'memory', name: 'other' }),
    ];
    for (const stranger of strangers) expect(await stranger.openToken(text)).toBeUndefined();
    expect(await (await sealsWith({ secrets: [OTHER, SECRET] })).openToken(text)).toBeDefined();
  });
});

describe('a sealed series', () => {
  it('opens only in its own row, and not as a token', async () => {
    const seals = await sealsWith();
    const token = randomToken();
    const [key, other] = [keyOf(token), keyOf(randomToken())];
    const series = beginSeries(token, 'ada', 1_767_225_600, 60);
    const sealed = await seals.sealSeries(key, series);
    expect(await seals.openSeries({ key, sealed })).toEqual(series);
    expect(await seals.openSeries({ key: other, sealed })).toBeUndefined();
    expect(await seals.openToken(sealed.toString('base64url'))).toBeUndefined();
    expect(sealed.includes('ada') || sealed.includes(series.current)).toBe(false);
  });
});
