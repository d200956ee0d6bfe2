import { beforeAll, describe } from 'vitest';
import { memoryStore } from 'nestjs-session-crypto';
import { fileStore } from 'nestjs-session-crypto/php';
import { temporaryFolder } from '../../../support/cleanup.js';
import { storedStories } from './support/stored-stories.js';

describe('session-crypto cookie, of sessions in memory', () => {
  const store = memoryStore();
  storedStories('memory', () => ({ store }));
});

describe('session-crypto cookie, of sessions in files', () => {
  let path: string;
  beforeAll(async () => void (path = await temporaryFolder()));
  storedStories('files', () => ({ store: fileStore({ path }) }));
});
