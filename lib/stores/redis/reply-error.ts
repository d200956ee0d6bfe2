import { codeOf } from '../../errors/session-store.error.js';

/** The first word of an error reply is its code (RESP, "Simple errors"). */
const REPLY = /^([A-Z]{2,20}) /;

/** Codes of replies from a server that has done nothing, and that may take the command soon: it loads its data, fails over, or
 *  is no primary any more. */
const SOON: ReadonlySet<string> = new Set([
  'LOADING',
  'CLUSTERDOWN',
  'MASTERDOWN',
  'TRYAGAIN',
  'READONLY',
  'NOREPLICAS',
  'MOVED',
]);

/** Returns the code of what a client rejected with: the first word of a reply, a code of Node, or `disconnected` for the errors
 *  of the clients, which have none. Never returns a message. */
export function reasonOf(error: unknown): string {
  const { message, constructor } = Object(error) as { message?: unknown; constructor?: { name?: string } };
  const isReply = /Reply|^SimpleError$|^BlobError$/.test(constructor?.name ?? '');
  const word = isReply && REPLY.exec(String(message))?.[1];
  if (word) return word;
  const code = codeOf(error);
  return /^[A-Z\d_]{3,}$|^timeout$/.test(code) ? code : 'disconnected';
}

/** Codes by which nobody knows whether the command was run. */
const LOST: ReadonlySet<string> = new Set([
  'disconnected',
  'ECONNRESET',
  'EPIPE',
  'ECONNABORTED',
  'ETIMEDOUT',
]);

export const isLost = (reason: string): boolean => LOST.has(reason);

export const isSoon = (reason: string): boolean => SOON.has(reason);
