/** One stretch of a token. `shown` is how many of its bytes a page may print. */
export interface TokenPart {
  readonly name: string;
  readonly says: string;
  readonly bytes: number;
  readonly shown: number;
}

export interface TokenLayout {
  readonly version: number;
  readonly says: string;
  /** Parts of a token of so many bytes. */
  parts(total: number): readonly TokenPart[];
}

const part = (name: string, bytes: number, shown: number, says: string): TokenPart => ({
  name,
  bytes,
  shown,
  says,
});

const VERSION = part('version', 1, 1, 'says which of the two kinds this is');
const KEY_HINT = part('key hint', 4, 4, 'picks one key of the ring; no secret');
/** All that surrounds the ciphertext: 1 + 4 + 24 + 32 + 16. */
const AROUND_CIPHERTEXT = 77;

/** 0x01 ‖ key hint 4 ‖ salt 24 ‖ commitment 32 ‖ ciphertext n ‖ tag 16 */
const SEALED: TokenLayout = {
  version: 0x01,
  says: 'a sealed session (AES-256-GCM): all data is in the cookie, and only the server can read it',
  parts: (total) => [
    VERSION,
    KEY_HINT,
    part('salt', 24, 3, 'random; makes a fresh key for each sealing'),
    part('commitment', 32, 3, 'only the one right key fits; compared before anything is opened'),
    part('ciphertext', total - AROUND_CIPHERTEXT, 0, 'the session, encrypted'),
    part('tag', 16, 0, 'breaks when a single bit was changed'),
  ],
};

/** 0x81 ‖ key hint 4 ‖ token 32 ‖ MAC 16 */
const REFERENCE: TokenLayout = {
  version: 0x81,
  says: 'a reference: the session waits in Postgres, sealed, under the SHA-256 of the token',
  parts: () => [
    VERSION,
    KEY_HINT,
    part('token', 32, 0, 'random; names the row, and is never stored itself'),
    part('MAC', 16, 0, 'a forged token dies here, without a query'),
  ],
};

/** The layout of a token, or `undefined` for bytes that are not ours. */
export function layoutOf(token: Uint8Array): TokenLayout | undefined {
  const layout = [SEALED, REFERENCE].find(({ version }) => version === token[0]);
  const parts = layout?.parts(token.length) ?? [];
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return total === token.length && parts.every(({ bytes }) => bytes >= 0) ? layout : undefined;
}
