import type { SessionFlags } from '../open-sessions.js';

/** The flags of every command that prints facts of sessions. */
export interface PrintFlags extends SessionFlags {
  readonly json?: boolean;
}
