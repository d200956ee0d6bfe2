import { constants } from 'node:os';
import { keySource } from '../crypto/key-sources/key-source.js';
import { suiteByCipher, type Suite } from '../crypto/suites.js';
import type { KeySource, SecretOption } from '../crypto/key-source.interface.js';
import type { ReloadOptions } from '../crypto/key-ring-provider.js';
import { kindOf } from '../errors/session-config.error.js';
import type { SessionFormat } from '../persistence/session-format.interface.js';
import type { OptionReader } from './option-reader.js';
import { resolveDriver, type DriverChoice } from './resolve-driver.js';

export interface ResolvedCrypto {
  readonly driver: DriverChoice;
  readonly suite: Suite;
  readonly accepted: readonly Suite[];
  /** Another form than ours; then there are no {@link sources}. */
  readonly format: SessionFormat | undefined;
  /** Forms that are led over to ours. */
  readonly accept: readonly SessionFormat[];
  readonly sources: readonly KeySource[];
  readonly ring: string;
  readonly salt: string;
  readonly tenant: string;
  readonly audience: string;
  readonly keyCache: number;
  readonly reload: ReloadOptions;
}

const DEFAULT = suiteByCipher.get('aes256')!;
const APACHE_ONLY = new Set(['aes192', '3des192']);
const NAME = /^[\x20-\x7e]{0,200}$/;
const NAME_FORM = 'at most 200 printable ASCII characters';

export function resolveCrypto(reader: OptionReader): ResolvedCrypto {
  const driver = resolveDriver(reader, (reader.take('format') ?? 'native') === 'native' ? 'native' : 'cbc');
  const format = resolveFormat(reader, driver);
  const ours = format ? EVERY_SUITE : driver;
  const suite = resolveCipher(reader, ours);
  const crypto: ResolvedCrypto = {
    driver,
    suite,
    accepted: [suite, ...resolveAccepted(reader, ours)],
    format,
    accept: resolveAccept(reader, format, driver),
    sources: format ? noSecrets(reader, format) : resolveSecrets(reader),
    ring: reader.text('ring', 'default', NAME, NAME_FORM),
    salt: reader.text('salt', '', NAME, NAME_FORM),
    tenant: reader.text('tenant', '', NAME, NAME_FORM),
    audience: reader.text('audience', '', NAME, NAME_FORM),
    keyCache: reader.integer('keyCache', 1000, 'entries', [0, 1_000_000]),
    reload: resolveReload(reader.sub('reload')),
  };
  reader.end();
  return crypto;
}

function resolveFormat(reader: OptionReader, driver: DriverChoice): SessionFormat | undefined {
  const format = reader.take('format') ?? 'native';
  if (format === 'native') return undefined;
  if (!isFormat(format)) {
    reader.addValueFault(
      'format',
      format,
      '"native" or a format such as apache({ secrets }) of nestjs-session-crypto/apache',
    );
    return undefined;
  }
  reader.pass(format.check(reader.pathOf('format'), driver));
  return format;
}

function resolveAccept(
  reader: OptionReader,
  format: SessionFormat | undefined,
  driver: DriverChoice,
): SessionFormat[] {
  const accept = reader.list('accept', 'formats such as apache({ secrets, cookie, until })');
  if (format && accept.length)
    reader.addFault('accept', 'leads other forms over to ours, so it needs crypto.format "native"');
  return accept.filter((one, i): one is SessionFormat => {
    const key = `accept[${i}]`;
    if (!isFormat(one)) {
      reader.addValueFault(key, one, 'a format such as apache({ secrets, cookie, until })');
      return false;
    }
    if (!one.migrationSource)
      reader.addFault(
        key,
        `needs to say where its sessions come from: ${one.name}({ …, cookie: { name }, until })`,
      );
    reader.pass(one.check(reader.pathOf(key), driver));
    return true;
  });
}

function isFormat(value: unknown): value is SessionFormat {
  const { name, check, start } = Object(value) as Partial<SessionFormat>;
  return typeof name === 'string' && typeof check === 'function' && typeof start === 'function';
}

function noSecrets(reader: OptionReader, { name }: SessionFormat): KeySource[] {
  if (reader.take('secrets') !== undefined)
    reader.addFault(
      'secrets',
      `are those of our own format; the format "${name}" has its own: ${name}({ secrets })`,
    );
  return [];
}

type Ciphers = Pick<DriverChoice, 'name' | 'ciphers'>;

/** Where another form takes the place of ours, no driver is asked for a suite. */
const EVERY_SUITE: Ciphers = { name: 'openssl', ciphers: undefined };

/** The suite that seals. */
function resolveCipher(reader: OptionReader, driver: Ciphers): Suite {
  const cipher = reader.take('cipher') ?? undefined;
  if (cipher !== undefined) return resolveSuite(reader, 'cipher', cipher, driver);
  const there = ciphersOf(driver);
  if (!there.includes(DEFAULT.cipher))
    reader.addFault(
      'cipher',
      `"${DEFAULT.cipher}", the default, is unknown to driver "${driver.name}"; ${there.length ? `set crypto.cipher to ${there.join(' or ')}` : 'it has none'}`,
    );
  return DEFAULT;
}

const ciphersOf = ({ ciphers }: Ciphers): readonly string[] => ciphers ?? [...suiteByCipher.keys()];

function resolveSuite(reader: OptionReader, key: string, cipher: unknown, driver: Ciphers): Suite {
  const there = ciphersOf(driver);
  const suite = typeof cipher === 'string' && there.includes(cipher) ? suiteByCipher.get(cipher) : undefined;
  if (suite) return suite;
  const said = typeof cipher === 'string' ? JSON.stringify(cipher) : kindOf(cipher);
  const hint =
    typeof cipher === 'string' && APACHE_ONLY.has(cipher) ? ', which exists in the Apache format only,' : '';
  reader.addFault(key, `${said}${hint} is unknown to driver "${driver.name}"; it has ${there.join(', ')}`);
  return DEFAULT;
}

function resolveAccepted(reader: OptionReader, driver: Ciphers): Suite[] {
  const ciphers = reader.take('acceptCiphers') ?? [];
  if (Array.isArray(ciphers))
    return ciphers.map((one, i) => resolveSuite(reader, `acceptCiphers[${i}]`, one, driver));
  reader.addFault('acceptCiphers', `is ${kindOf(ciphers)}; allowed is a list of cipher names`);
  return [];
}

function resolveSecrets(reader: OptionReader): KeySource[] {
  const secrets = reader.take('secrets');
  if (!Array.isArray(secrets)) {
    reader.addFault(
      'secrets',
      `is ${kindOf(secrets)}; a list of secrets is needed, of which the first seals`,
    );
    return [];
  }
  if (!secrets.length) reader.addFault('secrets', 'is an empty list; at least one secret is needed');
  return secrets.flatMap((option: SecretOption, i) => {
    const source = keySource(reader.pathOf(`secrets[${i}]`), option);
    if (typeof source !== 'string') return [source];
    reader.addMemberFault(`secrets[${i}]`, source);
    return [];
  });
}

function resolveReload(reader: OptionReader): ReloadOptions {
  const signal = reader.text('signal', '', /^SIG[A-Z0-9]+$/, 'the name of a signal such as "SIGHUP"');
  if (signal && (!Object.hasOwn(constants.signals, signal) || signal === 'SIGKILL' || signal === 'SIGSTOP'))
    reader.addFault(
      'signal',
      `is "${signal}"; allowed is the name of a signal that can be caught, such as "SIGHUP"`,
    );
  const options: ReloadOptions = {
    interval: reader.integer('interval', 300, 'seconds', [0, 2_000_000]),
    watch: reader.choice('watch', true, [true, false]),
    ...(signal ? { signal: signal as NodeJS.Signals } : {}),
  };
  reader.end();
  return options;
}
