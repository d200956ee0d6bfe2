import { createCipheriv, getFips } from 'node:crypto';
import type { AuditRow } from '../options/audit/audit.interface.js';

/** The OpenSSL of this process. */
export interface OpensslState {
  readonly version: string;
  /** True if FIPS mode is on. */
  readonly fips: boolean;
  /** True if the legacy provider is loaded. Node cannot list providers, so one of its ciphers is tried. */
  readonly legacy: boolean;
  /** Names of the variables and flags that configure OpenSSL, such as `OPENSSL_CONF`. */
  readonly configuredBy: readonly string[];
}

const VARIABLES = ['OPENSSL_CONF', 'OPENSSL_MODULES', 'OPENSSL_ENGINES'];
const FLAG = /^--(?:openssl-[a-z-]+|enable-fips|force-fips)/;

/** Returns the state of this process, which Node's flags and OpenSSL's variables decide. Changes nothing. */
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

/** Returns the state as a row of the audit. */
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
    recommended: "Node's own configuration, or a FIPS provider if the law requires one",
    verdict: legacy || fips || configuredBy.length ? 'choose' : 'ok',
    why: 'providers and FIPS mode apply to the whole process: FIPS mode disables the Apache format and chacha20, and the legacy provider enables broken ciphers',
    remedy:
      'remove the configuration, or write down why it is needed; each start tests the ciphers with known answers',
    source: 'ASVS 11.1.2, ASVS 11.2.1',
    code: 'openssl-state',
  };
}
