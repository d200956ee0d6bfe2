/** Known answers for a second implementation of docs/wire-format.md. Bytes are hexadecimal, and texts are what a cookie carries. */
export interface Vectors {
  readonly format: string;
  readonly page: string;
  readonly keys: readonly KeyVector[];
  readonly passphrases: readonly PassphraseVector[];
  readonly frames: readonly FrameVector[];
  readonly envelopes: readonly EnvelopeVector[];
  readonly references: readonly ReferenceVector[];
  readonly pointers: readonly PointerVector[];
  readonly csrfTokens: readonly CsrfVector[];
  readonly refused: readonly RefusedVector[];
}

export interface KeyVector {
  readonly ring: string;
  readonly bytes: string;
  readonly hint: string;
  readonly subkeys: Readonly<Record<string, string>>;
}

export interface PassphraseVector {
  readonly passphrase: string;
  readonly ring: string;
  readonly salt: string;
  readonly inputKey: string;
}

export interface FrameVector {
  readonly id: string;
  readonly idIssuedAt: number;
  readonly lastSeenAt: number;
  readonly deadline: number;
  readonly idleTimeout: number;
  readonly authenticatedAt: number;
  readonly generation: number;
  readonly payload: string;
  /** Frame and payload. */
  readonly plaintext: string;
}

export interface ContextVector {
  readonly purpose: string;
  readonly store: string;
  readonly name: string;
  readonly tenant: string;
  readonly audience: string;
  readonly rowKey: string;
}

export interface EnvelopeVector {
  /** The place of the key in `keys`. */
  readonly key: number;
  readonly cipher: string;
  readonly version: number;
  readonly context: ContextVector;
  /** The additional data. */
  readonly additionalData: string;
  readonly epoch: string;
  readonly nonce: string;
  readonly commitment: string;
  readonly plaintext: string;
  readonly sealed: string;
  readonly text: string;
}

export interface ReferenceVector {
  readonly key: number;
  readonly context: ContextVector;
  readonly token: string;
  readonly rowKey: string;
  readonly text: string;
}

export interface PointerVector extends EnvelopeVector {
  readonly token: string;
  readonly movedAt: number;
  readonly subject: string;
}

export interface CsrfVector {
  readonly key: number;
  readonly seed: string;
  readonly time: number;
  readonly nonce: string;
  readonly text: string;
}

/** A value that nobody may open. */
export interface RefusedVector {
  readonly what: string;
  readonly kind: 'envelope' | 'reference';
  readonly context: ContextVector;
  readonly text: string;
  /** The reason that this package counts. Outside, all are one. */
  readonly reason: string;
}
