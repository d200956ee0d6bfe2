// CPU and memory of a process from /proc (Linux).
import fs from 'node:fs';
const TICK_US = 10_000;

/** Microseconds of CPU so far. The scheduler counts each thread in nanoseconds; a kernel that hides this has ticks of 10 ms. */
export function cpuUs(pid) {
  try {
    const threads = fs.readdirSync(`/proc/${pid}/task`);
    return threads.reduce((sum, tid) => sum + Number(fs.readFileSync(`/proc/${pid}/task/${tid}/schedstat`, 'utf8').split(' ')[0]), 0) / 1000;
  } catch { return ticksUs(pid); }
}
function ticksUs(pid) {
  try {
    const s = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const f = s.slice(s.lastIndexOf(')') + 2).split(' ');
    return (Number(f[11]) + Number(f[12])) * TICK_US;
  } catch { return 0; }
}
export function rssMb(pid) {
  try { return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024; } catch { return 0; }
}
export const median = a => { const s = a.filter(x => x != null && !Number.isNaN(x)).toSorted((x, y) => x - y); return s.length ? (s.length % 2 ? s[s.length >> 1] : (s[s.length / 2 - 1] + s[s.length / 2]) / 2) : NaN; };
