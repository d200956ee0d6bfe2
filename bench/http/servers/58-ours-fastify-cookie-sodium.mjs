import { ours, inCookie, sodium } from './_ours.mjs';
await ours('fastify', inCookie(), sodium);
