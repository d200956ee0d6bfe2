import type { SessionCryptoOptions } from 'nestjs-session-crypto';
import { Checkup } from '../../lib/checkup/checkup.js';
import { runningManager } from './running-manager.js';

/** Milliseconds that a probe waits at most. */
export const PROBE = 1000;

export type Report = Awaited<ReturnType<Checkup['report']>>;

/** A process whose reports are never old. */
export async function reportingProcess(options: Partial<SessionCryptoOptions>) {
  const manager = await runningManager(options);
  let now = 0;
  const clocks = { steady: () => performance.now() + (now += 1000), wall: () => Date.now() };
  const checkup = new Checkup(manager, clocks);
  return { manager, report: () => checkup.report() };
}

/** The codes of the findings. */
export const codes = ({ findings }: { findings: readonly { code: string }[] }) =>
  findings.map(({ code }) => code);

/** Reports until one is as it should be: a server needs some time to begin or to stop, a client to connect. */
export async function until(
  report: () => Promise<Report>,
  isSo: (health: Report) => boolean,
): Promise<Report> {
  for (;;) {
    const health = await report();
    if (isSo(health)) return health;
  }
}
