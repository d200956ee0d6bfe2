import { ours, inPool } from './_ours.mjs';
await ours('fastify', await inPool());
