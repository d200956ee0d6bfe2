import { readdirSync, readFileSync } from 'node:fs';
import type { Reporter, TestCase, TestModule } from 'vitest/node';

/** Milliseconds without news of any test. The longest test without news of its own runs for four minutes. */
const LIMIT = 600_000;

/** Ends the processes of tests that have hung. Vitest watches the time of a test in the process of the test, so that a call
 *  that never returns, a file that never loads and a process that never says that it has finished would let the run wait for
 *  ever. Vitest reports an error then, and goes on with the next files. */
export class HungTests implements Reporter {
  private readonly running = new Set<string>();
  private timer: NodeJS.Timeout | undefined;

  onTestRunStart(): void {
    this.timer = setTimeout(() => this.end(), LIMIT).unref();
  }

  onTestRunEnd(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  onTestModuleQueued(file: TestModule): void {
    this.begins(file.relativeModuleId);
  }

  onTestModuleEnd(file: TestModule): void {
    this.ends(file.relativeModuleId);
  }

  onTestCaseReady(test: TestCase): void {
    this.begins(nameOf(test));
  }

  onTestCaseResult(test: TestCase): void {
    this.ends(nameOf(test));
  }

  private begins(name: string): void {
    this.running.add(name);
    this.timer?.refresh();
  }

  private ends(name: string): void {
    this.running.delete(name);
    this.timer?.refresh();
  }

  private end(): void {
    this.timer?.refresh();
    console.error(
      `no news of a test for ${LIMIT / 1000} s; these run still, and their processes are ended now:`,
    );
    for (const name of this.running) console.error(`  ${name}`);
    this.running.clear();
    const family = childrenOf(process.pid).filter(isWorker).flatMap(familyOf);
    for (const pid of family) console.error(describe(pid).join('\n  '));
    for (const pid of family) kill(pid);
  }
}

const nameOf = (test: TestCase) => `${test.module.relativeModuleId} > ${test.fullName}`;

/** Linux alone tells the children of a process; elsewhere none is found. */
function childrenOf(pid: number): number[] {
  const lists = namesIn(`/proc/${pid}/task`).map((thread) => textOf(`/proc/${pid}/task/${thread}/children`));
  return lists.flatMap((list) => list.split(' ').filter(Boolean).map(Number));
}

const familyOf = (pid: number): number[] => [pid, ...childrenOf(pid).flatMap(familyOf)];
const commandOf = (pid: number) => textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
const isWorker = (pid: number) => commandOf(pid).includes('vitest');

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // it has ended by itself meanwhile
  }
}

/** What a process is, and what each of its threads waits for. */
function describe(pid: number): string[] {
  const folder = `/proc/${pid}`;
  const threads = namesIn(`${folder}/task`).map((thread) => {
    const [name, wait] = ['comm', 'wchan'].map((fact) => textOf(`${folder}/task/${thread}/${fact}`).trim());
    return `  ${name}: ${textOf(`${folder}/task/${thread}/stat`).split(') ')[1]?.[0]} ${wait}`;
  });
  return [`process ${pid}: ${commandOf(pid)}`, ...threads];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
