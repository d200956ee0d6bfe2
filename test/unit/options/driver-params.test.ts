import { describe, expect, it } from 'vitest';
import type { DriverRow } from '../../../lib/crypto/drivers/driver-row.interface.js';
import type { KeySource } from '../../../lib/crypto/key-source.interface.js';
import type { ConfigFault } from '../../../lib/errors/session-config.error.js';
import { readDriverParams } from '../../../lib/options/driver-params.js';
import { OptionReader } from '../../../lib/options/option-reader.js';

const PIN = 'pin-1234';
const ROW: DriverRow = {
  name: 'box',
  ciphers: [],
  cbcCiphers: [],
  params: [
    { name: 'library', kind: 'text', meaning: 'path of the library' },
    { name: 'slot', kind: 'integer', meaning: 'number of the slot' },
    { name: 'quiet', kind: 'flag', meaning: 'says nothing' },
    { name: 'pin', kind: 'secret', meaning: 'PIN of the token' },
  ],
  check: ({ library }, form) => (library ? [] : [{ param: 'library', message: `is needed (${form})` }]),
  open: () => {
    throw new Error('it is not opened');
  },
  missing: () => undefined,
};

function read(given: unknown, row: DriverRow = ROW) {
  const faults: ConfigFault[] = [];
  const params = readDriverParams(new OptionReader('crypto', {}, faults), row, given, 'native');
  return { params, faults: faults.map(({ path, message }) => `${path.slice('crypto.'.length)} ${message}`) };
}

describe('driverParams', () => {
  it('are texts, numbers, flags and sources of secrets', async () => {
    const { params, faults } = read({ library: 'box.so', slot: 0, quiet: true, pin: PIN });
    expect(faults).toEqual([]);
    expect(params).toMatchObject({ library: 'box.so', slot: 0, quiet: true });
    expect((await (params['pin'] as KeySource).read()).map(({ bytes }) => bytes.toString())).toEqual([PIN]);
    expect(Object.isFrozen(params)).toBe(true);
  });

  it('leave out what is undefined and flags that are false', () => {
    expect(read({ library: 'box.so', slot: undefined, quiet: false }).params).toEqual({ library: 'box.so' });
  });

  it.each([['1'], [new Uint8Array([49])], [{ passphrase: '1' }], [() => '1']])(
    'take a PIN of one character, as %o too',
    async (pin) => {
      const { params, faults } = read({ library: 'box.so', pin });
      expect(faults).toEqual([]);
      expect((await (params['pin'] as KeySource).read())[0]!.bytes.toString()).toBe('1');
    },
  );

  it.each<[string, unknown, string]>([
    ['a text', 'slot=1', 'driverParams is a string; allowed is an object'],
    ['a list', [], 'driverParams is an empty array; allowed is an object'],
    ['a Map', new Map([['library', 'b']]), 'driverParams is Map; allowed is an object'],
    [
      'a misspelt name',
      { library: 'b', libary: PIN },
      'driverParams.libary is unknown to driver "box"; it has library, slot, quiet, pin; is "library" meant?',
    ],
    [
      'another name',
      { library: 'b', constructor: PIN },
      'driverParams.constructor is unknown to driver "box"; it has library, slot, quiet, pin',
    ],
    [
      'a number for a text',
      { library: 5 },
      'driverParams.library is a number; allowed is a text without control characters (path of the library)',
    ],
    [
      'an empty text',
      { library: '' },
      'driverParams.library is an empty string; allowed is a text without control characters (path of the library)',
    ],
    [
      'a zero byte',
      { library: 'a\0b' },
      'driverParams.library is a string; allowed is a text without control characters (path of the library)',
    ],
    [
      'a line break, which would begin a line of the message',
      { library: 'a\n  - crypto.secrets: b' },
      'driverParams.library is a string; allowed is a text without control characters (path of the library)',
    ],
    [
      'a fraction',
      { library: 'b', slot: 1.5 },
      'driverParams.slot is 1.5; allowed is a whole number from 0 (number of the slot)',
    ],
    [
      'a text for a number',
      { library: 'b', slot: '1' },
      'driverParams.slot is a string; allowed is a whole number from 0 (number of the slot)',
    ],
    [
      'a text for a flag',
      { library: 'b', quiet: 'yes' },
      'driverParams.quiet is a string; it is a flag: allowed are true and false (says nothing)',
    ],
    [
      'no secret',
      { library: 'b', pin: undefined },
      'driverParams.pin is undefined; is the environment variable set?',
    ],
    [
      'an empty secret',
      { library: 'b', pin: '' },
      'driverParams.pin is empty; is the environment variable set? Leave the parameter out if the driver needs none (PIN of the token)',
    ],
    [
      'a reference in quotes, which would be a wrong PIN',
      { library: 'b', pin: '"file:/run/pin"' },
      'driverParams.pin begins with a quote, which docker --env-file keeps, before "file:"; remove what stands before it, or { passphrase: … } as the option if it is a passphrase (PIN of the token)',
    ],
    [
      'a member of a secret',
      { library: 'b', pin: { passphrase: 5 } },
      'driverParams.pin.passphrase is a number; allowed are text and bytes (PIN of the token)',
    ],
    ['what is wrong with them together', {}, 'driverParams.library is needed (native)'],
  ])('have a fault: %s', (_what, given, fault) => {
    expect(read(given).faults).toContain(fault);
  });

  it('add all faults at once, one for each parameter, and show no secret', () => {
    const { faults } = read({ library: 5, slot: -1, quiet: 0, pin: { pasphrase: PIN }, other: PIN });
    expect(faults.map((fault) => fault.split(' ', 1)[0])).toEqual([
      'driverParams.library',
      'driverParams.slot',
      'driverParams.quiet',
      'driverParams.pin',
      'driverParams.other',
    ]);
    expect(faults.join()).not.toContain(PIN);
  });

  it('have a fault if the driver has none', () => {
    const { check: _check, ...row } = { ...ROW, params: [] };
    expect(read({ pin: PIN }, row).faults).toEqual([
      'driverParams.pin is unknown to driver "box", which has no parameters',
    ]);
  });
});
