import { ours, inPostgres } from './_ours.mjs';
await ours('express', await inPostgres());
