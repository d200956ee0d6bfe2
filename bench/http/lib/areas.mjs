// Self time of a CPU profile by area, for several servers side by side. Pure.
import { number, table } from './tables.mjs';

/** The first pattern that fits the address of a function's file says its area. */
const FILES = [
  [/\/dist\/lib\/([^/]+)\//, (room) => `ours: ${room}/`],
  [/\/dist\/lib\//, () => 'ours: entries'],
  [/\/node_modules\/(@nestjs|rxjs|express|fastify|@fastify\/middie|find-my-way|router|reusify|avvio|light-my-request)\b/, () => 'framework'],
  [/\/node_modules\/(sodium-native|libsodium|iron-webcrypto|cookies|keygrip|cookie|@fastify\/cookie|@fastify\/secure-session|cookie-session)/, () => 'peer'],
  [/\/node_modules\//, () => 'other packages'],
  [/^node:internal\/crypto|^node:crypto/, () => 'crypto'],
  [/^node:buffer|^node:internal\/buffer/, () => 'buffers'],
  [/^node:_?http|^node:internal\/(http|url)|^node:net|^node:internal\/(streams?|stream_base_commons)|^node:stream|^node:internal\/timers/, () => 'http and sockets'],
  [/^node:internal\/(async|promise|process|task)|^node:async|^node:internal\/(util|validators)/, () => 'node, async and tasks'],
  [/^node:/, () => 'node, other'],
  [/\/bench\/http\/servers\/_limit/, () => 'limit'],
];
const NATIVE_CRYPTO = /cipher|initiv|final|authtag|setaad|update|random|hmac|hash|sodium|secretbox|keyobject/i;
const NATIVE_BUFFER = /slice|utf8|base64|latin1|copy|fill|write(?!v)|bytelength/i;

export function areaOf({ functionName: name, url }) {
  if (!url) return nativeArea(name);
  for (const [pattern, area] of FILES) {
    const found = pattern.exec(url);
    if (found) return area(found[1]);
  }
  return 'handlers of the benchmark';
}

function nativeArea(name) {
  if (name === '(garbage collector)') return 'garbage collection';
  if (name === '(program)') return 'V8 and the system, outside JavaScript';
  if (/^(writev|writeUtf8String|writeLatin1String|shutdown|close|readStop)/.test(name)) return 'http and sockets';
  if (name === 'runMicrotasks') return 'node, async and tasks';
  if (NATIVE_CRYPTO.test(name)) return 'crypto';
  return NATIVE_BUFFER.test(name) ? 'buffers' : 'other built-ins';
}

/** `dispatch` is the inspector, which starts and stops the profile. */
const NOT_THE_SERVER = new Set(['(idle)', 'dispatch']);

/** A Map from area to microseconds for each request. Idle time and the profiler itself are left out. */
export function areasOf({ nodes, samples, timeDeltas }, requests) {
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const sums = new Map();
  samples.forEach((id, i) => {
    const frame = frames.get(id);
    if (!frame.url && NOT_THE_SERVER.has(frame.functionName)) return;
    const area = areaOf(frame);
    sums.set(area, (sums.get(area) ?? 0) + timeDeltas[i] / requests);
  });
  return sums;
}

const TITLES = { N: 'untouched', R: 'read', W: 'change', C: 'new' };

/** One row an area, one column a server, the dearest area of the last server first. */
export function areaTable(workload, servers) {
  const all = [...new Set(servers.flatMap(({ areas }) => [...areas.keys()]))];
  const last = servers.at(-1).areas;
  const rows = all.toSorted((a, b) => (last.get(b) ?? 0) - (last.get(a) ?? 0)).map((area) => [area, ...servers.map(({ areas }) => number(areas.get(area) ?? 0, 1))]);
  const sums = servers.map(({ areas }) => number([...areas.values()].reduce((a, b) => a + b, 0), 1));
  return table([TITLES[workload], ...servers.map(({ name }) => name)], [...rows, ['**all**', ...sums]]);
}
