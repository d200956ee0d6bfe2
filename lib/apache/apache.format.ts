import { isDeepStrictEqual } from 'node:util';
import { cbcSelfTest } from '../crypto/cbc-self-test.js';
import type { CryptoDriver } from '../crypto/crypto-driver.interface.js';
import { KeyRingProvider, type ReloadListener, type ReloadOptions } from '../crypto/key-ring-provider.js';
import type { KeySource } from '../crypto/key-source.interface.js';
import { SessionConfigError, type ConfigFault } from '../errors/session-config.error.js';
import { codeOf } from '../errors/session-store.error.js';
import { OptionReader } from '../options/option-reader.js';
import type {
  AuditFacts,
  DriverClaim,
  HeaderExchange,
  MigrationSource,
  SessionFormat,
  StartedFormat,
} from '../persistence/session-format.interface.js';
import type { AuditFinding } from '../stores/audit-finding.interface.js';
import { auditApache } from './audit.js';
import type { ApacheOptions } from './options.interface.js';
import { resolveApacheOptions, type ResolvedApacheOptions } from './resolve-options.js';
import { ApacheEnvelope } from './sealing/apache.envelope.js';
import { APACHE_CIPHERS, missingCipherFault } from './sealing/ciphers.js';
import { PassphraseRingMaker } from './sealing/passphrase-ring.js';
import { secretSource, type ApacheSecretOption } from './sealing/passphrase-sources.js';
import { ApacheCodec } from './text/apache.codec.js';

/** The session format of httpd, for `crypto.format` or `crypto.accept`. */
export class ApacheFormat implements SessionFormat {
  readonly name = 'apache';
  readonly migrationSource: MigrationSource | undefined;
  readonly exchange: HeaderExchange;
  readonly #resolved: ResolvedApacheOptions;
  private readonly faults: ConfigFault[] = [];

  constructor(
    options: ApacheOptions,
    /** Further audit findings, such as those of the directives that the options were read from. */
    private readonly findings: readonly AuditFinding[] = [],
    /** The lines of the directives that name the secrets, for messages. Empty for options that somebody has written. */
    private readonly lines: readonly number[] = [],
  ) {
    this.#resolved = resolveApacheOptions(options, this.faults);
    this.migrationSource = this.#resolved.migrationSource;
    this.exchange = this.#resolved.exchange;
  }

  /** Returns every fault of the options below the option path `path`. Without `driver`, the cipher is checked at the start. */
  check(path: string, driver?: DriverClaim): ConfigFault[] {
    const found = this.faults.map((fault) => ({
      ...fault,
      path: fault.path ? `${path}.${fault.path}` : path,
    }));
    const { sources, faults } = this.sources(path);
    const noSecrets = sources.length ? [] : this.noSecretsFaults(path);
    return [...found, ...faults, ...noSecrets, ...this.cipherFaults(path, driver)];
  }

  /** True if each of the two formats opens what the other seals. */
  sharesWith(other: SessionFormat): boolean {
    if (!(other instanceof ApacheFormat)) return false;
    const [ours, theirs] = [this.#resolved, other.#resolved];
    return ours.cipher === theirs.cipher && isDeepStrictEqual(ours.secrets, theirs.secrets);
  }

  /** What must be equal in httpd and on all servers, except passphrases. The realm counts, since the login's keys begin
   *  with it. */
  get equalParameters(): readonly unknown[] {
    const { cipher, rules, auth, migrationSource } = this.#resolved;
    return [cipher, rules, auth?.keys.user ?? '', migrationSource?.cookie ?? ''];
  }

  audit(path: string, facts?: AuditFacts): AuditFinding[] {
    return [...this.findings, ...auditApache(path, this.#resolved, facts)];
  }

  /** Tests the driver's cipher and reads the passphrases. Rejects with a SessionConfigError. */
  async start(
    path: string,
    reload: ReloadOptions,
    listener: ReloadListener,
    driver: CryptoDriver,
  ): Promise<StartedFormat> {
    const { rules, auth, cipher, keyCache, reuseSalt } = this.#resolved;
    const { sources, faults } = this.sources(path);
    const claim = { name: driver.name, cbcCiphers: driver.cbc?.ciphers ?? [] };
    const allFaults = [...faults, ...this.cipherFaults(path, claim)];
    if (allFaults.length) throw new SessionConfigError(allFaults);
    await this.testCipher(driver);
    const ringMaker = new PassphraseRingMaker(`${path}.secrets`);
    const keys = await new KeyRingProvider(sources, ringMaker, reload, listener).start();
    const envelope = new ApacheEnvelope({ keys, cipher, driver, keyCache, reuseSalt });
    return { keys, codec: (parts) => new ApacheCodec({ ...parts, envelope, keys, rules, auth }) };
  }

  /** Turns `secrets` into key sources. Nothing is read before {@link start}. */
  private sources(path: string): { sources: KeySource[]; faults: ConfigFault[] } {
    const sources: KeySource[] = [];
    const faults: ConfigFault[] = [];
    const reader = new OptionReader(path, undefined, faults);
    this.#resolved.secrets.forEach((secret, i) => {
      const key = `secrets[${i}]`;
      const line = this.lines[i];
      const place = line === undefined ? '' : ` (directives line ${line})`;
      const source = secretSource(`${path}.${key}${place}`, secret as ApacheSecretOption | undefined);
      if (typeof source === 'string') reader.addMemberFault(key, source);
      else sources.push(source);
    });
    return { sources, faults };
  }

  /** Returns a fault if the driver is known not to have the cipher. */
  private cipherFaults(path: string, driver: DriverClaim | undefined): ConfigFault[] {
    const { cipher } = this.#resolved;
    const message = driver?.cbcCiphers && missingCipherFault(driver, driver.cbcCiphers, cipher);
    return message ? [{ path: `${path}.cipher`, message }] : [];
  }

  /** Compares the driver's results with known answers, for the configured cipher. */
  private async testCipher(driver: CryptoDriver): Promise<void> {
    const cipher = APACHE_CIPHERS.find(({ name }) => name === this.#resolved.cipher)!;
    const fault = await cbcSelfTest(driver, cipher).catch((error: unknown) => `it threw (${codeOf(error)})`);
    const message = `"${driver.name}" fails its self-test: ${fault}`;
    if (fault) throw new SessionConfigError([{ path: 'crypto.driver', message }]);
  }

  /** Returns a fault for an empty list. A list whose entries are all wrong has its own faults already. */
  private noSecretsFaults(path: string): ConfigFault[] {
    if (this.#resolved.secrets.length) return [];
    const message =
      'is an empty list; give at least one passphrase of httpd, which seals nothing without one';
    return [{ path: `${path}.secrets`, message }];
  }

  /** Shows the number of passphrases and nothing else of them. */
  toJSON(): object {
    return { name: this.name, cipher: this.#resolved.cipher, secrets: this.#resolved.secrets.length };
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return `ApacheFormat { cipher: ${this.#resolved.cipher}, secrets: ${this.#resolved.secrets.length} }`;
  }
}

/** Returns the format of Apache httpd's mod_session_crypto. Use it in `crypto.format` to share sessions with httpd, or in
 *  `crypto.accept` to migrate httpd's sessions to the native format. The start reports wrong options. */
export const apache = (options: ApacheOptions): ApacheFormat => new ApacheFormat(options);
