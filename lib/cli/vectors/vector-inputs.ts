import { EnvelopeContext } from '../../envelope/envelope-context.js';
import { ReferenceTokens } from '../../envelope/reference-token.js';
import type { ContextVector } from './vectors.interface.js';

/** Seconds since 1970 of every clock that has not moved. */
export const NOW = 1_767_225_600;

// What is random elsewhere.
export const EPOCH = Buffer.alloc(12, 0x11);
export const NONCE = Buffer.alloc(12, 0x22);
export const TOKEN = Buffer.alloc(32, 0x22);
export const ROW = ReferenceTokens.rowKey(TOKEN).toString('hex');

export const context = (store: string, name: string, others: Partial<ContextVector> = {}): ContextVector => ({
  purpose: 'session',
  store,
  name,
  tenant: '',
  audience: 'app.example',
  rowKey: '',
  ...others,
});

export const CONTEXTS: readonly ContextVector[] = [
  context('cookie', '__Host-sid'),
  context('cookie', 'sid', { tenant: 'a tenant', audience: '' }),
  context('postgres', 'session_crypto', { rowKey: ROW }),
  context('sealer', 'приглашение', { purpose: 'invitation' }),
];

export const itemsOf = (one: ContextVector): EnvelopeContext => new EnvelopeContext(one);
export const rowOf = ({ rowKey }: ContextVector): Buffer => Buffer.from(rowKey, 'hex');
