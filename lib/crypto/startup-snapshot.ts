import { startupSnapshot } from 'node:v8';

/** Calls `forget` before a V8 startup snapshot is written, if this process builds one (`node --build-snapshot`). Does nothing
 *  in any other process.
 *
 *  Every process that starts from a snapshot begins with the same memory. Random bytes that were drawn before would be used
 *  by all of them: two processes would then seal with one key and one nonce. Call this whenever such a state is made, since a
 *  later callback may make it again; Node runs callbacks that were added meanwhile too. */
export function forgetInSnapshot(forget: () => void): void {
  if (startupSnapshot.isBuildingSnapshot()) startupSnapshot.addSerializeCallback(forget);
}
