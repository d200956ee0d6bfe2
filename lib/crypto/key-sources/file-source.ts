import { constants, open } from 'node:fs/promises';
import { codeOf } from '../../errors/session-store.error.js';
import { SessionConfigError } from '../../errors/session-config.error.js';
import type { Awaitable } from '../awaitable.js';
import type { KeySource } from '../key-source.interface.js';
import { NATIVE_SECRETS, wipeSecrets, type Secret, type SecretRule } from '../secret.js';

/** Bytes of the largest file that is read. */
const MAX_BYTES = 65_536;
/** Makes the error of a fault; `reason` is the code of the system. */
type Fail = (message: string, reason?: string) => Error;

/** Without `O_NONBLOCK`, a FIFO would be opened only when somebody writes to it. Windows has no such flag. */
const READ = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/** Permission bits of group and others: read, write, execute. */
const OTHERS = 0o077;

/** Returns the source of a file with one secret per line. The line end (LF or CRLF) is removed. Blank lines and lines that
 *  begin with `#` are skipped. Blanks inside a line, also at its ends, belong to the secret. */
export function fileSource(
  path: string,
  file: string,
  othersMayRead: boolean,
  rule: SecretRule = NATIVE_SECRETS,
): KeySource {
  return privateFile(path, file, othersMayRead, (bytes, fail) => {
    const secrets = readLines(bytes, rule, fail);
    if (!secrets.length) throw fail('the file holds no secret; write one secret per line');
    return secrets;
  });
}

/** Returns a source over the bytes of a small file. `secretsIn` reads the secrets from them; the bytes are wiped when it
 *  has settled.
 *
 *  The source rejects if group or others have any permission on the file, unless `othersMayRead` is set. Windows has no
 *  such bits, so nothing is checked there. */
export function privateFile(
  path: string,
  file: string,
  othersMayRead: boolean,
  secretsIn: (bytes: Buffer, fail: Fail) => Awaitable<Secret[]>,
): KeySource {
  const fail: Fail = (message, reason) => new SessionConfigError([{ path, message, reason }]);
  return {
    path,
    kind: 'file',
    reloads: true,
    file,
    async read() {
      const bytes = await readPrivately(file, othersMayRead, fail);
      try {
        return await secretsIn(bytes, fail);
      } finally {
        bytes.fill(0);
      }
    },
  };
}

/** Opens the file once and checks what it has opened, so that nobody can exchange the file between check and read. */
async function readPrivately(file: string, othersMayRead: boolean, fail: Fail): Promise<Buffer> {
  const handle = await open(file, READ).catch((error: unknown) => {
    throw fail(`${file} cannot be opened (${codeOf(error)})`, codeOf(error));
  });
  try {
    const stat = await handle.stat();
    const { mode, size } = stat;
    if (!stat.isFile()) throw fail(`${file} is not a file; name a file with one secret per line`);
    if (!othersMayRead && process.platform !== 'win32' && mode & OTHERS)
      throw fail(`others than its owner may use the file; ${remedyFor(file, stat.uid)}`);
    if (size > MAX_BYTES) throw fail(`the file has ${size} bytes; at most ${MAX_BYTES} are allowed`);
    const bytes = Buffer.allocUnsafeSlow(size);
    const { bytesRead } = await handle.read(bytes, 0, size, 0).catch((error: unknown) => {
      throw fail(`the file cannot be read (${codeOf(error)})`, codeOf(error));
    });
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** The mode of a file of another user stays: that user could not use it any more, or this process. */
function remedyFor(file: string, owner: number): string {
  const uid = process.geteuid!();
  if (owner === uid) return 'chmod 600 it, or set othersMayRead: true';
  const name = `'${file.replaceAll("'", "'\\''")}'`;
  return (
    'it belongs to another user, so leave its mode alone; name a copy of your own ' +
    `(install -m 600 -o ${uid} ${name} COPY), or set othersMayRead: true`
  );
}

/** Reads all lines. A fault names the line and never quotes it; then no line counts. */
function readLines(bytes: Buffer, rule: SecretRule, fail: (message: string) => Error): Secret[] {
  const secrets: Secret[] = [];
  for (const [i, line] of linesOf(bytes).entries()) {
    if (isBlank(line) || line[0] === 0x23) continue;
    const secret = rule.text(line);
    if (typeof secret !== 'string') secrets.push(secret);
    else {
      wipeSecrets(secrets);
      throw fail(`line ${i + 1} ${secret}`);
    }
  }
  return secrets;
}

/** Splits the bytes and not a text, since a text could not be wiped. The lines share the memory of `bytes`. */
function linesOf(bytes: Buffer): Buffer[] {
  const lines: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const newline = bytes.indexOf(0x0a, start);
    const end = newline < 0 ? bytes.length : newline;
    lines.push(bytes.subarray(start, bytes[end - 1] === 0x0d && end > start ? end - 1 : end));
    start = end + 1;
  }
  return lines;
}

const isBlank = (line: Buffer) => line.every((byte) => byte === 0x20 || byte === 0x09);
