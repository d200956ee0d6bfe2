import { createCipheriv, getFips } from 'node:crypto';
import type { AuditRow } from '../options/audit/audit.interface.js';

/** What is known of the OpenSSL that this process has. */
export interface OpensslState {
  readonly version: string;
  readonly fips: boolean;
  /** Whether the legacy provider is loaded, by trying one of its ciphers: nothing lists providers. */
  readonly legacy: boolean;
  /** Names of what configures it, such as `OPENSSL_CONF`. */
  readonly configuredBy: readonly string[];
}

const VARIABLES = ['OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ENGINES'];
const FLAG = /^--(?:openssl-[a-z-]+|enable-fips|force-fips)/;

/** The state of this process, which Node's own flags and OpenSSL's variables decide; nothing is switched. */
export function opensslState(): OpensslState {
  const words = [...process.execArgv, ...(process.env['NODE_OPTIONS'] ?? '').split(/\s+/)];
  const flags = words.flatMap((word) => FLAG.exec(word)?.[0] ?? []);
  const variables = VARIABLES.filter((name) => process.env[name]);
  return {
    version: process.versions.openssl,
    fips: getFips() === 1,
    legacy: hasCipher('rc4'),
    configuredBy: [...new Set([...variables, ...flags])],
  };
}

function hasCipher(name: string): boolean {
  try {
    createCipheriv(name, Buffer.alloc(16), null);
    return true;
  } catch {
    return false;
  }
}

/** The state as a row of the audit. */
export function opensslRow({ version, fips, legacy, configuredBy }: OpensslState): AuditRow {
  const parts = [
    version,
    `FIPS ${fips ? 'on' : 'off'}`,
    `legacy provider ${legacy ? 'loaded' : 'not loaded'}`,
    ...(configuredBy.length ? [`configured by ${configuredBy.join(', ')}`] : []),
  ];
  return {
    setting: 'OpenSSL',
    value: parts.join(', '),
    recommended: 'as Node has it, or a FIPS provider where the law asks for one',
    verdict: legacy || fips || configuredBy.length ? 'choose' : 'ok',
    why: 'providers and FIPS mode hold for the whole process: FIPS takes the Apache format and chacha20 away, the legacy provider brings broken ciphers',
    remedy: 'take what configures it away, or know why it is there; known answers are checked at every start',
    source: 'ASVS 11.1.2, ASVS 11.2.1',
    code: 'openssl-state',
  };
}
