import { randomBytes } from 'node:crypto';
import type { SessionRow } from 'nestjs-session-crypto';

/** A live row of nobody else's. */
export const freshRow = (): SessionRow => ({
  key: randomBytes(32),
  sealed: Buffer.of(1),
  subject: 'ada',
  createdAt: new Date(),
  lastSeenAt: new Date(),
  deadline: new Date(Date.now() + 3_600_000),
});
