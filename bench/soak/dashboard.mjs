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

/** Waits until the page of one process shows what all processes have counted: each tells the store every minute. */
export async function dashboardFigures(port, begun) {
  let found = new Map();
  for (let attempt = 0; attempt < 30; attempt++) {
    found = await tablesOf(port);
    if (found.get('New sessions') === begun) break;
    await sleep(5000);
  }
  return (name) => found.get(name) ?? 0;
}
