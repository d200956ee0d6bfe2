import type { ServerResponse } from 'node:http';

/** Viewers of one process, at most. */
const MOST = 20;
/** Milliseconds between two messages. */
const PAUSE = 5000;
/** Milliseconds after which a stream ends. The browser asks again, and the guard judges again. */
const LIFETIME = 60_000;
/** Bytes that wait for a viewer who does not read, at most. */
const BACKLOG = 262_144;

/** The parts of a page that change, by the id of their element. */
export type LiveParts = Readonly<Record<string, string>>;

const HEAD = {
  'Content-Type': 'text/event-stream; charset=utf-8',
  'Cache-Control': 'no-store, no-transform',
  'X-Accel-Buffering': 'no',
  'X-Content-Type-Options': 'nosniff',
};

interface Viewer {
  readonly end: NodeJS.Timeout;
  /** What he was sent last. */
  seen: LiveParts;
}

/** Sends the live figures of one session to its viewers. It works only while there are any. */
export class LiveStreams {
  private readonly viewers = new Map<ServerResponse, Viewer>();
  private timer: NodeJS.Timeout | undefined;
  private isClosed = false;

  constructor(private readonly render: () => Promise<LiveParts>) {}

  /** False if there are too many viewers, or the application is closing. */
  get hasRoom(): boolean {
    return !this.isClosed && this.viewers.size < MOST;
  }

  /** Begins a stream. */
  async open(response: ServerResponse): Promise<void> {
    this.viewers.set(response, { end: setTimeout(() => this.end(response), LIFETIME).unref(), seen: {} });
    response.once('close', () => this.end(response));
    response.writeHead(200, HEAD);
    response.write('retry: 2000\n\n');
    this.timer ??= setInterval(() => void this.send(), PAUSE).unref();
    const parts = await this.rendered();
    if (parts) this.write(response, parts);
  }

  /** Ends all streams, and takes no further ones: a server that closes waits for them. */
  close(): void {
    this.isClosed = true;
    for (const response of this.viewers.keys()) this.end(response);
  }

  private async send(): Promise<void> {
    const parts = (await this.rendered()) ?? {};
    for (const response of this.viewers.keys()) this.write(response, parts);
  }

  /** A message that cannot be made is left out. */
  private async rendered(): Promise<LiveParts | undefined> {
    try {
      return await this.render();
    } catch {
      return undefined;
    }
  }

  /** Sends what has changed since the last message to this viewer. */
  private write(response: ServerResponse, parts: LiveParts): void {
    if (response.writableLength > BACKLOG) return void response.destroy();
    const viewer = this.viewers.get(response);
    if (!viewer) return;
    const changed = Object.entries(parts).filter(([id, text]) => viewer.seen[id] !== text);
    viewer.seen = { ...viewer.seen, ...parts };
    response.write(`data: ${JSON.stringify(Object.fromEntries(changed))}\n\n`);
  }

  private end(response: ServerResponse): void {
    clearTimeout(this.viewers.get(response)?.end);
    this.viewers.delete(response);
    response.end();
    if (this.viewers.size) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
