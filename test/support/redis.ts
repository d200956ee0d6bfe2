import { execFileSync, spawn } from 'node:child_process';
import { connect } from 'node:net';
import { join } from 'node:path';
import { once } from 'node:events';

import { cleanUp, temporaryFolder } from './cleanup.js';

/** True if redis-server is installed. */
export const hasRedis = (() => {
  try {
    return execFileSync('redis-server', ['--version'], { stdio: 'pipe' }).length > 0;
  } catch {
    return false;
  }
})();

/** Starts a redis-server of the test's own, and returns what sends it commands over one connection. */
export async function startRedis(): Promise<(command: readonly string[]) => Promise<unknown>> {
  const folder = await temporaryFolder();
  const socket = join(folder, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', folder];
  const server = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  cleanUp(async () => {
    server.kill();
    await once(server, 'exit');
  });
  for await (const chunk of server.stdout) if (String(chunk).includes('eady to accept connections')) break;
  return connectTo(socket);
}

/** Speaks RESP 2, as Redis's clients do. */
async function connectTo(path: string): Promise<(command: readonly string[]) => Promise<unknown>> {
  const socket = connect(path);
  await once(socket, 'connect');
  cleanUp(() => void socket.destroy());
  const waiting: { resolve(value: unknown): void; reject(error: Error): void }[] = [];
  let text = '';
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    text += chunk;
    for (let reply = readReply(text, 0); reply; reply = readReply(text, 0)) {
      text = text.slice(reply.end);
      const { resolve, reject } = waiting.shift()!;
      if (reply.value instanceof Error) reject(reply.value);
      else resolve(reply.value);
    }
  });
  return (command) =>
    new Promise((resolve, reject) => {
      waiting.push({ resolve, reject });
      const parts = command.map((one) => `$${Buffer.byteLength(one)}\r\n${one}\r\n`);
      socket.write(`*${parts.length}\r\n${parts.join('')}`);
    });
}

/** A whole reply at `at`, or nothing while some of it is still to come. */
function readReply(text: string, at: number): { value: unknown; end: number } | undefined {
  const line = text.indexOf('\r\n', at);
  if (line < 0) return undefined;
  const [kind, rest, end] = [text[at], text.slice(at + 1, line), line + 2];
  if (kind === '+') return { value: rest, end };
  if (kind === '-') return { value: new Error(rest), end };
  if (kind === ':') return { value: Number(rest), end };
  if (kind === '*') return readList(text, Number(rest), end);
  if (rest === '-1') return { value: null, end };
  const stop = end + Number(rest);
  return text.length < stop + 2 ? undefined : { value: text.slice(end, stop), end: stop + 2 };
}

function readList(text: string, length: number, begin: number): { value: unknown; end: number } | undefined {
  const value: unknown[] = [];
  let end = begin;
  while (value.length < length) {
    const reply = readReply(text, end);
    if (!reply) return undefined;
    value.push(reply.value);
    ({ end } = reply);
  }
  return { value, end };
}
