import { constants } from 'node:os';
import { keySource } from '../crypto/key-sources/key-source.js';
import { suiteByCipher, type Suite } from '../crypto/suites.js';
import type { KeySource, SecretOption } from '../crypto/key-source.interface.js';
import type { ReloadOptions } from '../crypto/key-ring-provider.js';
import { kindOf } from '../errors/session-config.error.js';
import type { MigratedFormat, SessionFormat } from '../persistence/session-format.interface.js';
import { MAX_TIMER } from './limits.js';
import { meantHint } from '../errors/nearest-name.js';
import type { OptionReader } from './option-reader.js';
import { resolveDriver, type DriverChoice } from './resolve-driver.js';
import { LABEL, LABEL_RULE, resolveRing, type ResolvedRing, type RingChoice } from './resolve-ring.js';

/** The group `crypto`, checked and complete. Secrets are named by their sources and not read yet. */
export interface ResolvedCrypto {
  readonly driver: DriverChoice;
  /** The suite that seals. */
  readonly suite: Suite;
  /** The suites that open: {@link suite} first, then those of `crypto.acceptCiphers`. */
  readonly accepted: readonly Suite[];
  /** A foreign format, which has its own secrets, so that {@link sources} is empty; `undefined` for the native format. */
  readonly format: SessionFormat | undefined;
  /** Foreign formats whose sessions are migrated. */
  readonly accept: readonly (SessionFormat | MigratedFormat)[];
  /** Sources of the secrets, in the order of the key ring. */
  readonly sources: readonly KeySource[];
  /** The name of the key ring. */
  readonly ring: string;
  /** How the ring manages itself; {@link sources} then wrap its keys. `undefined` if the sources are the keys. */
  readonly managed: ResolvedRing | undefined;
  readonly salt: string;
  readonly tenant: string;
  readonly audience: string;
  readonly keyCache: number;
  readonly reload: ReloadOptions;
}

const DEFAULT = suiteByCipher.get('aes256')!;
/** Ciphers that only `apache({ cipher })` takes. */
const APACHE_ONLY = new Set(['aes192', '3des192']);

/** Reads the group `crypto`. */
export function resolveCrypto(reader: OptionReader): ResolvedCrypto {
  const driver = resolveDriver(reader, (reader.take('format') ?? 'native') === 'native' ? 'native' : 'cbc');
  const format = resolveFormat(reader, driver);
  const claim = format ? ALL_SUITES : driver;
  const suite = resolveCipher(reader, claim);
  const choice = resolveRing(reader);
  if (format && choice.managed)
    reader.addFault(
      'ring',
      `manages keys of the native format, and the format "${format.name}" has its own secrets; remove crypto.ring or crypto.format`,
    );
  const crypto: ResolvedCrypto = {
    driver,
    suite,
    accepted: [suite, ...resolveAccepted(reader, claim)],
    format,
    accept: resolveAccept(reader, format, driver),
    sources: format ? noSecrets(reader, format) : resolveSecrets(reader, choice),
    ...choice,
    salt: reader.text('salt', '', LABEL, LABEL_RULE),
    tenant: reader.text('tenant', '', LABEL, LABEL_RULE),
    audience: reader.text('audience', '', LABEL, LABEL_RULE),
    keyCache: reader.integer('keyCache', 1000, 'entries', [0, 1_000_000]),
    reload: resolveReload(reader.sub('reload')),
  };
  reader.end();
  return crypto;
}

function resolveFormat(reader: OptionReader, driver: DriverChoice): SessionFormat | undefined {
  const format = reader.take('format') ?? 'native';
  if (format === 'native') return undefined;
  if (isMigrated(format)) {
    const message = `is "${format.name}", whose sessions can only be migrated; move it to crypto.accept: [ … ], and remove crypto.format`;
    reader.addFault('format', message);
    return undefined;
  }
  if (!isFormat(format)) {
    reader.addValueFault(
      'format',
      format,
      '"native" or a format such as apache({ secrets }) of nestjs-session-crypto/apache',
    );
    return undefined;
  }
  reader.addFaults(format.check(reader.pathOf('format'), driver));
  return format;
}

function resolveAccept(
  reader: OptionReader,
  format: SessionFormat | undefined,
  driver: DriverChoice,
): (SessionFormat | MigratedFormat)[] {
  const accept = reader.list('accept', 'formats such as apache({ secrets, cookie, until })');
  if (format && accept.length)
    reader.addFault(
      'accept',
      'migrates sessions into the native format, so it needs crypto.format "native"; remove crypto.format or crypto.accept',
    );
  return accept.filter((one, i): one is SessionFormat | MigratedFormat => {
    const key = `accept[${i}]`;
    if (!isFormat(one) && !isMigrated(one)) {
      reader.addValueFault(
        key,
        one,
        'a format such as apache({ secrets, cookie, until }), or fromExpressSession({ secret, store, until }) of nestjs-session-crypto/migrate',
      );
      return false;
    }
    if (!one.migrationSource)
      reader.addFault(
        key,
        `has no cookie to read and no end of the migration; set them: ${one.name}({ …, cookie: { name }, until })`,
      );
    reader.addFaults(one.check(reader.pathOf(key), driver));
    return true;
  });
}

function isFormat(value: unknown): value is SessionFormat {
  const { name, check, start } = Object(value) as Partial<SessionFormat>;
  return typeof name === 'string' && typeof check === 'function' && typeof start === 'function';
}

function isMigrated(value: unknown): value is MigratedFormat {
  const { name, check, startMigration } = Object(value) as Partial<MigratedFormat>;
  return typeof name === 'string' && typeof check === 'function' && typeof startMigration === 'function';
}

/** Returns no sources, and adds a fault if there are secrets beside a foreign format. */
function noSecrets(reader: OptionReader, { name }: SessionFormat): KeySource[] {
  if (reader.take('secrets') !== undefined)
    reader.addFault(
      'secrets',
      `belongs to the native format, and the format "${name}" has its own secrets; move them to ${name}({ secrets })`,
    );
  return [];
}

/** A driver's own list of its ciphers, which is known before it is opened. */
type Ciphers = Pick<DriverChoice, 'name' | 'ciphers'>;

/** With a foreign format, `crypto.cipher` seals nothing, so the driver needs no suite. */
const ALL_SUITES: Ciphers = { name: 'openssl', ciphers: undefined };

/** Returns the suite that seals. */
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
  const found = typeof cipher === 'string' ? JSON.stringify(cipher) : kindOf(cipher);
  const where =
    typeof cipher === 'string' && APACHE_ONLY.has(cipher) ? ', which exists in the Apache format only,' : '';
  reader.addFault(key, `${found}${where} is unknown to driver "${driver.name}"; it has ${there.join(', ')}`);
  return DEFAULT;
}

function resolveAccepted(reader: OptionReader, driver: Ciphers): Suite[] {
  const ciphers = reader.take('acceptCiphers') ?? [];
  if (Array.isArray(ciphers))
    return ciphers.map((one, i) => resolveSuite(reader, `acceptCiphers[${i}]`, one, driver));
  reader.addFault('acceptCiphers', `is ${kindOf(ciphers)}; allowed is a list of cipher names`);
  return [];
}

function resolveSecrets(reader: OptionReader, { managed }: RingChoice): KeySource[] {
  const secrets = reader.take('secrets');
  const use = managed ? ', which wraps the keys of the managed ring' : '';
  if (!Array.isArray(secrets)) {
    reader.addFault(
      'secrets',
      `is ${kindOf(secrets)}; a list of secrets is needed${use}, such as [process.env.SESSION_SECRET]`,
    );
    return [];
  }
  if (!secrets.length)
    reader.addFault(
      'secrets',
      `is an empty list; at least one secret is needed${use} (npx nestjs-session-crypto secret makes one)`,
    );
  return secrets.flatMap((option: SecretOption, i) => {
    const source = keySource(reader.pathOf(`secrets[${i}]`), option);
    if (typeof source !== 'string') return [source];
    reader.addMemberFault(`secrets[${i}]`, source);
    return [];
  });
}

/** The signals that a process can catch on this platform. */
const SIGNALS = Object.keys(constants.signals).filter((name) => name !== 'SIGKILL' && name !== 'SIGSTOP');

function resolveReload(reader: OptionReader): ReloadOptions {
  const rule = 'the name of a signal that a process can catch, such as "SIGHUP"';
  const signal = reader.text('signal', '', /^SIG[A-Z0-9]+$/, rule);
  if (signal && !SIGNALS.includes(signal))
    reader.addValueFault('signal', signal, `${rule}${meantHint(signal, SIGNALS)}`);
  const options: ReloadOptions = {
    interval: reader.integer('interval', 300, 'seconds', [0, MAX_TIMER]),
    watch: reader.choice('watch', true, [true, false]),
    ...(signal ? { signal: signal as NodeJS.Signals } : {}),
  };
  reader.end();
  return options;
}
