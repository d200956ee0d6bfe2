import { execFile } from 'node:child_process';
import { SessionConfigError } from '../../errors/index.js';
import type { KeySource } from '../key-source.interface.js';
import { readSecret } from '../secret.js';

const LIMITS = { timeout: 5_000, maxBuffer: 4_096 };

/** The first line of what a program prints: no shell, exit status 0, 5 seconds, 4 KiB. */
export function execSource(path: string, command: readonly string[]): KeySource {
  const fail = (message: string) => new SessionConfigError([{ path, message }]);
  return {
    path,
    reloads: true,
    async read() {
      const line = firstLine(await run(command, fail));
      if (!line.length) throw fail('the program printed an empty first line; it must print the secret there');
      const secret = readSecret(line);
      line.fill(0);
      if (typeof secret === 'string') throw fail(`what the program printed ${secret}`);
      return [secret];
    },
  };
}

function run([program, ...args]: readonly string[], fail: (message: string) => Error): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    execFile(program!, args, { ...LIMITS, encoding: 'buffer', windowsHide: true }, (error, stdout) => {
      if (!error) return resolve(stdout);
      stdout?.fill(0);
      reject(fail(explain(error)));
    });
  });
}

/** Node's own message would repeat the command line, which may hold a secret. */
function explain({ code, killed }: { code?: unknown; killed?: boolean }): string {
  if (code === 'ENOENT') return 'the program was not found; give its absolute path';
  if (code === 'EACCES') return 'the program may not be run by this user';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `the program printed more than ${LIMITS.maxBuffer} bytes`;
  if (killed) return `the program did not end within ${LIMITS.timeout / 1000} seconds`;
  return `the program ended with status ${String(code)}; status 0 is needed`;
}

function firstLine(output: Buffer): Buffer {
  const end = output.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return end < 0 ? output : output.subarray(0, end);
}

/** Splits `program arg …` as httpd does: words at blanks, quotes of both kinds around blanks, a backslash before a
 *  quote or a blank (apr_tokenize_to_argv). */
export function splitCommand(text: string): string[] {
  const words: string[] = [];
  const word = /(?:'((?:\\.|[^'\\])*)'|"((?:\\.|[^"\\])*)"|((?:\\.|[^\s\\])+))/gsy;
  let at = 0;
  while (at < text.length) {
    while (/\s/.test(text[at] ?? '')) at++;
    word.lastIndex = at;
    const found = word.exec(text);
    if (!found) break;
    words.push((found[1] ?? found[2] ?? found[3]!).replace(/\\(['"\s\\])/g, '$1'));
    at = word.lastIndex;
  }
  return words;
}
