import { DRIVER_ROWS } from '../../crypto/drivers/driver-rows.js';
import type { SecretOption } from '../../crypto/key-source.interface.js';
import type { AuditRule, AuditSubject, AuditVerdict, Judgement } from './audit.interface.js';
import { fingerprintOf } from './fingerprint.js';
import { secretFacts, type SecretFacts } from './secret-facts.js';

const MAX_SECRETS = 3;
const DAY = 86_400_000;
const MAX_MIGRATION_DAYS = 90;

/** One judgement for each secret. */
const eachSecret =
  (judge: (facts: SecretFacts, subject: AuditSubject) => Omit<Judgement, 'at'> | undefined) =>
  (subject: AuditSubject): Judgement[] =>
    subject.secrets.flatMap((option: SecretOption, i) => {
      const found = judge(secretFacts(option, subject.environment.variables), subject);
      return found ? [{ ...found, at: `crypto.secrets[${i}]` }] : [];
    });

const STRENGTH: Readonly<Record<NonNullable<SecretFacts['strength']>, AuditVerdict>> = {
  random: 'ok',
  words: 'weak',
  guessable: 'broken',
};

const PLACES: Readonly<Record<SecretFacts['place'], string>> = {
  text: 'a text in the options',
  bytes: 'bytes in the options',
  environment: 'the environment',
  file: 'a file',
  program: 'a program',
  function: 'a function',
  token: 'a token of the driver',
};

const SAFE_PLACES: readonly SecretFacts['place'][] = ['file', 'program', 'function', 'token'];

function placeVerdict({ place }: SecretFacts, production: boolean): AuditVerdict {
  if (SAFE_PLACES.includes(place)) return 'ok';
  return place === 'text' && production ? 'weak' : 'choose';
}

const isInToken = ({ place }: SecretFacts) => place === 'token';

/** Of the secrets that this process holds; a key in a token is neither read again nor stretched. */
const heldFacts = ({ secrets, environment }: AuditSubject): SecretFacts[] =>
  secrets.map((one) => secretFacts(one, environment.variables)).filter((facts) => !isInToken(facts));

const isRead = ({ place }: SecretFacts) => place === 'file' || place === 'program' || place === 'function';

export const KEY_RULES: readonly AuditRule[] = [
  {
    code: 'secret-strength',
    setting: 'crypto.secrets',
    recommended: '32 random bytes',
    why: 'keys are safer the longer and the more random they are: who has one sealed session can try secrets without asking the server',
    remedy:
      'npx nestjs-session-crypto secret makes one; put it first and keep the old one until its sessions have ended',
    source: 'mod_session_crypto (key length and randomness), ASVS 11.2.3',
    judge: eachSecret((facts) => {
      const { kind, length, strength } = facts;
      if (isInToken(facts)) return { value: 'a key in a token, checked at the start', verdict: 'ok' };
      return kind && strength
        ? { value: `${kind}, ${length} bytes`, verdict: STRENGTH[strength] }
        : { value: 'not read by the audit', verdict: 'choose' };
    }),
  },
  {
    code: 'secret-place',
    setting: 'crypto.secrets',
    recommended: 'a file, a program, or a function that asks a vault',
    why: 'what stands in the source or the configuration is read by whoever reads those, stays in memory, and changes with a restart only',
    remedy: "{ file: '/run/secrets/session' }, { exec: ['program'] }, or a function",
    source: 'mod_session_crypto (literal, file or program), ASVS 13.3.1',
    judge: eachSecret((facts, { environment }) => ({
      value: PLACES[facts.place],
      verdict: placeVerdict(facts, environment.production),
    })),
  },
  {
    code: 'open-secret-file',
    setting: 'crypto.secrets',
    recommended: 'a file that only its owner may use',
    why: 'whoever reads the file can make and open every session',
    remedy: 'chmod 600 the file and take othersMayRead away',
    source: 'PHP session.save_path, ASVS 13.3.2',
    judge: eachSecret(({ place, othersMayRead }) => {
      if (place !== 'file') return undefined;
      return othersMayRead
        ? { value: 'others may read it', verdict: 'weak' }
        : { value: 'its owner only', verdict: 'ok' };
    }),
  },
  {
    code: 'many-secrets',
    setting: 'crypto.secrets',
    recommended: `at most ${MAX_SECRETS}: the first, and those that sessions still have`,
    why: 'every secret of the list opens sessions, so one that leaked long ago still does',
    remedy: 'drop those that are older than session.absoluteTimeout',
    source: 'mod_session_crypto (rotation), ASVS 13.3.4, ASVS 11.1.1',
    judge: ({ secrets }) =>
      secrets.length
        ? {
            value: count(secrets.length, 'entry', 'entries'),
            verdict: secrets.length > MAX_SECRETS ? 'weak' : 'ok',
          }
        : undefined,
  },
  {
    code: 'no-reload',
    setting: 'crypto.reload',
    recommended: 'an interval, a watched file or a signal, and a source that can change',
    why: 'a secret that leaked should be replaced at once, on all servers, without a restart',
    remedy: 'read secrets from files, programs or functions, and leave crypto.reload as it is',
    source: 'mod_session_crypto (changing the key), ASVS 13.3.4, ASVS 11.2.2',
    judge: (subject) => {
      const all = heldFacts(subject);
      if (!all.length) return undefined;
      if (!all.some(isRead)) return { value: 'nothing that can be read again', verdict: 'choose' };
      const { interval, watch, signal } = subject.options.crypto.reload;
      const isHeard =
        interval > 0 || signal !== undefined || (watch && all.some(({ place }) => place === 'file'));
      return isHeard ? { value: 'without a restart', verdict: 'ok' } : { value: 'off', verdict: 'weak' };
    },
  },
  {
    code: 'cipher',
    setting: 'crypto.cipher',
    recommended: "'aes256'",
    why: 'all three are approved authenticated ciphers under a key of its own for each session; aes128 has the smallest margin',
    remedy: 'take crypto.cipher away, with the old one in acceptCiphers while sessions move',
    source: 'mod_session_crypto (SessionCryptoCipher), ASVS 11.3.2, ASVS 11.3.3',
    judge: ({ options: { crypto } }) =>
      crypto.format
        ? undefined
        : { value: crypto.suite.cipher, verdict: crypto.suite.keyLength < 32 ? 'choose' : 'ok' },
  },
  {
    code: 'accepted-ciphers',
    setting: 'crypto.acceptCiphers',
    recommended: 'none, once sessions have moved',
    why: 'the weakest accepted cipher is what a forger has to beat',
    remedy: 'take crypto.acceptCiphers away after session.absoluteTimeout',
    source: 'mod_session_crypto (SessionCryptoCipher), ASVS 11.2.2',
    judge: ({ options: { crypto } }) => {
      const others = crypto.accepted.filter((one) => one !== crypto.suite).map(({ cipher }) => cipher);
      return { value: others.join(', ') || 'none', verdict: others.length ? 'choose' : 'ok' };
    },
  },
  {
    code: 'own-driver',
    setting: 'crypto.driver',
    recommended: `one of ours: ${DRIVER_ROWS.map(({ name }) => `'${name}'`).join(', ')}`,
    why: 'ours stand on libraries that are tested by many; whoever writes a driver answers for nonces, tags and time',
    remedy: 'run the contract suite and an outside review over your own (docs/drivers.md)',
    source: 'mod_session_crypto (SessionCryptoDriver), ASVS 11.2.1',
    judge: ({ options: { crypto } }) => ({
      value: crypto.driver.description,
      verdict: crypto.driver.builtIn ? 'ok' : 'choose',
    }),
  },
  {
    code: 'engine',
    setting: 'crypto.driverParams.engine',
    recommended: 'none, where no device needs one',
    why: 'an engine answers for all ciphers of the process, TLS too',
    remedy: 'keep it where keys or ciphers need its device; else leave it out (docs/drivers.md)',
    source: 'mod_session_crypto (SessionCryptoDriver), ASVS 11.2.1',
    judge: ({ options }) => {
      const { driver } = options.crypto;
      if (!driver.builtIn || driver.name !== 'openssl') return undefined;
      return driver.description === driver.name
        ? { value: 'none', verdict: 'ok' }
        : { value: driver.description, verdict: 'choose' };
    },
  },
  {
    code: 'salt',
    setting: 'crypto.salt',
    recommended: 'a text of your own, where there are passphrases',
    why: 'without it one passphrase gives the same keys at every site, and guesses for one site serve all',
    remedy:
      "set crypto.salt to the site's name, equal on all servers, when secrets change next; or use random keys",
    source: 'mod_session_crypto (equal parameters), ASVS 11.2.3',
    judge: (subject) => {
      const kinds = heldFacts(subject).map(({ kind }) => kind);
      if (!kinds.length) return undefined;
      if (subject.options.crypto.salt) return { value: 'set', verdict: 'ok' };
      return kinds.every((kind) => kind === 'raw key')
        ? { value: 'none, and no passphrase', verdict: 'ok' }
        : { value: 'none', verdict: 'choose' };
    },
  },
  {
    code: 'audience',
    setting: 'crypto.audience',
    recommended: 'the site, where several share secrets',
    why: 'a session that is bound to its site does not open at another with the same secrets',
    remedy: "set crypto.audience to the site's host",
    source: 'ASVS chapter 9 (audience), OWASP session sheet (mixed applications)',
    judge: ({ options: { crypto } }) => {
      if (crypto.format) return undefined;
      return crypto.audience ? { value: 'set', verdict: 'ok' } : { value: 'none', verdict: 'choose' };
    },
  },
  {
    code: 'equal-parameters',
    setting: 'crypto',
    recommended: 'equal on all servers that share sessions',
    why: 'one parameter that differs ends sessions whenever the other server answers; secrets have to be equal too, and are not in the fingerprint',
    remedy: 'npx nestjs-session-crypto doctor --config FILE --fingerprint VALUE on each server',
    source: 'mod_session_crypto (equal parameters on all servers)',
    judge: ({ options, environment }) => {
      const own = fingerprintOf(options);
      if (environment.fingerprint === undefined) return { value: own, verdict: 'choose' };
      return { value: own, verdict: environment.fingerprint === own ? 'ok' : 'broken' };
    },
  },
  {
    code: 'other-format',
    setting: 'crypto.format',
    recommended: "'native'",
    why: 'our own form binds a session to its site, store and cookie and commits to its key; another form has the strength of its maker',
    remedy: 'when the other side is gone, lead its sessions over with crypto.accept',
    source: 'mod_session_crypto, ASVS 11.3.3',
    judge: ({ options: { crypto } }) => ({
      value: crypto.format?.name ?? 'native',
      verdict: crypto.format ? 'choose' : 'ok',
    }),
  },
  {
    code: 'long-migration',
    setting: 'crypto.accept',
    recommended: `an end within ${MAX_MIGRATION_DAYS} days`,
    why: 'as long as another form is taken over, whoever can forge it has a way in',
    remedy: 'bring until forward; sessions end by their own clocks anyway. What is over can be taken out',
    source: 'mod_session_crypto (changing the key)',
    judge: ({ options: { crypto }, environment }) =>
      crypto.accept.flatMap(({ migrationSource, name }, i) => {
        const days = Math.ceil(((migrationSource?.until.getTime() ?? 0) - environment.now.getTime()) / DAY);
        const value = `${name}, ${days > 0 ? `for ${days} more days` : 'over'}`;
        return { value, verdict: migrationVerdict(days), at: `crypto.accept[${i}].until` };
      }),
  },
];

/** Nothing is taken over any more once it is over, which may be an oversight. */
function migrationVerdict(days: number): AuditVerdict {
  if (days <= 0) return 'choose';
  return days > MAX_MIGRATION_DAYS ? 'weak' : 'ok';
}

const count = (number: number, one: string, many: string): string => `${number} ${number === 1 ? one : many}`;
