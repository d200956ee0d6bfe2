import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A captured session; README.md beside this file tells what its fields mean. Any may be missing in another set. */
export interface HttpdVector {
  readonly id: string;
  readonly kind: string;
  readonly cipher?: string;
  readonly passphrases?: readonly (string | null)[];
  readonly passphrases_hex?: readonly string[];
  readonly opened_by?: number | null;
  readonly sealed?: string | null;
  readonly plaintext?: string | null;
  readonly salt_hex?: string | null;
  readonly iv_hex?: string | null;
  readonly mac_hex?: string | null;
  readonly key_hex?: string | null;
  readonly backend_header?: string | null;
  readonly request_cookie?: string | null;
  readonly cookie_header?: string | null;
  readonly max_age?: number | null;
  readonly httpd_reads?: string | null;
  readonly row?: { readonly value?: string; readonly expiry?: number | string } | null;
}

/** The set that is kept here. */
export const ourFile = fileURLToPath(new URL('./apache-httpd.json', import.meta.url));

/** The file of this run: APACHE_VECTORS, else the one beside this. */
export const vectorsFile = process.env.APACHE_VECTORS ? resolve(process.env.APACHE_VECTORS) : ourFile;

/** The vectors of a file. */
export function readVectors(file: string): readonly HttpdVector[] {
  const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: HttpdVector[] };
  return vectors;
}

/** The reader's list of passphrases, as bytes. */
export function passphrasesOf({ passphrases_hex, passphrases }: HttpdVector): Buffer[] | undefined {
  if (passphrases_hex) return passphrases_hex.map((hex) => Buffer.from(hex, 'hex'));
  if (!passphrases || passphrases.includes(null)) return undefined;
  return passphrases.map((text) => Buffer.from(text!));
}

/** The one value of the cookie `session` in a Cookie header; `undefined` for none, or for several that differ (AH00011). */
export function cookieOf(header: string): string | undefined {
  const values = header
    .split(/[;,]/)
    .map((pair) => pair.trimStart())
    .filter((pair) => pair.startsWith('session='))
    .map((pair) => pair.slice('session='.length));
  return new Set(values).size === 1 ? values[0] : undefined;
}
