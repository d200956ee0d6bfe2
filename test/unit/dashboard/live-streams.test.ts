import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LiveStreams, type LiveParts } from '../../../lib/dashboard/live-streams.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A response that keeps what was sent. */
class Viewer extends EventEmitter {
  writableLength = 0;
  private readonly sent: LiveParts[] = [];

  static async of(streams: LiveStreams): Promise<Viewer> {
    const viewer = new Viewer();
    await streams.open(viewer as unknown as ServerResponse);
    return viewer;
  }

  writeHead(): void {}
  end(): void {}
  write(text: string): void {
    if (text.startsWith('data: ')) this.sent.push(JSON.parse(text.slice(6)) as LiveParts);
  }

  /** What his page shows. */
  get shown(): LiveParts {
    return Object.assign({}, ...this.sent) as LiveParts;
  }

  get last(): LiveParts {
    return this.sent.at(-1)!;
  }
}

describe('live figures', () => {
  it('tell each viewer what has changed since he was told last', async () => {
    let health = 'up';
    const streams = new LiveStreams(async () => ({ health, keys: 'one' }));
    const first = await Viewer.of(streams);
    await vi.advanceTimersByTimeAsync(5000);
    health = 'down';
    const second = await Viewer.of(streams);
    health = 'up';
    await vi.advanceTimersByTimeAsync(5000);
    expect([first.shown['health'], second.shown['health']]).toEqual(['up', 'up']);
    expect([first.last, second.last]).toEqual([{}, { health: 'up' }]);
    streams.close();
  });

  it('leave out a message that cannot be made, and go on', async () => {
    let fails = true;
    const streams = new LiveStreams(async () => {
      if (fails) throw new Error('no figures');
      return { health: 'up' };
    });
    const viewer = await Viewer.of(streams);
    await vi.advanceTimersByTimeAsync(5000);
    expect(viewer.shown).toEqual({});
    fails = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(viewer.shown).toEqual({ health: 'up' });
    streams.close();
  });
});
