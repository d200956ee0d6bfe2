#!/usr/bin/env node
// The lines of the log in the loggers that people use: Nest's own as text and as JSON, nestjs-pino and nest-winston, in Nest 11
// and 12. Installs into a temporary folder, so it is run by CI and not by `npm test`.
import assert from 'node:assert/strict';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { done, inTemporaryFolder, install, pack, root, run } from './application.mjs';

const SENTENCE =
  /^1 session was sealed by a key that is not in crypto\.secrets, named by the hint 31b74615 \(1\)/;

/** The newest loggers for each Nest. */
const LOGGERS = {
  11: ['nestjs-pino@4', 'pino@9', 'pino-http@10', 'nest-winston@1', 'winston@3'],
  12: ['nestjs-pino@5', 'pino@10', 'pino-http@11', 'nest-winston@2', 'winston@3'],
};

/** How each logger writes a line: the sentence and the facts in a record. */
const RECORDS = {
  pino: (record) => [record.msg, record],
  'pino-buffered': (record) => [record.msg, record],
  winston: (record) => [record.message, record],
  json: (record, nest) =>
    nest === 11 ? [record.message.message, record.message] : [record.message, record.params],
};

function recordsOf(text) {
  const lines = text.split('\n').filter((line) => line.startsWith('{'));
  return lines.map((line) => JSON.parse(line));
}

function check(folder, nest, logger) {
  const text = run(process.execPath, ['app.mjs', logger], { cwd: folder });
  const lines = recordsOf(text).filter((record) => JSON.stringify(record).includes('31b74615'));
  assert.equal(lines.length, 1, `${logger} writes one record:\n${text}`);
  const [sentence, facts] = RECORDS[logger](lines[0], nest);
  assert.match(sentence, SENTENCE, logger);
  const { event, session, hint, count } = facts;
  assert.deepEqual(
    { event, session, hint, count },
    { event: 'keyMissing', session: 'default', hint: '31b74615', count: 1 },
  );
  assert.equal(lines[0].context, 'SessionCrypto', logger);
  assert.match(text, /"event":"started"/, `${logger} has the facts of the start`);
}

function checkText(folder) {
  const text = run(process.execPath, ['app.mjs', 'text'], { cwd: folder });
  const lines = text.split('\n').filter((line) => line.includes('31b74615'));
  assert.equal(lines.length, 1, text);
  assert.match(lines[0].replace(/^.*\[SessionCrypto\] /, ''), SENTENCE);
  assert.ok(!text.includes('keyMissing'), 'text has no names of facts');
}

for (const nest of [11, 12])
  await inTemporaryFolder(`loggers-${nest}`, async (folder) => {
    const tarball = pack(folder);
    cpSync(join(root, 'test/package/loggers'), folder, { recursive: true });
    const names = ['common', 'core', 'platform-express'].map((name) => `@nestjs/${name}@${nest}`);
    const loggers = LOGGERS[nest];
    install(folder, tarball, ...names, 'rxjs@7', 'reflect-metadata@0.2', ...loggers);
    checkText(folder);
    for (const logger of Object.keys(RECORDS)) {
      check(folder, nest, logger);
      done(`Nest ${nest}: ${logger}`);
    }
  });
