import type { SessionManager } from '../manager/session-manager.js';
import { clockPart } from './clock-part.js';
import { DriverQuestion, type DriverAnswer } from './driver-question.js';
import type { HealthPart } from './health-part.interface.js';
import { finding, worstOf } from './health-rules.js';
import { keysPart } from './keys-part.js';
import { CLOCKS, type ProcessClocks } from './process-clocks.js';
import { ringPart } from './ring-part.js';
import type { SessionHealth } from './session-health.interface.js';
import { isAnonymous, revocationPart, storePart } from './store-part.js';
import { StoreQuestion, UNASKED, type AskedStore } from './store-question.js';

/** Milliseconds that a report waits for stores and driver. A probe of Kubernetes gives up after one second. */
const LIMIT = 750;

/** Milliseconds for which a report counts: strangers may call a public health endpoint as often as they like. */
const COUNTS_FOR = 1000;

/** Reports the health of one manager. Calls at the same time share one report, and one that is younger than a second is given
 *  again. A report never rejects, and takes less than a second, whatever store and driver do. */
export class Checkup {
  private readonly driver: DriverQuestion;
  private readonly questions: readonly StoreQuestion[];
  private running: Promise<SessionHealth> | undefined;
  private last: { readonly health: SessionHealth; readonly at: number } | undefined;

  constructor(
    private readonly manager: SessionManager,
    private readonly clocks: ProcessClocks = CLOCKS,
    private readonly limit = LIMIT,
  ) {
    this.driver = new DriverQuestion(manager);
    this.questions = manager.stores.map((store) => new StoreQuestion(store));
  }

  report(): Promise<SessionHealth> {
    const { last, clocks, manager } = this;
    const isFresh = last?.health.phase === manager.phase && clocks.steady() - last.at < COUNTS_FOR;
    if (isFresh) return Promise.resolve(last.health);
    this.running ??= this.look().finally(() => (this.running = undefined));
    return this.running;
  }

  private async look(): Promise<SessionHealth> {
    const { manager, clocks, limit } = this;
    const [asked, answer] = await Promise.all([
      Promise.all(this.questions.map((question) => this.ask(question))),
      this.driver.ask(clocks.steady(), limit),
    ]);
    const [steady, wall] = [clocks.steady(), clocks.wall()];
    const health = healthOf(manager, wall, {
      store: storePart(asked),
      clock: clockPart(manager, asked, wall),
      keys: keysPart(manager),
      ring: ringPart(manager),
      driver: driverPart(manager, answer),
      revocation: revocationPart(asked),
    });
    this.last = { health, at: steady };
    return health;
  }

  /** Asks one store. While the application starts, its stores are not open. */
  private async ask(question: StoreQuestion): Promise<AskedStore> {
    const { manager, limit } = this;
    const { store } = question;
    const answer = manager.phase === 'starting' ? UNASKED : await question.ask(limit);
    return { store, answer, isAnonymous: isAnonymous(manager, store) };
  }
}

type PartName = 'store' | 'clock' | 'keys' | 'ring' | 'driver';
type Parts = { readonly [P in PartName]: HealthPart<SessionHealth[P]> } & {
  readonly revocation: HealthPart<NonNullable<SessionHealth['revocation']>> | undefined;
};

function healthOf({ phase }: SessionManager, wall: number, parts: Parts): SessionHealth {
  const all = Object.values<HealthPart<{ status: SessionHealth['status'] }> | undefined>(parts);
  const present = all.filter((part) => part !== undefined);
  const ofPhase = phase === 'running' ? [] : [finding(phase)];
  const { store, clock, keys, ring, driver, revocation } = parts;
  return {
    status: worstOf([...ofPhase, ...present.map(({ facts }) => facts)].map((one) => one.status)),
    phase,
    checkedAt: new Date(wall),
    store: store.facts,
    clock: clock.facts,
    keys: keys.facts,
    ring: ring.facts,
    driver: driver.facts,
    revocation: revocation?.facts,
    findings: [...ofPhase, ...present.flatMap(({ findings }) => findings)],
  };
}

function driverPart(
  { cryptoDriver: { name, version } }: SessionManager,
  { latency, code, fault }: DriverAnswer,
): HealthPart<SessionHealth['driver']> {
  const findings = fault ? [finding(`driver-${fault}`, { driver: name, code })] : [];
  const status = worstOf(findings.map((one) => one.status));
  return { facts: { status, name, version, selfTest: 'passed', latency, code }, findings };
}
