// One of the processes that share a folder. The first argument names its work.
import { fileURLToPath } from 'node:url';
import { runnerImport } from 'vite';

const [work, path, hex, times] = process.argv.slice(2);
const source = fileURLToPath(new URL('../../../../lib/php/index.ts', import.meta.url));
const { module } = await runnerImport(source, { configFile: false, logLevel: 'error' });
const store = module.fileStore({ path });
await store.open();

const inAnHour = () => new Date(Date.now() + 3_600_000);
const key = Buffer.from(hex, 'hex');
const rowOf = (key, sealed) => {
  const now = new Date();
  return { key, sealed, subject: undefined, createdAt: now, lastSeenAt: now, deadline: inAnHour() };
};

/** Adds one to the number in the row. Tries again after a conflict. */
async function increment() {
  for (;;) {
    const { sealed, version } = await store.load(key);
    const next = Buffer.from(String(Number(sealed) + 1));
    if ((await store.replace(rowOf(key, next), version)) === 'saved') return;
  }
}

/** Writes sessions whose bytes are all the same, so that a mixture would show. Prints a dot after each write. */
async function scribble() {
  for (let i = 1; ; i++) {
    const row = rowOf(Buffer.alloc(32, i % 7), Buffer.alloc(5000 + i, i));
    const { version, state } = (await store.load(row.key)) ?? {};
    if (!version) await store.create(row);
    else if (state === 'live') await store.replace(row, version);
    process.stdout.write('.');
  }
}

/** Logs subjects in, renews their ids, moves rows to other subjects and ends them. Prints a dot after each step. */
async function roam() {
  const draw = (choices) => Math.floor(Math.random() * choices);
  const newRow = () => ({
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
      const tombstone = { state: 'moved', sealed: Buffer.from('pointer'), deadline: inAnHour() };
      await store.move(row.key, 1, next, tombstone);
      [row, version] = [next, 1];
      continue;
    }
    [row, version] = [newRow(), 0];
  }
}

process.stdout.write('ready');
if (work === 'increment') for (let i = 0; i < times; i++) await increment();
if (work === 'scribble') await scribble();
if (work === 'roam') await roam();
