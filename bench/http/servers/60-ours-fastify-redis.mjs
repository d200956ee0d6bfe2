import { ours, inRedis } from './_ours.mjs';
await ours('fastify', await inRedis());
