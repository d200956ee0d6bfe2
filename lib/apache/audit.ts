import type { SecretOption } from '../crypto/key-source.interface.js';
import { secretFindings } from '../options/audit/secret-findings.js';
import type { AuditFacts } from '../persistence/session-format.interface.js';
import type { AuditFinding } from '../stores/audit-finding.interface.js';
import type { ResolvedApacheOptions } from './resolve-options.js';
import type { ApacheSecretOption } from './sealing/passphrase-sources.js';

/** Bytes of a passphrase below which guessing is realistic. */
const SHORT = 16;

type Judged = Pick<ResolvedApacheOptions, 'secrets' | 'cipher' | 'auth' | 'exchange'>;

/** Returns the audit's findings about the Apache format at the option path `path`. Without `facts`, the secrets are judged by
 *  their length alone. */
export function auditApache(path: string, options: Judged, facts?: AuditFacts): AuditFinding[] {
  const { secrets, cipher, auth, exchange } = options;
  return [
    formatFinding(path),
    ...(exchange.header ? [headerFinding(path)] : []),
    ...secrets.flatMap((secret, i) => passphraseFindings(`${path}.secrets[${i}]`, secret)),
    ...(facts ? sourceFindings(path, secrets as readonly ApacheSecretOption[], facts) : []),
    ...(cipher === '3des192' ? [tripleDesFinding(path)] : []),
    ...(auth?.trustUserKey ? [trustedUserFinding(path)] : []),
    ...(auth ? [passwordFinding(path)] : []),
  ];
}

/** What both sides must do. */
const REMEDIES = {
  'secret-strength':
    'make a passphrase with npx nestjs-session-crypto secret, write it first in httpd and here, and keep the old one behind it on both sides until its sessions have ended',
  'secret-place':
    "use { passphraseFile: '/run/secrets/httpd' } or { exec: ['program'] } here, and SessionCryptoPassphraseFile or exec: in httpd",
  'open-secret-file':
    'give the application a copy of its own (install -m 600 -o USER FILE COPY), name the copy, and remove othersMayRead',
  'many-secrets':
    'remove from both sides the passphrases that were replaced longer ago than the sessions live (SessionMaxAge, session.absoluteTimeout)',
  'no-reload':
    'read passphrases from files, programs or functions, and remove crypto.reload; httpd itself needs a graceful restart',
} as const;

/** Returns the findings about strength, place, number and reload. A short passphrase has a finding of its own. */
function sourceFindings(
  path: string,
  secrets: readonly ApacheSecretOption[],
  facts: AuditFacts,
): AuditFinding[] {
  const short = secrets.map(isShort);
  const found = secretFindings(path, secrets.map(asNative), facts, REMEDIES);
  return found.filter(
    ({ code, path: at }) =>
      code !== 'secret-strength' || !short.some((one, i) => one && at.endsWith(`[${i}]`)),
  );
}

/** Returns the native entry with the same meaning: here `raw:` and `hex:` mean nothing, and bytes are a passphrase. */
function asNative(secret: ApacheSecretOption): SecretOption {
  if (typeof secret === 'string') return isSource(secret) ? secret : { passphrase: secret };
  if (secret instanceof Uint8Array) return { passphrase: secret };
  if (typeof secret === 'object' && 'passphraseFile' in secret)
    return { file: secret.passphraseFile, othersMayRead: secret.othersMayRead === true };
  return secret;
}

const isSource = (text: string): boolean => /^(?:exec|file):./s.test(text);

const formatFinding = (path: string): AuditFinding => ({
  level: 'info',
  code: 'apache-format',
  path,
  message:
    'httpd protects a session with a MAC of 64 bits, which covers no cookie name, host, path or user; give each site its own passphrases',
  recommended: 'passphrases that no other site has, and the native format once httpd no longer runs',
  remedy:
    'give each site and each cookie its own passphrases in httpd and here; when httpd no longer runs, migrate with crypto.accept',
});

const headerFinding = (path: string): AuditFinding => ({
  level: 'warning',
  code: 'apache-session-header',
  path: `${path}.header`,
  message:
    "a backend that may write sessions can copy the subject of a session that it has seen into another visitor's session; trust the backend as you trust this application",
  recommended: 'no header, or a backend that is trusted as this application is',
  remedy: 'remove header, and SessionHeader from httpd, unless a backend of your own needs it',
  source: 'mod_session (SessionHeader, Session Security)',
});

/** A short passphrase is in danger although PBKDF2 makes the cipher key, because one MD5 makes the MAC key. */
function passphraseFindings(path: string, secret: unknown): AuditFinding[] {
  const length = lengthOf(secret);
  if (length === undefined || length >= SHORT) return [];
  const message = `is a passphrase of ${length} bytes, which an attacker can guess despite PBKDF2; use at least ${SHORT} random bytes`;
  return [
    {
      level: 'danger',
      code: 'apache-short-passphrase',
      path,
      message,
      value: `passphrase, ${length} bytes`,
      recommended: `at least ${SHORT} random bytes`,
      remedy: REMEDIES['secret-strength'],
    },
  ];
}

const isShort = (secret: unknown): boolean => (lengthOf(secret) ?? SHORT) < SHORT;

const tripleDesFinding = (path: string): AuditFinding => ({
  level: 'warning',
  code: 'apache-3des',
  path: `${path}.cipher`,
  message: '3des192 is old and slow; use aes256',
  value: '3des192',
  recommended: "'aes256'",
  remedy:
    "write SessionCryptoCipher aes256 in httpd and cipher: 'aes256' here at the same time; it ends all sessions",
  source: 'mod_session_crypto (SessionCryptoCipher), ASVS 11.3.2',
});

const trustedUserFinding = (path: string): AuditFinding => ({
  level: 'danger',
  code: 'apache-trusted-user',
  path: `${path}.auth.trustUserKey`,
  message:
    'anybody who can write to a session, including a backend through SessionHeader, can be any user; give auth.verify instead',
  value: 'true',
  recommended: 'auth.verify, which checks user and password',
  remedy: 'remove auth.trustUserKey, and give auth.verify(user, password)',
  source: 'mod_auth_form, ASVS 7.2.1',
});

const passwordFinding = (path: string): AuditFinding => ({
  level: 'warning',
  code: 'apache-password',
  path: `${path}.auth`,
  message: 'mod_auth_form keeps the password in the session, and it is not hashed',
  value: 'the password is in the session',
  recommended: 'logins by session.login() in this application',
  remedy:
    'log users in here; when httpd admits nobody by its form any more, remove AuthType form there and auth here',
  source: 'mod_auth_form, ASVS 14.2.4',
});

/** Returns the bytes of a literal passphrase, or `undefined` for a source that is not read yet. */
function lengthOf(secret: unknown): number | undefined {
  if (typeof secret === 'string') return isSource(secret) ? undefined : Buffer.byteLength(secret);
  if (secret instanceof Uint8Array) return secret.length;
  return secret && typeof secret === 'object' && 'passphrase' in secret
    ? passphraseLength(secret.passphrase)
    : undefined;
}

/** Inside `{ passphrase }` a prefix has no meaning. */
const passphraseLength = (passphrase: unknown): number | undefined =>
  typeof passphrase === 'string' ? Buffer.byteLength(passphrase) : lengthOf(passphrase);
