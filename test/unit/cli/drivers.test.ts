import { describe, expect, it } from 'vitest';
import { run } from '../../../lib/cli/run.js';
import { opensslRow, opensslState } from '../../../lib/cli/openssl-row.js';
import { DRIVER_ROWS } from '../../../lib/crypto/drivers/driver-rows.js';
import { capture } from './support/site.js';

async function drivers(...args: string[]) {
  const { said, output } = capture();
  return { status: await run(['drivers', ...args], output), ...said };
}

interface State {
  readonly name: string;
  readonly usable: boolean;
  readonly why: string;
  readonly needs: string;
  readonly params: readonly { readonly name: string }[];
}

describe('session-crypto drivers', () => {
  it('prints of each driver that this machine can use it, or why it cannot', async () => {
    const { status, out, err } = await drivers();
    expect([status, err]).toEqual([0, '']);
    const lines = out.split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'usable  openssl',
      '        ciphers: aes256, chacha20, aes128; of the Apache format: 3des192, aes128, aes192, aes256',
      expect.stringMatching(/^ {8}engine=…  name of an OpenSSL engine/),
    ]);
    for (const row of DRIVER_ROWS) {
      const at = lines.findIndex((line) => new RegExp(`^(?:usable|missing) +${row.name}(?: |$)`).test(line));
      const why = await row.missing();
      expect(lines[at]!.startsWith(why ? 'missing' : 'usable')).toBe(true);
      if (why) expect(lines[at + 1]).toBe(`        why: ${why}`);
    }
    expect(lines.find((line) => line.includes('pkcs11'))).toMatch(
      / pkcs11 \(with the PKCS#11 library of its token\)$/,
    );
    expect(lines.at(-2)).toMatch(new RegExp(`^\\d of ${DRIVER_ROWS.length} can be used here: openssl`));
  });

  it('prints the same as JSON', async () => {
    const { status, out } = await drivers('--json');
    const states = (JSON.parse(out) as { drivers: State[] }).drivers;
    expect(status).toBe(0);
    expect(states.map(({ name }) => name)).toEqual(DRIVER_ROWS.map(({ name }) => name));
    expect(states.find(({ name }) => name === 'pkcs11')!.needs).toBe('the PKCS#11 library of its token');
    expect(states[0]).toMatchObject({
      usable: true,
      why: '',
      needs: '',
      params: [{ name: 'engine', kind: 'text' }],
    });
    for (const { usable, why } of states) expect(usable).toBe(why === '');
  });

  it('refuses any other argument', async () => {
    const { status, err } = await drivers('--jsn');
    expect([status, err]).toEqual([
      64,
      `session-crypto: unknown option '--jsn'; is "--json" meant? "session-crypto drivers --help" says more\n`,
    ]);
  });
});

describe('the row of OpenSSL', () => {
  const PLAIN = { version: '3.0.1', fips: false, legacy: false, configuredBy: [] };

  it.each([
    [PLAIN, 'ok', '3.0.1, FIPS off, legacy provider not loaded'],
    [{ ...PLAIN, fips: true }, 'choose', '3.0.1, FIPS on, legacy provider not loaded'],
    [{ ...PLAIN, legacy: true }, 'choose', '3.0.1, FIPS off, legacy provider loaded'],
    [
      { ...PLAIN, configuredBy: ['OPENSSL_CONF', '--openssl-config'] },
      'choose',
      '3.0.1, FIPS off, legacy provider not loaded, configured by OPENSSL_CONF, --openssl-config',
    ],
  ])('of %o is %s', (state, verdict, value) => {
    expect(opensslRow(state)).toMatchObject({ setting: 'OpenSSL', verdict, value });
  });

  it('has the version of this process, and names of variables without their values', () => {
    process.env['OPENSSL_ENGINES'] = '/a/folder';
    const state = opensslState();
    delete process.env['OPENSSL_ENGINES'];
    expect(state.version).toBe(process.versions.openssl);
    expect(state.configuredBy).toContain('OPENSSL_ENGINES');
    expect(JSON.stringify(state)).not.toContain('/a/folder');
  });
});
