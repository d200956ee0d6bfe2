import { setTimeout } from 'node:timers/promises';
import { Visitor } from './sample-visitor.js';

const MINUTE = 60_000;
const HOURS = 12;
/** Minutes between two looks at the clock. */
const STEP = 8;
/** Milliseconds in which sessions are counted. */
const PATIENCE = 150;

/** The clocks of this process, which can be set back. The stores of a database keep their own time. */
export class PastClocks {
  private back = 0;
  private readonly minutes: (() => void)[] = [];
  private readonly originals = { now: Date.now, steady: performance.now.bind(performance), setInterval };

  /** Sets the clocks back by some hours. Call it before the application starts. */
  setBack(hours: number): void {
    const { now, steady, setInterval } = this.originals;
    this.back = hours * 60 * MINUTE;
    Date.now = () => now() - this.back;
    performance.now = () => steady() + (HOURS + 1) * 60 * MINUTE - this.back;
    globalThis.setInterval = ((work: () => void, delay: number) => {
      if (delay === MINUTE) this.minutes.push(work);
      return setInterval(work, delay);
    }) as typeof setInterval;
  }

  /** Lets minutes go by, and what happens every minute happen once. Resolves when that is done: a clock that jumps meanwhile
   *  looks like an outage. */
  async pass(minutes: number): Promise<void> {
    this.back = Math.max(0, this.back - minutes * MINUTE);
    for (const work of this.minutes) work();
    await setTimeout(PATIENCE);
  }

  get isPresent(): boolean {
    return this.back === 0;
  }

  restore(): void {
    Date.now = this.originals.now;
    performance.now = this.originals.steady;
    globalThis.setInterval = this.originals.setInterval;
  }
}

const BROWSERS = [
  'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.0 Mobile/15E148 Safari/604.1',
  'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36',
];

/** Visits a sample for some hours, more at noon than at night, until the clocks are in the present. */
export async function visitForHours(port: number, clocks: PastClocks): Promise<void> {
  for (let step = 0; !clocks.isPresent; step++) {
    const busy = Math.round(2 + 2 * Math.sin(step / 14));
    if (step % Math.max(1, 4 - busy) === 0) await visit(port, step, busy);
    for (let i = 0; i < (step % 11 === 0 ? 3 : step % 3); i++) await sendRefused(port, step + i);
    await clocks.pass(STEP);
  }
}

/** Somebody logs in, looks at pages, and now and then logs out. */
async function visit(port: number, n: number, pages: number): Promise<void> {
  const visitor = new Visitor(port, BROWSERS[n % BROWSERS.length]);
  await visitor.logIn('grace');
  for (let i = 0; i < pages; i++) await visitor.get('/cart');
  if (n % 5 === 4) await visitor.post('/logout', { _csrf: await visitor.csrf('/cart') });
}

/** Cookies of another application, half a cookie, and one of a key that is not there. */
async function sendRefused(port: number, n: number): Promise<void> {
  const stranger = new Visitor(port);
  const texts = ['s%3Aabc.def', 'gQAAAA', `gQAAAA${'A'.repeat(65)}`];
  stranger.cookies.set('sid', texts[n % texts.length]!);
  await stranger.get('/cart');
}
