import { describe, expect, it } from 'vitest';
import { TaskLimiter } from '../../../../lib/apache/sealing/task-limiter.js';

/** Tasks that end when they are told to. */
class Tasks {
  readonly started: number[] = [];
  private readonly ends = new Map<number, (failure?: Error) => void>();

  readonly task = (name: number) => () => {
    this.started.push(name);
    return new Promise<number>((resolve, reject) => {
      this.ends.set(name, (failure) => (failure ? reject(failure) : resolve(name)));
    });
  };

  end(name: number, failure?: Error): void {
    this.ends.get(name)!(failure);
  }
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe('Slots', () => {
  it('runs as many tasks as it has slots, the others in their order', async () => {
    const [slots, tasks] = [new TaskLimiter(2, 100), new Tasks()];
    const all = [1, 2, 3, 4].map((name) => slots.run(tasks.task(name)));
    await turn();
    expect(tasks.started).toEqual([1, 2]);
    tasks.end(2);
    await turn();
    expect(tasks.started).toEqual([1, 2, 3]);
    for (const name of [1, 3]) tasks.end(name);
    await turn();
    tasks.end(4);
    expect(await Promise.all(all)).toEqual([1, 2, 3, 4]);
  });

  it('gives a slot back when a task fails', async () => {
    const [slots, tasks] = [new TaskLimiter(1, 100), new Tasks()];
    const first = slots.run(tasks.task(1)).catch((error: Error) => error.message);
    const second = slots.run(tasks.task(2));
    tasks.end(1, new Error('broken'));
    expect(await first).toBe('broken');
    await turn();
    tasks.end(2);
    expect(await second).toBe(2);
    const third = slots.run(tasks.task(3));
    expect(tasks.started).toEqual([1, 2, 3]);
    tasks.end(3);
    expect(await third).toBe(3);
  });

  it('refuses a task when too many wait', async () => {
    const [slots, tasks] = [new TaskLimiter(1, 1), new Tasks()];
    const first = slots.run(tasks.task(1));
    const second = slots.run(tasks.task(2));
    await expect(slots.run(tasks.task(3))).rejects.toMatchObject({ reason: 'busy', statusCode: 503 });
    tasks.end(1);
    await first;
    await turn();
    tasks.end(2);
    expect(await second).toBe(2);
  });

  it('gives a slot back when a task throws at once', async () => {
    const slots = new TaskLimiter(1, 100);
    const thrown = () => {
      throw new Error('at once');
    };
    await expect(slots.run(thrown)).rejects.toThrow('at once');
    expect(await slots.run(async () => 5)).toBe(5);
  });
});
