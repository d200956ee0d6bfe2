import { setMaxListeners } from 'node:events';
import { setTimeout } from 'node:timers';
import { inNoRequest } from '../no-request.js';

/** Milliseconds that a command waits at most in the client for a connection. */
const LONGEST = 5000;

/** Milliseconds of commands that share a signal. */
const SHARED = 100;

let signal: AbortSignal | undefined;

/** Returns a signal that takes a command out of the queue of node-redis, should it wait there for {@link LONGEST} or a little
 *  longer. Commands of a tenth of a second share one: a signal and a timer for each command, which node-redis 6 makes if nobody
 *  forbids it, cost as much as the command itself. A command that is sent is not affected. */
export function queueSignal(): AbortSignal {
  if (signal) return signal;
  const controller = new AbortController();
  signal = controller.signal;
  setMaxListeners(0, signal);
  inNoRequest(() => {
    setTimeout(() => (signal = undefined), SHARED).unref();
    setTimeout(() => controller.abort(), SHARED + LONGEST).unref();
  });
  return signal;
}
