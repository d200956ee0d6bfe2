import { randomBytes } from 'node:crypto';
import { createSealer } from 'nestjs-session-crypto';
import { AUDIENCE, OTHER_PLACE } from './demo-session.js';
import type { DemoCookie } from './demo-cookie.js';
import { RING } from './demo-key.js';
import { fieldOf, viewEnvelope } from './envelope.js';

/** The names of the fields in which a bit can be flipped. */
export const FIELDS = ['version', 'key hint', 'epoch', 'nonce', 'commitment', 'ciphertext', 'tag'] as const;
export type FieldName = (typeof FIELDS)[number];

/** What somebody tries with a cookie: the text that he sends, the name that he sends it under, and the path. */
export interface Attempt extends DemoCookie {
  readonly path: string;
}

type Change = (cookie: DemoCookie, field: FieldName) => Attempt | Promise<Attempt>;

const HERE = '/sealing';

/** What can be tried with a genuine cookie. */
export const ATTEMPTS = {
  nothing: (cookie) => ({ ...cookie, path: HERE }),
  flip: ({ name, text }, field) => ({ name, text: withFlippedBit(text, field), path: HERE }),
  move: ({ text }) => ({ name: OTHER_PLACE.cookie, text, path: OTHER_PLACE.path }),
  cut: ({ name, text }) => ({ name, text: text.slice(0, 96), path: HERE }),
  spell: ({ name, text }) => ({ name, text: `${text}=`, path: HERE }),
  stranger: async ({ name, text }) => ({ name, text: await sealedByStranger(name, text), path: HERE }),
  forge: async ({ name, text }) => ({
    name,
    text: withHint(await sealedByStranger(name, text), text),
    path: HERE,
  }),
} as const satisfies Record<string, Change>;

export type AttemptName = keyof typeof ATTEMPTS;
export const ATTEMPT_NAMES = Object.keys(ATTEMPTS) as AttemptName[];

/** Flips the lowest bit of the first byte of a field. */
function withFlippedBit(text: string, field: FieldName): string {
  const view = viewEnvelope(text)!;
  const bytes = Buffer.from(view.bytes);
  bytes[fieldOf(view, field).at]! ^= 1;
  return bytes.toString('base64url');
}

/** Seals as many bytes as a genuine text has, under the same names, by a key that the ring has never had. */
async function sealedByStranger(name: string, text: string): Promise<string> {
  const { bytes } = fieldOf(viewEnvelope(text)!, 'ciphertext');
  const secrets = [randomBytes(32)];
  const sealer = await createSealer({ secrets, ring: RING, audience: AUDIENCE, purpose: 'session' });
  try {
    return await sealer.seal(Buffer.alloc(bytes), name);
  } finally {
    await sealer.close();
  }
}

/** Writes the key hint of a genuine text over that of another. */
function withHint(text: string, genuine: string): string {
  const bytes = Buffer.from(text, 'base64url');
  Buffer.from(genuine, 'base64url').copy(bytes, 1, 1, 5);
  return bytes.toString('base64url');
}
