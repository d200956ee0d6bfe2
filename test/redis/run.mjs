// npm run test:redis [FILTER…]: sessions in Redis, over a single server and a Cluster that the tests start themselves.
import { execFileSync, spawnSync } from 'node:child_process';

try {
  execFileSync('redis-server', ['--version'], { stdio: 'pipe' });
} catch {
  console.error('redis-server is not installed: apt-get install redis-server');
  process.exit(1);
}
const filters = process.argv.length > 2 ? process.argv.slice(2) : ['test/redis'];
const { status } = spawnSync('npx', ['vitest', 'run', ...filters], {
  stdio: 'inherit',
  env: { ...process.env, REDIS_LIVE: '1' },
});
process.exit(status ?? 1);
