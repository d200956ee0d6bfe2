import { encodeBase64url } from '../../envelope/base64url.js';
import { ROW } from './vector-inputs.js';
import type { ContextVector, EnvelopeVector, ReferenceVector, RefusedVector } from './vectors.interface.js';

/** Values beside the first envelope and the first reference that nobody may open. */
export function refusedVectors(envelope: EnvelopeVector, reference: ReferenceVector): RefusedVector[] {
  const bytes = Buffer.from(envelope.sealed, 'hex');
  const changed = (at: number, by = 1) => {
    const copy = Buffer.from(bytes);
    copy[at]! ^= by;
    return encodeBase64url(copy);
  };
  const ofEnvelope = (what: string, text: string, reason: string, others: Partial<ContextVector> = {}) => ({
    what,
    kind: 'envelope' as const,
    context: { ...envelope.context, ...others },
    text,
    reason,
  });
  const { text } = envelope;
  return [
    ofEnvelope('another first byte', changed(0, 0x10), 'version'),
    ofEnvelope('another key hint', changed(1), 'unknown-key'),
    ofEnvelope('another epoch', changed(5), 'commitment'),
    ofEnvelope('another nonce', changed(17), 'tag'),
    ofEnvelope('another commitment', changed(29), 'commitment'),
    ofEnvelope('another byte of the ciphertext', changed(61), 'tag'),
    ofEnvelope('another tag', changed(bytes.length - 1), 'tag'),
    ofEnvelope('the end cut off', encodeBase64url(bytes.subarray(0, -1)), 'tag'),
    ofEnvelope('half a cookie', encodeBase64url(bytes.subarray(0, 60)), 'length'),
    ofEnvelope('padding of base64', `${text}==`, 'encoding'),
    ofEnvelope('another cookie', text, 'tag', { name: 'sid' }),
    ofEnvelope('another audience', text, 'tag', { audience: '' }),
    ofEnvelope('another tenant', text, 'tag', { tenant: 'app.example', audience: '' }),
    ofEnvelope('another purpose', text, 'tag', { purpose: 'successor' }),
    ofEnvelope('a row', text, 'tag', { rowKey: ROW }),
    {
      what: 'a reference of another cookie',
      kind: 'reference',
      context: { ...reference.context, name: 'sid' },
      text: reference.text,
      reason: 'tag',
    },
  ];
}
