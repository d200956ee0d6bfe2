import { inCookie } from './_ours.mjs';
import { observed } from './_telemetry.mjs';
await observed('fastify', inCookie());
