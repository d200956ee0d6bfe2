import { ours, inCookie, sodium } from './_ours.mjs';
await ours('express', inCookie(), sodium);
