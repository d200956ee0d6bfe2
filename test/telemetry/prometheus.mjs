// A Prometheus of our own on a port of loopback, with the files of docs/prometheus.
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Starts it in a folder that has prometheus.yml and alerts.yml; it scrapes the targets every second. */
export async function startPrometheus(folder, port, targets) {
  const file = join(folder, 'prometheus.yml');
  const list = targets.map((target) => `'127.0.0.1:${target}'`).join(', ');
  const text = readFileSync(file, 'utf8')
    .replace(/scrape_interval: \w+/, 'scrape_interval: 1s\n  evaluation_interval: 1s')
    .replace(/targets: \[.*\]/, `targets: [${list}]`);
  writeFileSync(file, text);
  const flags = [
    `--config.file=${file}`,
    `--storage.tsdb.path=${join(folder, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ];
  const child = spawn('prometheus', flags, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
  let log = '';
  child.stderr.on('data', (text) => (log = (log + text).slice(-4000)));
  const url = `http://127.0.0.1:${port}`;
  for (let attempt = 0; ; attempt++) {
    if (child.exitCode !== null || attempt === 200) throw new Error(`Prometheus does not start:\n${log}`);
    if (
      await fetch(`${url}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    )
      break;
    await sleep(100);
  }
  const get = async (path) => {
    const { status, data, error } = await (await fetch(`${url}/api/v1/${path}`)).json();
    if (status !== 'success') throw new Error(`${path}: ${error}`);
    return data;
  };
  return {
    /** The series of a query over a time, in seconds since 1970. */
    range: async (query, start, end) =>
      (await get(`query_range?${new URLSearchParams({ query, start, end, step: 1 })}`)).result,
    /** The number of a query now; `undefined` for none. */
    async number(query) {
      const { result } = await get(`query?${new URLSearchParams({ query })}`);
      return result.length ? Number(result[0].value[1]) : undefined;
    },
    rules: async () => (await get('rules')).groups.flatMap(({ rules }) => rules),
    targets: async () => (await get('targets')).activeTargets,
    metrics: () => get('label/__name__/values'),
    stop: () => child.kill('SIGKILL'),
  };
}
