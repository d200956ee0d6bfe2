import { ours, inCookie } from './_ours.mjs';
await ours('express', inCookie());
