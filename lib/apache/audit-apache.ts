import type { AuditFinding } from '../persistence/session-format.interface.js';
import type { ApacheExchange } from './apache-exchange.js';
import type { ApacheCipherName } from './sealing/apache-cipher.js';
import type { FormAuth } from './auth/form-auth.js';

/** What of the options is judged. */
interface AuditedApache {
  readonly secrets: readonly unknown[];
  readonly cipher: ApacheCipherName;
  readonly auth: FormAuth | undefined;
  readonly exchange: Pick<ApacheExchange, 'header'>;
}

const SHORT = 16;

/** What a security review should know of the format at the option path `path`. */
export function auditApache(
  path: string,
  { secrets, cipher, auth, exchange }: AuditedApache,
): AuditFinding[] {
  const findings: AuditFinding[] = [
    {
      level: 'info',
      code: 'apache-format',
      path,
      message:
        'httpd binds a sealed session by a tag of 64 bits to nothing but its passphrase: give each site passphrases of its own',
    },
  ];
  if (exchange.header)
    findings.push({
      level: 'warning',
      code: 'apache-session-header',
      path: `${path}.header`,
      message:
        'a backend that may write the session and has seen another can copy its subject; trust it as you trust this application',
    });
  secrets.forEach((secret, i) => {
    const length = lengthOf(secret);
    if (length === undefined || length >= SHORT) return;
    const message = `is a passphrase of ${length} bytes, which falls to guessing in spite of PBKDF2; at least ${SHORT} random ones`;
    findings.push({
      level: 'danger',
      code: 'apache-short-passphrase',
      path: `${path}.secrets[${i}]`,
      message,
    });
  });
  if (cipher === '3des192')
    findings.push({
      level: 'warning',
      code: 'apache-3des',
      path: `${path}.cipher`,
      message: '3des192 is old and slow; take aes256',
    });
  if (auth?.trustUserKey)
    findings.push({
      level: 'danger',
      code: 'apache-trusted-user',
      path: `${path}.auth.trustUserKey`,
      message: 'whoever can write to the session, a backend with SessionHeader too, can be anybody',
    });
  if (auth)
    findings.push({
      level: 'warning',
      code: 'apache-password',
      path: `${path}.auth`,
      message: 'mod_auth_form keeps the password in clear in the session',
    });
  return findings;
}

function lengthOf(secret: unknown): number | undefined {
  if (typeof secret === 'string')
    return /^(?:exec|file):./s.test(secret) ? undefined : Buffer.byteLength(secret);
  if (secret instanceof Uint8Array) return secret.length;
  return secret && typeof secret === 'object' && 'passphrase' in secret
    ? lengthOf(secret.passphrase)
    : undefined;
}
