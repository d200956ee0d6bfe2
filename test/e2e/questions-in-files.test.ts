import { describe } from 'vitest';
import { fileStore } from 'nestjs-session-crypto/php';
import { temporaryFolder } from '../support/cleanup.js';
import { twelveQuestions } from '../support/twelve-questions.js';

describe('the twelve questions of docs/operations.md, of sessions in files', () => {
  twelveQuestions(
    async () => {
      const path = await temporaryFolder();
      return () => fileStore({ path });
    },
    () => fileStore({ path: '/nowhere/sessions' }),
  );
});
