// Preloaded into a server that profile.mjs looks at: samples between the messages 'start' and 'stop'.
import { Session } from 'node:inspector/promises';
const session = new Session();
session.connect();
await session.post('Profiler.enable');
await session.post('Profiler.setSamplingInterval', { interval: 200 });
process.on('message', async m => {
  if (m === 'start') { await session.post('Profiler.start'); process.send({ started: true }); }
  if (m === 'stop') process.send({ profile: (await session.post('Profiler.stop')).profile });
});
