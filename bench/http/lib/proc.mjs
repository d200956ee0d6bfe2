// CPU and memory of a process from /proc (Linux). CPU comes in ticks of 10 ms: measure for a second or more.
import fs from 'node:fs';
const TICK_US = 10_000;
export function cpuUs(pid) {
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
