import { isDeepStrictEqual } from 'node:util';
import { MAX_COOKIE_LIFETIME } from '../../http/cookie-syntax.js';
import type { PhpSettings } from './model.interface.js';
import type { Notes, Place } from './notes.js';
import { isSince, type PhpVersion } from './php-version.js';
import { PHP_SETTINGS, type SettingName } from './settings-table.js';

/** Bits that an id needs so that nobody can guess it. */
const MIN_ID_BITS = 128;

/** Settings that do not fit together, and what PHP does with them in silence. */
export class SettingsCheck {
  constructor(
    private readonly settings: PhpSettings,
    private readonly defaults: PhpSettings,
    private readonly places: ReadonlyMap<string, Place>,
    private readonly notes: Notes,
  ) {}

  all(version: PhpVersion): void {
    this.cookie();
    this.prefix();
    this.sources();
    this.id();
    this.collection();
    this.uploads();
    this.deprecated(version);
  }

  private cookie(): void {
    const insecure = this.of('session.cookie_secure') === false;
    const remedy = 'and session.cookie_secure is off; switch it on';
    if (insecure && this.of('session.cookie_samesite') === 'none')
      this.fault(
        ['session.cookie_samesite', 'session.cookie_secure'],
        `session.cookie_samesite is None ${remedy}: browsers drop the cookie`,
      );
    if (insecure && this.of('session.cookie_partitioned'))
      this.fault(
        ['session.cookie_partitioned', 'session.cookie_secure'],
        `session.cookie_partitioned is on ${remedy}: PHP starts no session`,
      );
    if (!this.of('session.cookie_httponly'))
      this.finding(
        ['session.cookie_httponly'],
        'session.cookie_httponly is off: every script in a page can read the cookie; switch it on',
      );
    if (this.of('session.cookie_lifetime') > MAX_COOKIE_LIFETIME)
      this.finding(
        ['session.cookie_lifetime'],
        `session.cookie_lifetime is more than the ${MAX_COOKIE_LIFETIME} seconds (400 days) that browsers keep a cookie`,
      );
  }

  /** RFC 6265bis §4.1.3 */
  private prefix(): void {
    const name = this.of('session.name') ?? '';
    const prefix = /^__(?:host|secure)-/i.exec(name)?.[0];
    if (!prefix) return;
    const refuse = (other: SettingName, what: string) =>
      this.fault(
        ['session.name', other],
        `session.name begins with ${prefix}, and browsers drop the cookie unless ${what}`,
      );
    if (this.of('session.cookie_secure') === false)
      refuse('session.cookie_secure', 'session.cookie_secure is on');
    if (prefix.length < '__secure-'.length && this.of('session.cookie_domain'))
      refuse('session.cookie_domain', 'session.cookie_domain is empty');
    if (prefix.length < '__secure-'.length && this.of('session.cookie_path') !== '/')
      refuse('session.cookie_path', 'session.cookie_path is /');
  }

  private sources(): void {
    const only = this.of('session.use_only_cookies');
    if (only && this.of('session.use_cookies') === false)
      this.fault(
        ['session.use_cookies', 'session.use_only_cookies'],
        'session.use_cookies is off and session.use_only_cookies is on, so no id is ever taken; switch session.use_cookies on',
      );
    if (only === false)
      this.finding(
        ['session.use_only_cookies'],
        'session.use_only_cookies is off: PHP takes ids from addresses and forms too, where they leak and can be planted',
      );
    if (only && this.of('session.use_trans_sid'))
      this.finding(
        ['session.use_trans_sid'],
        'session.use_trans_sid has no effect while session.use_only_cookies is on',
      );
    if (only && this.of('session.referer_check'))
      this.finding(
        ['session.referer_check'],
        'session.referer_check has no effect while session.use_only_cookies is on',
      );
  }

  private id(): void {
    const length = this.of('session.sid_length');
    const each = this.of('session.sid_bits_per_character');
    if (length * each < MIN_ID_BITS)
      this.fault(
        ['session.sid_length', 'session.sid_bits_per_character'],
        `ids have ${length} characters of ${each} bits, which makes ${length * each} bits; ${MIN_ID_BITS} are needed: set session.sid_length to ${Math.ceil(MIN_ID_BITS / each)} or more`,
      );
    const depth = this.of('session.save_path')?.depth ?? 0;
    if (depth >= length)
      this.fault(
        ['session.save_path'],
        `session.save_path has a depth of ${depth}, and ids have only ${length} characters`,
      );
  }

  private collection(): void {
    const probability = this.of('session.gc_probability');
    if (probability === 0)
      this.finding(
        ['session.gc_probability'],
        'session.gc_probability is 0: PHP leaves it to a timer of the machine to remove sessions; here prune.interval is one',
      );
    if (probability > 0 && probability >= this.of('session.gc_divisor'))
      this.finding(
        ['session.gc_probability', 'session.gc_divisor'],
        'session.gc_probability is not less than session.gc_divisor: PHP looks for expired sessions at each request',
      );
  }

  private uploads(): void {
    if (this.of('session.upload_progress.enabled'))
      this.finding(
        ['session.upload_progress.enabled'],
        'session.upload_progress.enabled is on; the progress of uploads is not offered yet',
      );
  }

  private deprecated(version: PhpVersion): void {
    for (const { name, deprecated } of PHP_SETTINGS)
      if (
        deprecated &&
        isSince(version, deprecated) &&
        !isDeepStrictEqual(this.of(name), this.defaults[name].value)
      )
        this.finding([name], `${name} is deprecated since PHP ${deprecated} with any value but its default`);
  }

  private of<N extends SettingName>(name: N): PhpSettings[N]['value'] {
    return this.settings[name].value;
  }

  private fault(names: readonly SettingName[], message: string): void {
    const place = this.placeOf(names);
    if (place) this.notes.fault(place, message);
  }

  private finding(names: readonly SettingName[], message: string): void {
    const place = this.placeOf(names);
    if (place) this.notes.finding(place, message);
  }

  /** Of the first that was given; defaults fit together. */
  private placeOf(names: readonly SettingName[]): Place | undefined {
    const given = names.find((name) => this.places.has(name));
    return given && this.places.get(given);
  }
}
