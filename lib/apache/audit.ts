import type { AuditFinding } from '../persistence/session-format.interface.js';
import type { ResolvedApacheOptions } from './resolve-options.js';

/** Bytes of a passphrase below which guessing is realistic. */
const SHORT = 16;

/** Returns the audit's findings about the Apache format at the option path `path`. */
export function auditApache(
  path: string,
  {
    secrets,
    cipher,
    auth,
    exchange,
  }: Pick<ResolvedApacheOptions, 'secrets' | 'cipher' | 'auth' | 'exchange'>,
): AuditFinding[] {
  return [
    formatFinding(path),
    ...(exchange.header ? [headerFinding(path)] : []),
    ...secrets.flatMap((secret, i) => passphraseFindings(`${path}.secrets[${i}]`, secret)),
    ...(cipher === '3des192' ? [tripleDesFinding(path)] : []),
    ...(auth?.trustUserKey ? [trustedUserFinding(path)] : []),
    ...(auth ? [passwordFinding(path)] : []),
  ];
}

const formatFinding = (path: string): AuditFinding => ({
  level: 'info',
  code: 'apache-format',
  path,
  message:
    'httpd protects a session with a MAC of 64 bits, which covers no cookie name, host, path or user; give each site its own passphrases',
});

const headerFinding = (path: string): AuditFinding => ({
  level: 'warning',
  code: 'apache-session-header',
  path: `${path}.header`,
  message:
    "a backend that may write sessions can copy the subject of a session that it has seen into another visitor's session; trust the backend as you trust this application",
});

/** A short passphrase is in danger although PBKDF2 makes the cipher key, because one MD5 makes the MAC key. */
function passphraseFindings(path: string, secret: unknown): AuditFinding[] {
  const length = lengthOf(secret);
  if (length === undefined || length >= SHORT) return [];
  const message = `is a passphrase of ${length} bytes, which an attacker can guess despite PBKDF2; use at least ${SHORT} random bytes`;
  return [{ level: 'danger', code: 'apache-short-passphrase', path, message }];
}

const tripleDesFinding = (path: string): AuditFinding => ({
  level: 'warning',
  code: 'apache-3des',
  path: `${path}.cipher`,
  message: '3des192 is old and slow; use aes256',
});

const trustedUserFinding = (path: string): AuditFinding => ({
  level: 'danger',
  code: 'apache-trusted-user',
  path: `${path}.auth.trustUserKey`,
  message:
    'anybody who can write to a session, including a backend through SessionHeader, can be any user; give auth.verify instead',
});

const passwordFinding = (path: string): AuditFinding => ({
  level: 'warning',
  code: 'apache-password',
  path: `${path}.auth`,
  message: 'mod_auth_form keeps the password in the session, and it is not hashed',
});

/** Returns the bytes of a literal passphrase, or `undefined` for a source that is not read yet. */
function lengthOf(secret: unknown): number | undefined {
  if (typeof secret === 'string')
    return /^(?:exec|file):./s.test(secret) ? undefined : Buffer.byteLength(secret);
  if (secret instanceof Uint8Array) return secret.length;
  return secret && typeof secret === 'object' && 'passphrase' in secret
    ? lengthOf(secret.passphrase)
    : undefined;
}
