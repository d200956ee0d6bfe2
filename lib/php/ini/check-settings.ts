import { isDeepStrictEqual } from 'node:util';
import { MAX_COOKIE_LIFETIME } from '../../http/cookie-syntax.js';
import type { Diagnostics, Place } from './diagnostics.js';
import type { PhpSettings } from './php-ini.interface.js';
import { isSince, type PhpVersion } from './php-version.js';
import { PHP_SETTINGS, type SettingName } from './settings-table.js';

/** The bits that an id needs so that nobody can guess it. */
const MIN_ID_BITS = 128;

/** Adds a fault for settings that contradict one another, and a finding for each one that PHP weakens or ignores without
 *  a message. */
export class SettingsCheck {
  constructor(
    private readonly settings: PhpSettings,
    private readonly defaults: PhpSettings,
    /** The places of the settings that the source sets. */
    private readonly places: ReadonlyMap<string, Place>,
    private readonly diagnostics: Diagnostics,
  ) {}

  /** Makes all checks. A setting whose value could not be read is `undefined` and passes them: it has a fault already. */
  run(version: PhpVersion): void {
    this.checkCookie();
    this.checkCookiePrefix();
    this.checkIdSources();
    this.checkIdLength();
    this.checkCollection();
    this.checkUploads();
    this.checkDeprecated(version);
  }

  /** Browsers accept SameSite=None and Partitioned only together with Secure. */
  private checkCookie(): void {
    const insecure = this.of('session.cookie_secure') === false;
    const remedy = 'write session.cookie_secure = On';
    if (insecure && this.of('session.cookie_samesite') === 'none')
      this.fault(
        ['session.cookie_samesite', 'session.cookie_secure'],
        `session.cookie_samesite is None while session.cookie_secure is off, so browsers drop the cookie; ${remedy}`,
      );
    if (insecure && this.of('session.cookie_partitioned'))
      this.fault(
        ['session.cookie_partitioned', 'session.cookie_secure'],
        `session.cookie_partitioned is on while session.cookie_secure is off, so PHP starts no session; ${remedy}`,
      );
    if (!this.of('session.cookie_httponly'))
      this.finding(
        ['session.cookie_httponly'],
        'session.cookie_httponly is off, so in PHP every script in a page can read the cookie; write session.cookie_httponly = On',
      );
    if (this.of('session.cookie_lifetime') > MAX_COOKIE_LIFETIME)
      this.finding(
        ['session.cookie_lifetime'],
        `session.cookie_lifetime is longer than browsers keep a cookie; allowed: ${MAX_COOKIE_LIFETIME} seconds (400 days), which is used here`,
      );
  }

  /** The promises of the prefixes `__Host-` and `__Secure-` (RFC 6265bis §4.1.3). */
  private checkCookiePrefix(): void {
    const name = this.of('session.name') ?? '';
    const prefix = /^__(?:host|secure)-/i.exec(name)?.[0];
    if (!prefix) return;
    const isHost = prefix.length < '__secure-'.length;
    const refuse = (other: SettingName, state: string, write: string) =>
      this.fault(
        ['session.name', other],
        `session.name begins with ${prefix}, so browsers drop the cookie unless ${other} ${state}; write ${other} = ${write}`.trimEnd(),
      );
    if (this.of('session.cookie_secure') === false) refuse('session.cookie_secure', 'is on', 'On');
    if (isHost && this.of('session.cookie_domain')) refuse('session.cookie_domain', 'is empty', '');
    if (isHost && this.of('session.cookie_path') !== '/') refuse('session.cookie_path', 'is /', '/');
  }

  /** Checks the places that PHP accepts ids from. */
  private checkIdSources(): void {
    const only = this.of('session.use_only_cookies');
    if (only && this.of('session.use_cookies') === false)
      this.fault(
        ['session.use_cookies', 'session.use_only_cookies'],
        'session.use_cookies is off while session.use_only_cookies is on, so PHP accepts no id at all; write session.use_cookies = On',
      );
    if (only === false)
      this.finding(
        ['session.use_only_cookies'],
        'session.use_only_cookies is off, so PHP accepts ids from URLs and forms too, where they leak and where others can plant them; write session.use_only_cookies = On',
      );
    for (const name of ['session.use_trans_sid', 'session.referer_check'] as const)
      if (only && this.of(name))
        this.finding([name], `${name} has no effect while session.use_only_cookies is on; remove the line`);
  }

  /** Checks that ids cannot be guessed, and that there is a character for each level of folders. */
  private checkIdLength(): void {
    const length = this.of('session.sid_length');
    const each = this.of('session.sid_bits_per_character');
    if (length * each < MIN_ID_BITS)
      this.fault(
        ['session.sid_length', 'session.sid_bits_per_character'],
        `session.sid_length is ${length} and session.sid_bits_per_character is ${each}, so ids have ${length * each} bits; allowed: ${MIN_ID_BITS} bits or more; write session.sid_length = ${Math.ceil(MIN_ID_BITS / each)}`,
      );
    const depth = this.of('session.save_path')?.depth ?? 0;
    if (depth >= length)
      this.fault(
        ['session.save_path'],
        `session.save_path has a depth of ${depth}, but ids have only ${length} characters; allowed: a depth of ${length - 1} or less; write a smaller number before the first semicolon`,
      );
  }

  /** Reports settings with which PHP removes expired sessions never or at every request. */
  private checkCollection(): void {
    const probability = this.of('session.gc_probability');
    if (probability === 0)
      this.finding(
        ['session.gc_probability'],
        'session.gc_probability is 0, so PHP removes no expired sessions, and a timer of the machine has to; here the timer of prune.interval does it',
      );
    if (probability > 0 && probability >= this.of('session.gc_divisor'))
      this.finding(
        ['session.gc_probability', 'session.gc_divisor'],
        'session.gc_probability is not less than session.gc_divisor, so PHP searches for expired sessions at each request; write session.gc_probability = 0 and let a timer do it',
      );
  }

  /** Reports a feature of PHP that this package does not have. */
  private checkUploads(): void {
    if (this.of('session.upload_progress.enabled'))
      this.finding(
        ['session.upload_progress.enabled'],
        'session.upload_progress.enabled is on, but upload progress is not offered yet; it has no effect here',
      );
  }

  /** Reports settings that PHP warns of in this version. */
  private checkDeprecated(version: PhpVersion): void {
    for (const { name, deprecated } of PHP_SETTINGS) {
      if (!deprecated || !isSince(version, deprecated)) continue;
      if (isDeepStrictEqual(this.of(name), this.defaults[name].value)) continue;
      this.finding([name], `${name} is deprecated since PHP ${deprecated} with any value but its default`);
    }
  }

  private of<N extends SettingName>(name: N): PhpSettings[N]['value'] {
    return this.settings[name].value;
  }

  /** Adds a fault at the first of the settings that the source sets. */
  private fault(names: readonly SettingName[], message: string): void {
    const place = this.firstPlace(names);
    if (place) this.diagnostics.addFault(place, message);
  }

  /** Adds a finding at the first of the settings that the source sets. */
  private finding(names: readonly SettingName[], message: string): void {
    const place = this.firstPlace(names);
    if (place) this.diagnostics.addFinding(place, message);
  }

  /** Returns the place of the first of these settings that the source sets. If it sets none of them, there is nothing to
   *  report, because PHP's defaults fit together. */
  private firstPlace(names: readonly SettingName[]): Place | undefined {
    const given = names.find((name) => this.places.has(name));
    return given && this.places.get(given);
  }
}
