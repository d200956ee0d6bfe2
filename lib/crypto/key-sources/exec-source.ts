import { execFile, type ChildProcess } from 'node:child_process';
import { SessionConfigError } from '../../errors/session-config.error.js';
import type { KeySource } from '../key-source.interface.js';
import { NATIVE_SECRETS, type SecretRule } from '../secret.js';

/** Milliseconds that the program may run. */
const TIMEOUT_MS = 5_000;
/** Bytes that it may print. */
const MAX_BYTES = 4_096;

/** Returns the source of a program, as httpd's `SessionCryptoPassphrase exec:` does. The secret is the first line of its
 *  stdout. The program runs without a shell and must end with status 0 in time. Its output is wiped. */
export function execSource(
  path: string,
  command: readonly string[],
  rule: SecretRule = NATIVE_SECRETS,
): KeySource {
  const fail = (message: string) => new SessionConfigError([{ path, message }]);
  return {
    path,
    kind: 'exec',
    reloads: true,
    async read() {
      const output = await run(command, rule, fail);
      try {
        const line = firstLine(output);
        if (!line.length) throw fail('the program printed an empty first line; that line must be the secret');
        const secret = rule.text(line);
        if (typeof secret === 'string') throw fail(`the first line that the program printed ${secret}`);
        return [secret];
      } finally {
        output.fill(0);
      }
    },
  };
}

/** Runs the program and returns what it has printed. Settles after {@link TIMEOUT_MS} at the latest, whatever the program does: it may
 *  ignore SIGTERM, and programs that it has started may hold its output open. */
function run(
  [program, ...args]: readonly string[],
  { surroundings }: SecretRule,
  fail: (message: string) => Error,
): Promise<Buffer> {
  const options = {
    ...surroundings?.(program!),
    maxBuffer: MAX_BYTES,
    killSignal: 'SIGKILL',
    encoding: 'buffer',
    windowsHide: true,
  } as const;
  return new Promise((resolve, reject) => {
    const printed: Buffer[] = [];
    let isLate = false;
    const child = execFile(program!, args, options, (error, stdout) => {
      clearTimeout(timer);
      wipe(printed); // stdout is a copy
      if (!error && !isLate) return resolve(stdout);
      stdout?.fill(0);
      reject(fail(explain(error ?? {})));
    });
    child.stdout?.on('data', (chunk: Buffer) => printed.push(chunk));
    const timer = setTimeout(() => {
      isLate = !hasEnded(child);
      letGo(child);
      if (isLate) reject(fail(TOO_LONG));
    }, TIMEOUT_MS);
  });
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean =>
  exitCode !== null || signalCode !== null;

/** Ends a program that runs. Closes its output: as soon as it has ended, its callback is called. */
function letGo(child: ChildProcess): void {
  child.stdout?.destroy();
  child.stderr?.destroy();
  child.kill('SIGKILL');
  child.unref();
}

function wipe(chunks: readonly Buffer[]): void {
  for (const chunk of chunks) chunk.fill(0);
}

/** Returns our own message for a failed run. Node's message repeats the command line, which may hold a secret. */
function explain({ code, signal }: { code?: unknown; signal?: unknown }): string {
  if (code === 'ENOENT') return 'the program was not found; give its absolute path';
  if (code === 'EACCES') return 'this user may not run the program';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return `the program printed more than ${MAX_BYTES} bytes`;
  if (signal) return `the program was ended by ${String(signal)}`;
  return `the program ended with status ${String(code)}; status 0 is needed`;
}

const TOO_LONG = `the program did not end within ${TIMEOUT_MS / 1000} seconds`;

/** The first line ends at LF or CR, so that a program with CRLF line ends gives the same secret. */
function firstLine(output: Buffer): Buffer {
  const end = output.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return end < 0 ? output : output.subarray(0, end);
}

/** Splits `program arg …` into words as httpd does (`apr_tokenize_to_argv` in apr_cpystrn.c):
 *
 *  - A blank or tab ends a word. Quotes of either kind hold blanks, up to the same quote or the end of the text.
 *  - A backslash before a quote, a blank or a tab keeps it from ending the word.
 *  - Afterwards every backslash disappears and the character behind it stays, so `\\` is one backslash.
 *
 *  The time is linear in the length of the text. */
export function splitCommand(text: string): string[] {
  const words = text.matchAll(WORD);
  return Array.from(words, ([, double, single, bare]) =>
    (double ?? single ?? bare)!.replace(/\\([^]?)/g, '$1'),
  );
}

/** One word and the blanks before it: in double quotes, in single quotes, or bare. */
const WORD = /[ \t]*(?:"((?:\\[ \t"']|[^"])*)"?|'((?:\\[ \t"']|[^'])*)'?|((?:\\[ \t"']|[^ \t])+))/g;
