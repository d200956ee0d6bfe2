import type { Awaitable } from '../crypto/awaitable.js';
import type { OpenWatch } from '../crypto/key-ring.js';
import { causeOf, codeOf } from '../errors/session-store.error.js';
import type { ProbeEnd, ProbeStep, SessionProbe } from './session-probe.interface.js';

/** The probes of one `forRoot`. While there are none, each method does nothing but to see that. */
export class SessionProbes implements OpenWatch {
  private probes: readonly SessionProbe[] | undefined;

  constructor(private readonly session: string) {}

  /** Attaches a probe. The answer detaches it; what it has seen the begin of, it sees the end of. */
  add(probe: SessionProbe): () => void {
    const safe = withoutErrors(probe);
    this.probes = [...(this.probes ?? []), safe];
    return () => {
      const left = this.probes?.filter((one) => one !== safe);
      this.probes = left?.length ? left : undefined;
    };
  }

  /** Returns what ends the step; `undefined` if nobody watches. */
  begin(step: ProbeStep, detail?: string): ProbeEnd | undefined {
    const { probes, session } = this;
    if (!probes) return undefined;
    if (probes.length === 1) return probes[0]!.begin(step, session, detail);
    const ends = probes.map((probe) => probe.begin(step, session, detail));
    return (outcome, count) => ends.forEach((end) => end(outcome, count));
  }

  openedBy(hint: string): void {
    if (this.probes) for (const probe of this.probes) probe.openedBy(this.session, hint);
  }

  joined(): void {
    if (this.probes) for (const probe of this.probes) probe.joined(this.session);
  }

  merged(): void {
    if (this.probes) for (const probe of this.probes) probe.merged(this.session);
  }
}

/** Does `work` and ends its step, on the same tick if `work` returns no promise. */
export function probed<R>(end: ProbeEnd, work: () => Awaitable<R>): Awaitable<R> {
  let result: Awaitable<R>;
  try {
    result = work();
  } catch (error) {
    end(causeOf(error));
    throw error;
  }
  return result instanceof Promise ? endLater(end, result) : ended(end, result);
}

const endLater = <R>(end: ProbeEnd, result: Promise<R>): Promise<R> =>
  result.then(
    (value) => ended(end, value),
    (error: unknown) => {
      end(causeOf(error));
      throw error;
    },
  );

function ended<R>(end: ProbeEnd, result: R): R {
  end(undefined, typeof result === 'number' ? result : undefined);
  return result;
}

/** Returns a probe that throws nothing, and whose promises reject to nobody. The first error of each probe is a warning of the process. */
function withoutErrors(probe: SessionProbe): SessionProbe {
  let isReported = false;
  const report = (error: unknown) => {
    if (!isReported)
      process.emitWarning(`a session probe threw: ${codeOf(error)}`, { code: 'SESSION_PROBE' });
    isReported = true;
  };
  const tell = (call: () => unknown): void => {
    try {
      const answer = call();
      if (answer instanceof Promise) answer.catch(report);
    } catch (error) {
      report(error);
    }
  };
  return {
    begin(...step) {
      try {
        const end: unknown = probe.begin(...step);
        if (end instanceof Promise) end.catch(report);
        if (typeof end !== 'function') return () => undefined;
        return (outcome, count) => tell(() => (end as ProbeEnd)(outcome, count));
      } catch (error) {
        report(error);
        return () => undefined;
      }
    },
    openedBy: (session, hint) => tell(() => probe.openedBy(session, hint)),
    joined: (session) => tell(() => probe.joined(session)),
    merged: (session) => tell(() => probe.merged(session)),
  };
}
