import { describe, expect, it } from 'vitest';
import { isLost, isSoon, reasonOf } from '../../../lib/stores/redis/reply-error.js';

class SimpleError extends Error {}
class ReplyError extends Error {}
class SocketClosedUnexpectedlyError extends Error {}

describe('the reason of an error of Redis', () => {
  it.each([
    [new SimpleError('READONLY You cannot write against a read only replica.'), 'READONLY'],
    [new ReplyError('CLUSTERDOWN The cluster is down'), 'CLUSTERDOWN'],
    [new SocketClosedUnexpectedlyError('Socket closed unexpectedly'), 'disconnected'],
    [Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }), 'ECONNREFUSED'],
    [new Error('SECRET is no reply'), 'disconnected'],
    [undefined, 'disconnected'],
  ])('%o is a code: %s', (error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });

  it('says whether the server will take the command soon, and whether the answer is lost', () => {
    expect(['LOADING', 'READONLY', 'OOM', 'ERR'].map(isSoon)).toEqual([true, true, false, false]);
    expect(['disconnected', 'ECONNRESET', 'ECONNREFUSED'].map(isLost)).toEqual([true, true, false]);
  });
});
