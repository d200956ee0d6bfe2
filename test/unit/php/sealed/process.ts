// One of the processes that share a folder. The first argument names its work.
import type { SessionRow, Tombstone } from '../../../../lib/stores/session-store.interface.js';
import { FileStore } from '../../../../lib/php/sealed/file.store.js';

const [work, path, hex, times] = process.argv.slice(2) as [string, string, string, string];
const store = new FileStore({ path });
await store.open();

const inAnHour = () => new Date(Date.now() + 3_600_000);
const key = Buffer.from(hex, 'hex');
const rowOf = (key: Buffer, sealed: Buffer): SessionRow => {
  const now = new Date();
  return { key, sealed, subject: undefined, createdAt: now, lastSeenAt: now, deadline: inAnHour() };
};

/** Adds one to the number in the row. Tries again after a conflict. */
async function increment(): Promise<void> {
  for (;;) {
    const { sealed, version } = (await store.load(key))!;
    const next = Buffer.from(String(Number(String(sealed)) + 1));
    if ((await store.replace(rowOf(key, next), version)) === 'saved') return;
  }
}

/** Writes sessions whose bytes are all the same, so that a mixture would show. Prints a dot after each write. */
async function scribble(): Promise<never> {
  for (let i = 1; ; i++) {
    const row = rowOf(Buffer.alloc(32, i % 7), Buffer.alloc(5000 + i, i));
    const { version, state } = (await store.load(row.key)) ?? { version: 0, state: undefined };
    if (!version) await store.create(row);
    else if (state === 'live') await store.replace(row, version);
    process.stdout.write('.');
  }
}

/** Logs subjects in, renews their ids, moves rows to other subjects and ends them. Prints a dot after each step. */
async function roam(): Promise<never> {
  const draw = (choices: number) => Math.floor(Math.random() * choices);
  const newRow = (): SessionRow => ({
    ...rowOf(Buffer.from(Array.from({ length: 32 }, () => draw(256))), Buffer.from('x')),
    subject: `user ${draw(3)}`,
  });
  for (let row = newRow(), version = 0; ; process.stdout.write('.')) {
    if (!version) await store.create(row);
    const act = draw(4);
    if (act === 0) await store.destroy(row.key, inAnHour());
    else if (act === 1) await store.replace({ ...row, subject: `user ${draw(3)}` }, 1);
    else if (act === 2) {
      const next = newRow();
      const tombstone: Tombstone = { state: 'moved', sealed: Buffer.from('pointer'), deadline: inAnHour() };
      await store.move(row.key, 1, next, tombstone);
      [row, version] = [next, 1];
      continue;
    }
    [row, version] = [newRow(), 0];
  }
}

process.stdout.write('ready');
if (work === 'increment') for (let i = 0; i < Number(times); i++) await increment();
if (work === 'scribble') await scribble();
if (work === 'roam') await roam();
