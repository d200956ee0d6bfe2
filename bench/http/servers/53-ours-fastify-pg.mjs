import { ours, inPostgres } from './_ours.mjs';
await ours('fastify', await inPostgres());
