import { ours, inRedis } from './_ours.mjs';
await ours('express', await inRedis());
