import { execFile } from 'node:child_process';
import { SessionConfigError } from '../../errors/session-config.error.js';
import type { KeySource } from '../key-source.interface.js';
import { NATIVE_SECRETS, type SecretRule } from '../secret.js';

const LIMITS = { timeout: 5_000, maxBuffer: 4_096 };

/** The first line of what a program prints: no shell, exit status 0, 5 seconds, 4 KiB. */
export function execSource(
  path: string,
  command: readonly string[],
  rule: SecretRule = NATIVE_SECRETS,
): KeySource {
  const fail = (message: string) => new SessionConfigError([{ path, message }]);
  return {
    path,
    reloads: true,
    async read() {
      const line = firstLine(await run(command, fail));
      if (!line.length) throw fail('the program printed an empty first line; it must print the secret there');
      const secret = rule.text(line);
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
function explain({ code, killed, signal }: { code?: unknown; killed?: boolean; signal?: unknown }): string {
  if (code === 'ENOENT') return 'the program was not found; give its absolute path';
  if (code === 'EACCES') return 'the program may not be run by this user';
  if (code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER')
    return `the program printed more than ${LIMITS.maxBuffer} bytes`;
  if (killed) return `the program did not end within ${LIMITS.timeout / 1000} seconds`;
  if (signal) return `the program was ended by ${String(signal)}`;
  return `the program ended with status ${String(code)}; status 0 is needed`;
}

function firstLine(output: Buffer): Buffer {
  const end = output.findIndex((byte) => byte === 0x0a || byte === 0x0d);
  return end < 0 ? output : output.subarray(0, end);
}

/** Splits `program arg …` as httpd does (apr_tokenize_to_argv): words end at blanks, quotes of both kinds at the same
 *  quote or the end; a backslash before a quote or a blank ends neither, and one backslash goes wherever it stands. */
export function splitCommand(text: string): string[] {
  const words = text.matchAll(WORD);
  return Array.from(words, ([, double, single, bare]) =>
    (double ?? single ?? bare)!.replace(/\\([^]?)/g, '$1'),
  );
}

const WORD = /[ \t]*(?:"((?:\\[ \t"']|[^"])*)"?|'((?:\\[ \t"']|[^'])*)'?|((?:\\[ \t"']|[^ \t])+))/g;
