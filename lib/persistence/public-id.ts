import type { Identity } from './session-repository.interface.js';

/** Returns what the public may know a session by: base64url of its key. It is not a credential. */
export const publicId = ({ key }: Pick<Identity, 'key'>): string => key.toString('base64url');
