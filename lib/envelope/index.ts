export { decodeBase64url, encodeBase64url } from './base64url.js';
export { Envelope, ENVELOPE_OVERHEAD, type EnvelopeOptions, type Opened } from './envelope.js';
export { EnvelopeContext, NO_ROW, type ContextItems } from './envelope-context.js';
export { decodeFrame, encodeFrame, FRAME_LENGTH, SESSION_ID_LENGTH, type Frame } from './frame.js';
export { REFERENCE_TOKEN_LENGTH, ReferenceTokens, type Reference } from './reference-token.js';
