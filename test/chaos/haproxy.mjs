// HAProxy before a primary and its replica: connections lead to the server that is a primary, and to no other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, freePort } from './server.mjs';

/** Hexadecimal digits of a message of PostgreSQL's protocol: its type, its length, and what it holds. */
const message = (type, body) => type + (body.length / 2 + 4).toString(16).padStart(8, '0') + body;
const text = (...words) => Buffer.from(words.map((word) => `${word}\0`).join('')).toString('hex');

const STARTUP = message('', `00030000${text('user', 'postgres', 'database', 'postgres', '')}`);
const READY = '5a0000000549';
const QUESTION = message('51', text('SELECT pg_is_in_recovery()'));
/** A row with one column of one letter: `f`. */
const IS_PRIMARY = '440000000b00010000000166';
const GOODBYE = '5800000004';

/** Asks each server itself. The configuration that docs/scale.md shows. */
const ASK_SERVERS = `option tcp-check
  tcp-check connect
  tcp-check send-binary ${STARTUP}
  tcp-check expect binary ${READY}
  tcp-check send-binary ${QUESTION}
  tcp-check expect binary ${IS_PRIMARY}
  tcp-check send-binary ${GOODBYE}`;

/** Asks Patroni beside each server. */
const ASK_PATRONI = 'option httpchk GET /primary';

const configuration = (port, servers, checks) => `
global
  maxconn 500
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 1s
listen primary
  bind 127.0.0.1:${port}
  ${checks ? ASK_PATRONI : ASK_SERVERS}
  default-server check inter 500ms fall 1 rise 1 on-marked-down shutdown-sessions
${servers.map((one, i) => `  server s${i} 127.0.0.1:${one}${checks ? ` port ${checks[i]}` : ''}`).join('\n')}
`;

/** Starts HAProxy on a free port of loopback, before the servers at these ports. `checks` are the ports of Patroni beside them. */
export async function startHaproxy(servers, checks) {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'session-crypto-haproxy-'));
  writeFileSync(join(folder, 'haproxy.cfg'), configuration(port, servers, checks));
  const running = spawn('haproxy', ['-db', '-q', '-f', join(folder, 'haproxy.cfg')], { stdio: 'inherit' });
  const discard = () => {
    running.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.on('exit', discard); // whatever ends the campaign
  await Promise.race([
    once(running, 'spawn'),
    once(running, 'error').then(([error]) => Promise.reject(error)),
  ]);
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`;
  return {
    url,
    /** Resolves when connections lead to the primary only. HAProxy takes every server for a good one until its first check. */
    async leads() {
      for (let good = 0; good < 2 * servers.length; good = (await leadsToPrimary(url)) ? good + 1 : 0)
        await sleep(50);
    },
    async close() {
      discard();
      if (running.exitCode === null && running.signalCode === null) await once(running, 'exit');
    },
  };
}

const leadsToPrimary = (url) =>
  ask(url, 'SELECT pg_is_in_recovery() AS "replica"').then(
    ([{ replica }]) => !replica,
    () => false,
  );
