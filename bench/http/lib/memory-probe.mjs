// Preloaded into a server that memory.mjs looks at: answers 'memory' with what the process holds, before and after a collection.
import v8 from 'node:v8';
const spaces = () => Object.fromEntries(v8.getHeapSpaceStatistics().map(s => [s.space_name.replace('_space', ''), s.space_size]));
process.on('message', m => {
  if (m === 'memory') { const before = { ...process.memoryUsage(), spaces: spaces() }; globalThis.gc?.(); globalThis.gc?.(); process.send({ before, after: { ...process.memoryUsage(), spaces: spaces() } }); }
  if (m?.snapshot) { v8.writeHeapSnapshot(m.snapshot); process.send({ written: true }); }
});
