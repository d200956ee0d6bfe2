/** One part of a token. A page may print its first `shown` bytes. */
export interface TokenPart {
  readonly name: string;
  readonly says: string;
  readonly bytes: number;
  readonly shown: number;
}

export interface TokenLayout {
  readonly version: number;
  readonly says: string;
  /** The parts of a token with this many bytes. */
  parts(total: number): readonly TokenPart[];
}

const part = (name: string, bytes: number, shown: number, says: string): TokenPart => ({
  name,
  bytes,
  shown,
  says,
});

const VERSION = part('version', 1, 1, 'tells a sealed session from a reference');
const KEY_HINT = part('key hint', 4, 4, 'names a key of the ring; not secret');
/** The bytes around the ciphertext: 1 + 4 + 12 + 12 + 32 + 16. */
const AROUND_CIPHERTEXT = 77;

/** 0x11 ‖ key hint 4 ‖ epoch 12 ‖ nonce 12 ‖ commitment 32 ‖ ciphertext n ‖ tag 16 */
const SEALED: TokenLayout = {
  version: 0x11,
  says: 'a sealed session (AES-256-GCM): all data is in the cookie, and only the server can read it',
  parts: (total) => [
    VERSION,
    KEY_HINT,
    part('epoch', 12, 3, 'random; names the key that this process seals with for some minutes'),
    part('nonce', 12, 3, 'random; no two sealings have the same one'),
    part('commitment', 32, 3, 'fits one key only, and is compared before anything is decrypted'),
    part('ciphertext', total - AROUND_CIPHERTEXT, 0, 'the session, encrypted'),
    part('tag', 16, 0, 'shows whether a single bit was changed'),
  ],
};

/** 0x81 ‖ key hint 4 ‖ token 32 ‖ MAC 16 */
const REFERENCE: TokenLayout = {
  version: 0x81,
  says: 'a reference: the session waits in Postgres, sealed, under the SHA-256 of the token',
  parts: () => [
    VERSION,
    KEY_HINT,
    part('token', 32, 0, 'random; the row has only its hash'),
    part('MAC', 16, 0, 'a forged token is refused here, without a query'),
  ],
};

/** The layout of a token, or `undefined` if the library did not make it. */
export function layoutOf(token: Uint8Array): TokenLayout | undefined {
  const layout = [SEALED, REFERENCE].find(({ version }) => version === token[0]);
  const parts = layout?.parts(token.length) ?? [];
  const total = parts.reduce((sum, { bytes }) => sum + bytes, 0);
  return total === token.length && parts.every(({ bytes }) => bytes >= 0) ? layout : undefined;
}
