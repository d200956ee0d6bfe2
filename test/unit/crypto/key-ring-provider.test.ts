import { chmod, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { KeyRingProvider, type ReloadOptions } from '../../../lib/crypto/key-ring-provider.js';
import { keySource } from '../../../lib/crypto/key-sources/key-source.js';
import type { KeySource } from '../../../lib/crypto/key-source.interface.js';
import type { Secret } from '../../../lib/crypto/secret.js';
import { SessionConfigError } from '../../../lib/errors/session-config.error.js';
import { rawSecret, ringMaker, ringOf } from './rings.js';

const QUIET: ReloadOptions = { interval: 0, watch: false };

/** A source whose secrets can be changed, and which remembers the buffers that it returned. */
class ChangingSource implements KeySource {
  readonly path = 'crypto.secrets[0]';
  readonly kind = 'callback';
  readonly reloads = true;
  readonly given: Secret[] = [];
  reads = 0;

  constructor(public answer: () => Secret[] | Promise<Secret[]>) {}

  async read() {
    this.reads++;
    const secrets = await this.answer();
    this.given.push(...secrets);
    return secrets;
  }
}

const fillsSource = (...fills: number[]) => new ChangingSource(() => fills.map((fill) => rawSecret(fill)));

const failing = () => {
  throw new SessionConfigError([{ path: 'crypto.secrets[0]', message: 'is away' }]);
};

let keepers: KeyRingProvider[] = [];
afterEach(() => {
  for (const keeper of keepers) keeper.stop();
  keepers = [];
});

/** A started provider, the calls of its listener, and a promise of the next call. */
async function keep(
  sources: readonly KeySource[],
  options: Partial<ReloadOptions> = {},
  steady?: () => number,
) {
  const told: unknown[] = [];
  let tell: (message: unknown) => void = () => undefined;
  const hear = (message: unknown) => {
    told.push(message);
    tell(message);
  };
  const listener = { reloaded: hear, failed: hear };
  const keeper = new KeyRingProvider(sources, ringMaker(), { ...QUIET, ...options }, listener, steady);
  keepers.push(keeper);
  await keeper.start();
  keeper.listen();
  const next = () => new Promise<unknown>((resolve) => (tell = resolve));
  return { keeper, told, next };
}

const hints = (keeper: KeyRingProvider) => keeper.ring.keys.map(({ hint }) => hint);
const hintsOf = async (...fills: number[]) => (await ringOf(...fills)).keys.map(({ hint }) => hint);

describe('KeyRingProvider', () => {
  it('makes one ring of all sources, in their order', async () => {
    const { keeper } = await keep([fillsSource(1, 2), fillsSource(3)]);
    expect(hints(keeper)).toEqual(await hintsOf(1, 2, 3));
  });

  it('does not start when a source fails', async () => {
    await expect(keep([fillsSource(1), new ChangingSource(failing)])).rejects.toThrow(/is away/);
  });

  it('tells how its readings went: when, and what the last one has failed with', async () => {
    let now = 5000;
    const source = fillsSource(1);
    const { keeper } = await keep([source], {}, () => now);
    const sources = [{ path: 'crypto.secrets[0]', kind: 'callback', reloads: true }];
    now += 2000;
    expect(keeper.sourceState).toEqual({ sources, readAgo: 2, changedAgo: 2, failed: undefined });
    await keeper.reload();
    expect(keeper.sourceState).toMatchObject({ readAgo: 0, changedAgo: 2 });
    now += 1000;
    const { answer } = source;
    source.answer = failing;
    await expect(keeper.reload()).rejects.toThrow();
    expect(keeper.sourceState).toMatchObject({
      readAgo: 1,
      failed: { error: expect.any(SessionConfigError) as unknown },
    });
    source.answer = answer;
    await keeper.reload();
    expect(keeper.sourceState).toMatchObject({ readAgo: 0, changedAgo: 3, failed: undefined });
  });

  it('replaces the ring at a reload, with a higher generation', async () => {
    const source = fillsSource(1);
    const { keeper, told } = await keep([source]);
    const { generation } = keeper.ring;
    source.answer = () => [rawSecret(2), rawSecret(1)];
    await keeper.reload();
    expect(hints(keeper)).toEqual(await hintsOf(2, 1));
    expect(keeper.ring.generation).toBeGreaterThan(generation);
    expect(told).toEqual([2]);
  });

  it.each([
    { what: 'a source fails', answer: failing },
    { what: 'two keys have the same hint', answer: () => [rawSecret(2), rawSecret(2)] },
    { what: 'no key is left', answer: () => [rawSecret(2, 'revoked')] },
  ])('keeps the last good ring whole when $what', async ({ answer }) => {
    const [first, second] = [fillsSource(1), fillsSource(9)];
    const { keeper, told } = await keep([first]);
    const { ring } = keeper;
    first.answer = answer as () => Secret[];
    await expect(keeper.reload()).rejects.toThrow(SessionConfigError);
    expect(keeper.ring).toBe(ring);
    expect(told).toEqual([expect.any(SessionConfigError)]);
    first.answer = second.answer;
    await keeper.reload();
    expect(hints(keeper)).toEqual(await hintsOf(9));
  });

  it('keeps the old ring if a later source fails', async () => {
    const [first, second] = [fillsSource(1), fillsSource(2)];
    const { keeper } = await keep([first, second]);
    const { ring } = keeper;
    first.answer = () => [rawSecret(3)];
    second.answer = failing;
    await expect(keeper.reload()).rejects.toThrow();
    expect(keeper.ring).toBe(ring);
  });

  it('reads its sources once more for all calls during a reload, which may have read them before a change', async () => {
    const [first, second] = [fillsSource(1, 2), fillsSource(3)];
    const { keeper, told } = await keep([first, second]);
    const { answer } = second;
    let release: (secrets: Secret[]) => void = () => undefined;
    second.answer = () => new Promise((resolve) => (release = resolve));
    const reloading = keeper.reload();
    await new Promise(setImmediate); // the first source has answered
    first.answer = () => [rawSecret(2)];
    second.answer = answer;
    const calls = [keeper.reload(), keeper.reload()];
    release(await second.answer());
    await Promise.all(calls);
    expect(hints(keeper)).toEqual(await hintsOf(2, 3));
    await reloading;
    expect(first.reads).toBe(3);
    expect(told).toEqual([3, 2]);
  });

  it('asks no source for a reload that has waited for another one when it stops', async () => {
    const source = fillsSource(1);
    const { keeper, told } = await keep([source]);
    let release: (secrets: Secret[]) => void = () => undefined;
    source.answer = () => new Promise((resolve) => (release = resolve));
    const calls = [keeper.reload(), keeper.reload()];
    await keeper.stop();
    release([rawSecret(2)]);
    const closed = { status: 'rejected', reason: { code: 'ERR_SESSION_CLOSED' } };
    expect(await Promise.allSettled(calls)).toMatchObject([closed, closed]);
    expect(source.reads).toBe(2);
    expect(told).toEqual([]);
  });

  it('wipes the secrets, also if a later source fails', async () => {
    const [first, second] = [fillsSource(1, 2), fillsSource(3)];
    const { keeper } = await keep([first, second]);
    second.answer = failing;
    await keeper.reload().catch(() => undefined);
    const given = [...first.given, ...second.given];
    expect(given).toHaveLength(5);
    for (const { bytes } of given) expect(bytes.every((byte) => byte === 0)).toBe(true);
  });

  it('reloads at its interval, quietly when a source fails', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    try {
      const source = fillsSource(1);
      const { keeper, next } = await keep([source], { interval: 300 });
      source.answer = () => [rawSecret(2)];
      let heard = next();
      vi.advanceTimersByTime(300_000);
      expect(await heard).toBe(1);
      await new Promise((resolve) => setImmediate(resolve));
      source.answer = failing;
      heard = next();
      vi.advanceTimersByTime(300_000);
      expect(await heard).toBeInstanceOf(SessionConfigError);
      expect(hints(keeper)).toEqual(await hintsOf(2));
      keeper.stop();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('reloads at its signal, and removes the handler when it stops', async () => {
    const before = process.listenerCount('SIGUSR2');
    const source = fillsSource(1);
    const { keeper, next } = await keep([source], { signal: 'SIGUSR2' });
    expect(process.listenerCount('SIGUSR2')).toBe(before + 1);
    source.answer = () => [rawSecret(2), rawSecret(1)];
    const heard = next();
    process.kill(process.pid, 'SIGUSR2');
    expect(await heard).toBe(2);
    keeper.stop();
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });

  it('uses the driver no more once it has stopped, even if a source answers late', async () => {
    const source = fillsSource(1);
    const { keeper, told } = await keep([source]);
    let resolve: (secrets: Secret[]) => void = () => undefined;
    source.answer = () => new Promise((answer) => (resolve = answer));
    const { ring } = keeper;
    const reloading = keeper.reload();
    await keeper.stop();
    resolve([rawSecret(2)]);
    await expect(reloading).rejects.toMatchObject({ code: 'ERR_SESSION_CLOSED' });
    expect(keeper.ring).toBe(ring);
    expect(source.given.at(-1)!.bytes).toEqual(Buffer.alloc(32));
    expect(told).toEqual([]);
  });

  it('waits for a ring in the making when it stops', async () => {
    const source = fillsSource(1);
    const { keeper } = await keep([source]);
    source.answer = () => [{ kind: 'passphrase', bytes: Buffer.from('a passphrase of some length') }];
    const { ring } = keeper;
    const reloading = keeper.reload();
    await new Promise(setImmediate); // the source has answered, and scrypt runs
    const { bytes } = source.given.at(-1)!;
    expect(bytes.every((byte) => byte === 0)).toBe(false);
    await keeper.stop();
    expect(bytes.every((byte) => byte === 0)).toBe(true); // as the maker leaves them
    await reloading;
    expect(keeper.ring).not.toBe(ring);
  });

  it('neither watches nor listens when all secrets are literals', async () => {
    const before = process.listenerCount('SIGUSR2');
    const literal = keySource('crypto.secrets[0]', `hex:${'01'.repeat(32)}`) as KeySource;
    await keep([literal], { interval: 300, watch: true, signal: 'SIGUSR2' });
    expect(process.listenerCount('SIGUSR2')).toBe(before);
  });
});

describe('KeyRingProvider with a file', () => {
  let folder: string;
  let file: string;
  const line = (fill: number) => `hex:${Buffer.alloc(32, fill).toString('hex')}\n`;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'keys-'));
    file = join(folder, 'keys');
    await writeFile(file, line(1), { mode: 0o600 });
  });
  afterEach(() => rm(folder, { recursive: true }));

  const watched = () => keep([keySource('crypto.secrets[0]', { file }) as KeySource], { watch: true });

  it('reloads when the file is written', { timeout: 10_000 }, async () => {
    const { keeper, next } = await watched();
    const heard = next();
    await writeFile(file, line(2) + line(1));
    expect(await heard).toBe(2);
    expect(hints(keeper)).toEqual(await hintsOf(2, 1));
  });

  it('reloads when the file is replaced, again and again', { timeout: 10_000 }, async () => {
    const { keeper, next } = await watched();
    for (const fill of [2, 3]) {
      const heard = next();
      await writeFile(`${file}.new`, line(fill), { mode: 0o600 });
      await rename(`${file}.new`, file);
      expect(await heard).toBe(1);
      expect(hints(keeper)).toEqual(await hintsOf(fill));
    }
  });

  it('keeps the last good ring when others may read the file now', async () => {
    const { keeper } = await watched();
    await chmod(file, 0o644);
    await expect(keeper.reload()).rejects.toThrow(/others than its owner/);
    expect(hints(keeper)).toEqual(await hintsOf(1));
  });
});
