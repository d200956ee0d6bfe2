import { encodeFrame } from '../../envelope/frame.js';
import { NOW } from './vector-inputs.js';
import type { FrameVector } from './vectors.interface.js';

const FRAMES: readonly Omit<FrameVector, 'plaintext'>[] = [
  frame('{"u":42}', { deadline: NOW + 43_200, idleTimeout: 1800, authenticatedAt: NOW, generation: 1 }),
  frame('{"u":"алиса","d":{"cart":[1,2,{"a":null}]},"f":{"note":"once"},"s":"a seed","c":1767220000}', {
    lastSeenAt: NOW + 60,
    idleTimeout: 1440,
  }),
  frame('{}', {}),
];

function frame(payload: string, others: Partial<FrameVector>): Omit<FrameVector, 'plaintext'> {
  return {
    id: 'ab'.repeat(16),
    idIssuedAt: NOW,
    lastSeenAt: NOW,
    deadline: 0,
    idleTimeout: 0,
    authenticatedAt: 0,
    generation: 0,
    payload,
    ...others,
  };
}

function frameVector(one: Omit<FrameVector, 'plaintext'>): FrameVector {
  const bytes = encodeFrame({ ...one, id: Buffer.from(one.id, 'hex'), epoch: 0 }, one.payload);
  return { ...one, plaintext: bytes.toString('hex') };
}

/** Returns sessions as they are sealed. */
export const frameVectors = (): FrameVector[] => FRAMES.map(frameVector);
