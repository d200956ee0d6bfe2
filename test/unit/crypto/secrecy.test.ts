import { createHash } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSealer, type Sealer } from 'nestjs-session-crypto';
import { KeyRingProvider } from '../../../lib/crypto/key-ring-provider.js';
import { keySource } from '../../../lib/crypto/key-sources/key-source.js';
import { OpensslDriver } from '../../../lib/crypto/drivers/openssl/openssl.driver.js';
import { KeyRingFactory } from '../../../lib/crypto/key-ring-factory.js';
import { suiteByCipher } from '../../../lib/crypto/suites.js';
import type { KeySource } from '../../../lib/crypto/key-source.interface.js';
import { Envelope } from '../../../lib/envelope/envelope.js';
import { EnvelopeContext, NO_ROW } from '../../../lib/envelope/envelope-context.js';
import { ReferenceTokens } from '../../../lib/envelope/reference-token.js';
import { CsrfTokens } from '../../../lib/envelope/csrf-token.js';
import { emptyRecord } from '../../../lib/record/session-record.js';
import { Session } from '../../../lib/session/session.js';
import { SessionState, type SessionParts } from '../../../lib/session/session-state.js';

const PASS = 'Tr0ub4dor&3 of the tests';
const KEY = Buffer.from('92c8dd2ea5aca6b2a6a1d5bb6c6fc6f0f5f2a3b14d3c1e0f9a8b7c6d5e4f3a2b', 'hex');
const USES = ['seal', 'seal-aes128', 'ref', 'csrf'];

const openssl = new OpensslDriver();
const suite = suiteByCipher.get('aes256')!;
const items = { purpose: 'session', store: 'cookie', name: 'sid', tenant: '', audience: '' };

const sha256 = (...parts: (string | Buffer)[]) => {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
};

/** Secrets, their subkeys, and plain digests of them, with which somebody could try passphrases without scrypt. */
const hidden: Buffer[] = [
  Buffer.from(PASS),
  KEY,
  ...USES.map((use) =>
    openssl.expand(
      openssl.importKey(KEY),
      Buffer.from(`session-crypto/v1/${use}\0default`),
      use === 'seal-aes128' ? 16 : 32,
    ),
  ),
  sha256(PASS),
  sha256(KEY),
  sha256('passphrase\0', PASS),
  sha256('raw\0', KEY),
];

/** The spellings of bytes in a text without blanks and padding. */
const spellings = hidden.flatMap((bytes) => [
  bytes.toString('latin1').replaceAll(' ', ''),
  ...(['hex', 'base64', 'base64url'] as const).map((encoding) =>
    bytes.toString(encoding).replaceAll('=', ''),
  ),
]);

/** Everything that a log could show of a value. */
function shown(value: unknown): string {
  const json = JSON.stringify(value, (_, part: unknown) =>
    part instanceof Error ? { ...part, message: part.message } : part,
  );
  return [
    inspect(value, { depth: null, maxArrayLength: null, maxStringLength: null, showHidden: true }),
    json,
    String(value),
  ]
    .join('\n')
    .replaceAll(/[ \n=]/g, '');
}

const secretsIn = (text: string) => spellings.filter((spelling) => text.includes(spelling));

describe('A log', () => {
  let keeper: KeyRingProvider;
  let sealer: Sealer;
  beforeAll(async () => {
    const options = [PASS, { passphrase: Buffer.from(`${PASS} again`) }, KEY];
    const sources = options.map((option, i) => keySource(`crypto.secrets[${i}]`, option) as KeySource);
    const listener = { reloaded: () => undefined, failed: () => undefined };
    const maker = new KeyRingFactory(openssl, { ring: 'default', salt: '' });
    keeper = await new KeyRingProvider(sources, maker, { interval: 0, watch: false }, listener).start();
    sealer = await createSealer({ secrets: [`hex:${KEY.toString('hex')}`] });
  });
  afterAll(() => {
    keeper.stop();
    sealer.close();
  });

  it('is searched rightly: an exposed secret would be found', () => {
    for (const bytes of hidden) expect(secretsIn(shown({ bytes }))).not.toEqual([]);
    expect(secretsIn(shown({ PASS }))).not.toEqual([]);
    expect(secretsIn(shown(new Error(PASS)))).not.toEqual([]);
  });

  it('shows no secret of a KeyRing', () => {
    expect(secretsIn(shown(keeper.ring))).toEqual([]);
    expect(inspect(keeper.ring)).toBe('KeyRing { keys: 3, generation: 1 }');
    expect(JSON.stringify(keeper.ring)).toBe('{"keys":3,"generation":1}');
  });

  it('shows no secret of its keys', () => {
    for (const key of keeper.ring.keys) expect(secretsIn(shown({ ...key }))).toEqual([]);
  });

  it('shows no secret of a KeyRingProvider, and no digest by which one could be guessed', () => {
    expect(secretsIn(shown(keeper))).toEqual([]);
  });

  it('shows no secret of an envelope that has sealed and opened', async () => {
    const envelope = new Envelope(openssl, keeper, { suite, accepted: [suite], cacheSize: 10 });
    const context = new EnvelopeContext(items);
    await envelope.open(await envelope.seal(Buffer.from('text'), context, NO_ROW), context, NO_ROW);
    const parts = { cache: (envelope as unknown as { cache: unknown }).cache };
    expect(secretsIn(shown(parts))).toEqual([]);
  });

  it('shows no secret of a sealer', async () => {
    await sealer.open(await sealer.seal('text'));
    expect(secretsIn(shown(sealer))).toEqual([]);
  });

  it('shows neither id, subject nor data of a session', () => {
    const record = {
      ...emptyRecord(1767225600, 1440, 28_800),
      subject: 'alice',
      data: { card: '4111' },
      flash: { note: 'saved' },
      csrfSeed: 'seed-of-csrf',
    };
    const parts = { timeouts: { idleTimeout: 1440, absoluteTimeout: 28_800 } } as unknown as SessionParts;
    const entry = { record, version: 1 } as never;
    const session = new Session(
      new SessionState(parts, { kind: 'live', entry, now: 1767225600 }, { headSent: false }),
    );
    const text = shown(session);
    expect(text).not.toMatch(/alice|card|4111|note|saved|seed-of-csrf/);
    expect(text).not.toContain(record.id.toString('hex'));
    expect(inspect(session)).toBe('Session { isNew: false }');
  });

  it.each([
    { what: 'too short a passphrase', secret: PASS.slice(0, 15) },
    { what: 'too long a key', secret: `hex:${KEY.toString('hex')}00` },
    { what: 'a program with a secret among its words', secret: `exec:/bin/false "${PASS}"` },
    { what: 'a program that prints too short a secret', secret: `exec:/bin/echo ${PASS.slice(0, 11)}` },
    { what: 'a callback that fails', secret: () => Promise.reject(new Error(PASS)) },
    { what: 'a passphrase in the wrong place', secret: { secret: PASS } },
    { what: 'a key in the wrong place', secret: { key: KEY } },
  ])('shows no secret in the error for $what', async ({ secret }) => {
    const error = await createSealer({ secrets: [secret as never] }).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'ERR_SESSION_CONFIG' });
    expect(secretsIn(shown(error))).toEqual([]);
    expect(shown(error)).not.toMatch(/Tr0ub4dor|92c8dd2e/);
  });

  it('shows no token in objects that read and make tokens', () => {
    const tokens = new ReferenceTokens(keeper, new EnvelopeContext(items));
    const token = ReferenceTokens.random();
    const [text, csrf] = [tokens.write(token), new CsrfTokens(keeper).make('seed', 1_767_225_600)];
    tokens.read(text);
    const { ['keys']: _, ...rest } = tokens as unknown as Record<string, unknown>;
    expect(shown(rest)).not.toContain(token.toString('hex'));
    expect(shown(rest)).not.toContain(text);
    expect(csrf).not.toContain('seed');
  });
});
