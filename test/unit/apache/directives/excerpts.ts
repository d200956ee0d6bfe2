import { SessionConfigError } from '../../../../lib/errors/session-config.error.js';
import { readDirectives, type DirectiveOptions } from '../../../../lib/apache/directives/read-directives.js';

/** Three lines that configure a session completely. */
export const WHOLE =
  'Session On\nSessionCookieName session path=/;HttpOnly;Secure\nSessionCryptoPassphrase secret\n';

/** Returns the faults of an excerpt, as `line: message`. */
export function faultsOf(text: string, options?: DirectiveOptions): string[] {
  try {
    readDirectives(text, options);
    return [];
  } catch (error) {
    if (!(error instanceof SessionConfigError)) throw error;
    return error.faults.map(({ path, message }) => `${path.replace('directives line ', '')}: ${message}`);
  }
}

/** Returns the findings of an excerpt without faults, as `line: message`. */
export const findingsOf = (text: string, options?: DirectiveOptions): string[] =>
  readDirectives(text, options).findings.map(({ line, message }) => `${line}: ${message}`);

/** Returns hosts and path of each context. */
export const placesOf = (text: string, options?: DirectiveOptions): string[] =>
  readDirectives(text, options).contexts.map(
    ({ hosts, path }) => `${hosts.join(' ') || '*'} ${path ?? '(all)'}`,
  );

/** Returns the settings of one place, or the main server's if none is named. */
export function configAt(text: string, path?: string, host?: string, options?: DirectiveOptions) {
  const { server, contexts } = readDirectives(text, options);
  if (path === undefined && host === undefined) return server;
  return contexts.find((one) => one.path === path && (host ? one.hosts.includes(host) : !one.hosts.length))!
    .config;
}

/** Returns the passphrases and their sources. */
export const secretsOf = (text: string, options?: DirectiveOptions): unknown[] =>
  readDirectives(text, options).server.passphrases.map((one) => {
    if (one.kind === 'passphrase') return one.text;
    return one.kind === 'exec' ? one.command : { file: one.path };
  });
