import type { SecretOption } from '../../crypto/key-source.interface.js';
import type { AuditFacts } from '../../persistence/session-format.interface.js';
import {
  judged,
  type AuditRule,
  type AuditVerdict,
  type Judgement,
  type RuleText,
} from './audit.interface.js';
import { secretFacts, type SecretFacts } from './secret-facts.js';

const MAX_SECRETS = 3;

/** What the rules about secrets judge: those of `crypto.secrets`, or those of a foreign format. */
export interface SecretSubject extends AuditFacts {
  readonly secrets: readonly SecretOption[];
  /** `undefined` where the format has no salt of ours. */
  readonly salt: string | undefined;
}

/** A rule about secrets. */
export interface SecretRule extends RuleText {
  judgeSecrets(subject: SecretSubject): Judgement | readonly Judgement[] | undefined;
}

/** Makes the judge of a rule that is about each secret. `judge` returns `undefined` for a secret that the rule does not
 *  apply to. */
const forEachSecret =
  (judge: (facts: SecretFacts, subject: SecretSubject) => Judgement | undefined) =>
  (subject: SecretSubject): Judgement[] =>
    subject.secrets.flatMap((option: SecretOption, i) => {
      const judgement = judge(secretFacts(option, subject.variables), subject);
      return judgement ? [{ ...judgement, at: `crypto.secrets[${i}]` }] : [];
    });

const STRENGTHS: Readonly<Record<NonNullable<SecretFacts['strength']>, AuditVerdict>> = {
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

/** The places outside of the source code, the configuration and the environment. */
const SAFE_PLACES: readonly SecretFacts['place'][] = ['file', 'program', 'function', 'token'];

function placeVerdict({ place }: SecretFacts, production: boolean): AuditVerdict {
  if (SAFE_PLACES.includes(place)) return 'ok';
  return place === 'text' && production ? 'weak' : 'choose';
}

const isInToken = ({ place }: SecretFacts) => place === 'token';

/** Returns the facts of the secrets that this process reads. A key in a token is never read and never stretched. */
const heldFacts = ({ secrets, variables }: SecretSubject): SecretFacts[] =>
  secrets.map((one) => secretFacts(one, variables)).filter((facts) => !isInToken(facts));

/** Reports whether a later reading can give another secret. */
const canChange = ({ place }: SecretFacts) => place === 'file' || place === 'program' || place === 'function';

/** Rules about secrets: strength, place, number, rotation and salt. */
export const SECRET_SUBJECT_RULES: readonly SecretRule[] = [
  {
    code: 'secret-strength',
    setting: 'crypto.secrets',
    recommended: '32 random bytes',
    why: 'a longer and more random key is safer: an attacker with one sealed session can try secrets without asking the server',
    remedy:
      'make a secret with npx nestjs-session-crypto secret, put it first, and keep the old one until its sessions have ended',
    source: 'mod_session_crypto (key length and randomness), ASVS 11.2.3',
    judgeSecrets: forEachSecret((facts) => {
      const { kind, length, strength } = facts;
      if (isInToken(facts)) return judged('a key in a token, checked at the start', 'ok');
      return kind && strength
        ? judged(`${kind}, ${length} bytes`, STRENGTHS[strength])
        : judged('not read by the audit', 'choose');
    }),
  },
  {
    code: 'secret-place',
    setting: 'crypto.secrets',
    recommended: 'a file, a program, or a function that asks a vault',
    why: 'everybody who reads the source code or the configuration reads a secret in it; such a secret stays in memory and changes only with a restart',
    remedy: "use { file: '/run/secrets/session' }, { exec: ['program'] }, or a function",
    source: 'mod_session_crypto (literal, file or program), ASVS 13.3.1',
    judgeSecrets: forEachSecret((facts, { production }) =>
      judged(PLACES[facts.place], placeVerdict(facts, production)),
    ),
  },
  {
    code: 'open-secret-file',
    setting: 'crypto.secrets',
    recommended: 'a file that only its owner can read',
    why: 'everybody who can read the file can make and open every session',
    remedy: 'run chmod 600 on the file and remove othersMayRead',
    source: 'PHP session.save_path, ASVS 13.3.2',
    judgeSecrets: forEachSecret(({ place, othersMayRead }) => {
      if (place !== 'file') return undefined;
      return othersMayRead ? judged('others may read it', 'weak') : judged('its owner only', 'ok');
    }),
  },
  {
    code: 'many-secrets',
    setting: 'crypto.secrets',
    recommended: `at most ${MAX_SECRETS}: the first, and those that still have sessions`,
    why: 'every secret in the list opens sessions, even one that leaked long ago',
    remedy: 'remove the secrets that were replaced longer ago than session.absoluteTimeout',
    source: 'mod_session_crypto (rotation), ASVS 13.3.4, ASVS 11.1.1',
    judgeSecrets: ({ secrets: { length } }) =>
      length
        ? judged(`${length} ${length === 1 ? 'entry' : 'entries'}`, length > MAX_SECRETS ? 'weak' : 'ok')
        : undefined,
  },
  {
    code: 'no-reload',
    setting: 'crypto.reload',
    recommended: 'an interval, a watched file or a signal, and a source that can change',
    why: 'when a secret has leaked, all servers must replace it at once and without a restart',
    remedy: 'read secrets from files, programs or functions, and remove crypto.reload',
    source: 'mod_session_crypto (changing the key), ASVS 13.3.4, ASVS 11.2.2',
    judgeSecrets: (subject) => {
      const all = heldFacts(subject);
      if (!all.length) return undefined;
      if (!all.some(canChange)) return judged('no source that can change', 'choose');
      const { interval, watch, signal } = subject.reload;
      const reloads =
        interval > 0 || signal !== undefined || (watch && all.some(({ place }) => place === 'file'));
      return reloads ? judged('without a restart', 'ok') : judged('off', 'weak');
    },
  },
  {
    code: 'salt',
    setting: 'crypto.salt',
    recommended: 'a text of your own, if there are passphrases',
    why: 'without a salt one passphrase gives the same keys at every site, so an attacker guesses for all sites at once',
    remedy:
      "when you next change the secrets, set crypto.salt to the site's name on all servers; or use random keys",
    source: 'mod_session_crypto (equal parameters), ASVS 11.2.3',
    judgeSecrets: (subject) => {
      const kinds = heldFacts(subject).map(({ kind }) => kind);
      if (!kinds.length || subject.salt === undefined) return undefined;
      if (subject.salt) return judged('set', 'ok');
      return kinds.every((kind) => kind === 'raw key')
        ? judged('none, and no passphrase', 'ok')
        : judged('none', 'choose');
    },
  },
];

/** The rules about the entries of `crypto.secrets`. */
export const SECRET_RULES: readonly AuditRule[] = SECRET_SUBJECT_RULES.map((rule) => ({
  ...rule,
  judge: ({ secrets, environment, options: { crypto } }) =>
    rule.judgeSecrets({ ...environment, secrets, reload: crypto.reload, salt: crypto.salt }),
}));
