// What the dashboard shows, read as a person reads it: the numbers in its tables.
import { setTimeout as sleep } from 'node:timers/promises';

const ROW = /<tr>\s*<th scope="row">([^]*?)<\/th>([^]*?)<\/tr>/g;
const CELL = /<td[^>]*>([^<]*)<\/td>/g;

/** The last number of each row (of twelve hours), by the first words of the row. */
async function tablesOf(port) {
  const response = await fetch(`http://127.0.0.1:${port}/ops`);
  const html = await response.text();
  if (!response.ok) throw new Error(`the dashboard answers ${response.status}`);
  const rows = [...html.matchAll(ROW)].map(([, head, cells]) => {
    const name = /<code>([^<]*)<\/code>/.exec(head)?.[1] ?? head.replace(/<[^]*$/, '').trim();
    return [name, [...cells.matchAll(CELL)].at(-1)?.[1].replaceAll(',', '')];
  });
  return new Map(
    rows.filter(([, number]) => /^\d+$/.test(number)).map(([name, number]) => [name, Number(number)]),
  );
}

/** Waits until the page of one process shows what is wanted: each process tells the store every minute what it has counted. Resolves to
 *  what it shows. */
export async function dashboardFigures(port, wanted) {
  for (let attempt = 0; ; attempt++) {
    const found = await tablesOf(port);
    const shown = Object.fromEntries(Object.keys(wanted).map((name) => [name, found.get(name) ?? 0]));
    if (attempt === 30 || Object.entries(wanted).every(([name, n]) => shown[name] === n)) return shown;
    await sleep(5000);
  }
}
