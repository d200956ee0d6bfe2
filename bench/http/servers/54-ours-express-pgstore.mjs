import { ours, inPool } from './_ours.mjs';
await ours('express', await inPool());
