import { codeOf } from '../../errors/session-store.error.js';
import { kindOf, SessionConfigError } from '../../errors/session-config.error.js';
import { SessionCryptoError } from '../../errors/session-crypto.error.js';
import type { KeySource, SecretCallback, SuppliedSecret } from '../key-source.interface.js';
import {
  NATIVE_SECRETS,
  secretBytes,
  wipeSecrets,
  type Secret,
  type SecretFault,
  type SecretRule,
} from '../secret.js';

/** Milliseconds after which a callback has failed. */
const TIMEOUT_MS = 10_000;

/** Returns the source of a callback of the application. The callback gives one secret or several, each with a state if it
 *  has one. Its own errors may quote a secret, so a fault shows only their code. */
export function callbackSource(
  path: string,
  callback: SecretCallback,
  rule: SecretRule = NATIVE_SECRETS,
): KeySource {
  const fail = (message: string) => new SessionConfigError([{ path, message }]);
  return {
    path,
    kind: 'callback',
    reloads: true,
    async read() {
      const result = await withTimeout(callback).catch((error: unknown) => {
        throw error instanceof SessionCryptoError ? error : fail(`the callback failed (${codeOf(error)})`);
      });
      const supplied = Array.isArray(result)
        ? (result as readonly SuppliedSecret[])
        : [result as SuppliedSecret];
      if (!supplied.length) throw fail('the callback gave no secret; at least one is needed');
      return readAll(supplied, rule, fail);
    },
  };
}

/** Reads all entries. If one is wrong, none counts. */
function readAll(
  supplied: readonly SuppliedSecret[],
  rule: SecretRule,
  fail: (message: string) => Error,
): Secret[] {
  const secrets: Secret[] = [];
  for (const [i, one] of supplied.entries()) {
    const secret = readSupplied(one, rule);
    if (typeof secret !== 'string') secrets.push(secret);
    else {
      wipeSecrets(secrets);
      throw fail(`entry ${i} of the callback's result ${secret}`);
    }
  }
  return secrets;
}

function readSupplied(supplied: SuppliedSecret, rule: SecretRule): Secret | SecretFault {
  if (supplied instanceof Uint8Array) return rule.bytes(supplied);
  if (typeof supplied === 'string') return readText(supplied, rule);
  if (typeof supplied !== 'object' || supplied === null || !('secret' in supplied))
    return `is ${kindOf(supplied)}; allowed are text, bytes, or { secret, state }`;
  const { state } = supplied;
  if (state !== undefined && state !== 'retiring' && state !== 'revoked')
    return 'has an unknown state; allowed are "retiring" and "revoked"';
  const secret = readSupplied(supplied.secret, rule);
  return typeof secret === 'string' || !state ? secret : { ...secret, state };
}

function readText(text: string, rule: SecretRule): Secret | SecretFault {
  const bytes = secretBytes(text);
  const secret = rule.text(bytes);
  bytes.fill(0);
  return secret;
}

/** Calls the callback and rejects with code `timeout` if it takes too long. Later reloads wait for the reload under way, so a
 *  callback that never settles would stop all of them. */
function withTimeout(callback: SecretCallback): Promise<Awaited<ReturnType<SecretCallback>>> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(Object.assign(new Error(), { code: 'timeout' })), TIMEOUT_MS);
    Promise.resolve()
      .then(callback)
      .then(resolve, reject)
      .finally(() => clearTimeout(timer));
  });
}
