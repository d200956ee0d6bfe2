import { DRIVER_ROWS } from '../../crypto/drivers/driver-rows.js';
import { judged, type AuditRule, type AuditVerdict } from './audit.interface.js';
import { fingerprintOf } from './fingerprint.js';

/** Milliseconds. */
const DAY = 86_400_000;
const MAX_MIGRATION_DAYS = 90;
const MAX_ROTATION_DAYS = 90;

/** The rule about the fingerprint, which covers the base options and all contexts. */
export const EQUAL_PARAMETERS: AuditRule = {
  code: 'equal-parameters',
  setting: 'crypto',
  recommended: 'equal on all servers that share sessions',
  why: 'if one parameter differs, a session ends whenever the other server answers; secrets must be equal too, but are not part of this fingerprint',
  remedy:
    'make crypto, cookie, id, store and contexts equal on all servers (docs/keys.md), and compare with npx nestjs-session-crypto doctor --config FILE --fingerprint VALUE',
  source: 'mod_session_crypto (equal parameters on all servers)',
  judge: ({ options, environment }) => {
    const own = fingerprintOf(options);
    if (environment.fingerprint === undefined) return judged(own, 'choose');
    return judged(own, environment.fingerprint === own ? 'ok' : 'broken');
  },
};

/** Rules about cipher, driver, format, and parameters that must be equal on all servers. */
export const CRYPTO_RULES: readonly AuditRule[] = [
  {
    code: 'cipher',
    setting: 'crypto.cipher',
    recommended: "'aes256'",
    why: 'all three ciphers are approved and authenticated; aes128 has the shortest key and so the smallest margin',
    remedy: 'remove crypto.cipher, and list the old cipher in crypto.acceptCiphers while sessions move',
    source: 'mod_session_crypto (SessionCryptoCipher), ASVS 11.3.2, ASVS 11.3.3',
    judge: ({ options: { crypto } }) =>
      crypto.format ? undefined : judged(crypto.suite.cipher, crypto.suite.keyLength < 32 ? 'choose' : 'ok'),
  },
  {
    code: 'accepted-ciphers',
    setting: 'crypto.acceptCiphers',
    recommended: 'none, once sessions have moved',
    why: 'an attacker who wants to forge a session needs to break only the weakest accepted cipher',
    remedy: 'remove crypto.acceptCiphers when session.absoluteTimeout has passed since the change',
    source: 'mod_session_crypto (SessionCryptoCipher), ASVS 11.2.2',
    judge: ({ options: { crypto } }) => {
      const others = crypto.accepted.filter((one) => one !== crypto.suite).map(({ cipher }) => cipher);
      return judged(others.join(', ') || 'none', others.length ? 'choose' : 'ok');
    },
  },
  {
    code: 'own-driver',
    setting: 'crypto.driver',
    recommended: `a driver of this package: ${DRIVER_ROWS.map(({ name }) => `'${name}'`).join(', ')}`,
    why: 'these drivers use libraries that many people test; the author of another driver is responsible for nonces, tags and timing',
    remedy:
      'remove crypto.driver; if you need your own, test it with the contract suite and have it reviewed (docs/drivers.md)',
    source: 'mod_session_crypto (SessionCryptoDriver), ASVS 11.2.1',
    judge: ({ options: { crypto } }) =>
      judged(crypto.driver.description, crypto.driver.builtIn ? 'ok' : 'choose'),
  },
  {
    code: 'engine',
    setting: 'crypto.driverParams.engine',
    recommended: 'none, unless a device needs one',
    why: 'an engine handles all ciphers of the process, including those of TLS',
    remedy:
      'remove crypto.driverParams, unless keys or ciphers need the device of the engine (docs/drivers.md)',
    source: 'mod_session_crypto (SessionCryptoDriver), ASVS 11.2.1',
    judge: ({ options }) => {
      const { driver } = options.crypto;
      if (!driver.builtIn || driver.name !== 'openssl') return undefined;
      const hasParams = driver.description !== driver.name;
      return hasParams ? judged(driver.description, 'choose') : judged('none', 'ok');
    },
  },
  {
    code: 'audience',
    setting: 'crypto.audience',
    recommended: 'the name of the site, if several sites share secrets',
    why: 'a session that is bound to its site does not open at another site with the same secrets',
    remedy: "set crypto.audience to the site's host",
    source: 'ASVS chapter 9 (audience), OWASP session sheet (mixed applications)',
    judge: ({ options: { crypto } }) => {
      if (crypto.format) return undefined;
      return crypto.audience ? judged('set', 'ok') : judged('none', 'choose');
    },
  },
  {
    code: 'key-rotation',
    setting: 'crypto.ring',
    recommended: 'managedRing({ store }) with a rotation of at most 90 days',
    why: 'a key that somebody has learned unnoticed opens sessions until it is replaced, and a rotation by hand is forgotten',
    remedy: 'set crypto.ring: managedRing({ store }), and leave rotation and adopt out (docs/keys.md)',
    source: 'ASVS 11.1.1, ASVS 13.3.4, NIST SP 800-57 (cryptoperiods)',
    judge: ({ options: { crypto } }) => {
      if (crypto.format) return undefined;
      if (!crypto.managed) return judged('by hand', 'choose');
      const { rotation, adopt } = crypto.managed;
      const days = Math.round(rotation / 86_400);
      if (days > MAX_ROTATION_DAYS) return judged(`every ${days} days`, 'weak');
      return adopt
        ? judged(`every ${days} days, and crypto.secrets opens sessions too`, 'choose')
        : judged(`every ${days} days`, 'ok');
    },
  },
  EQUAL_PARAMETERS,
  {
    code: 'other-format',
    setting: 'crypto.format',
    recommended: "'native'",
    why: 'the native format binds a session to its site, store and cookie, and commits to its key; a foreign format is only as strong as its own design',
    remedy: 'when the other program no longer runs, migrate its sessions with crypto.accept',
    source: 'mod_session_crypto, ASVS 11.3.3',
    judge: ({ options: { crypto } }) =>
      judged(crypto.format?.name ?? 'native', crypto.format ? 'choose' : 'ok'),
  },
  {
    code: 'long-migration',
    setting: 'crypto.accept',
    recommended: `an end within ${MAX_MIGRATION_DAYS} days`,
    why: 'while a foreign format is accepted, an attacker who can forge that format can make sessions',
    remedy:
      'set an earlier until, since sessions end by their own clocks anyway; remove an entry that is over',
    source: 'mod_session_crypto (changing the key)',
    judge: ({ options: { crypto }, environment }) =>
      crypto.accept.flatMap(({ migrationSource, name }, i) => {
        const days = Math.ceil(((migrationSource?.until.getTime() ?? 0) - environment.now.getTime()) / DAY);
        const value = `${name}, ${days > 0 ? `for ${days} more days` : 'over'}`;
        return { value, verdict: migrationVerdict(days), at: `crypto.accept[${i}].until` };
      }),
  },
];

/** A migration that is over accepts nothing any more. It may also be a mistake in the date, so the operator decides. */
function migrationVerdict(days: number): AuditVerdict {
  if (days <= 0) return 'choose';
  return days > MAX_MIGRATION_DAYS ? 'weak' : 'ok';
}
