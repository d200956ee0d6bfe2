import type { CommandIo } from '../command-io.interface.js';
import { CommandError } from '../command.error.js';
import { EXIT } from '../exit-codes.js';

/** Bytes of a pasted header. Node itself refuses more than 16 KiB of headers. */
export const MAX_HEADER = 65_536;

/** What a command wants on standard input. */
export interface WantedInput {
  /** What it is, such as `a Cookie header`. */
  readonly what: string;
  readonly limit: number;
}

const LINE = 'a terminal takes 4095 characters of a line, so pipe what is longer';

/** Reads standard input as UTF-8, and stops reading at the limit. Rejects with a CommandError if there is nothing, or too much. */
export async function readInput(
  { in: input, err }: Pick<CommandIo, 'in' | 'err'>,
  { what, limit }: WantedInput,
): Promise<string> {
  if ((input as { isTTY?: boolean }).isTTY) err(`paste ${what}, and press Enter and Ctrl-D; ${LINE}\n`);
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of input) {
    size += chunk.length;
    if (size > limit)
      throw new CommandError(EXIT.data, `standard input has more than ${limit} bytes; pass ${what} alone`);
    chunks.push(chunk);
  }
  const bytes = Buffer.concat(chunks);
  if (bytes[1] === 0 || bytes[0] === 0 || bytes[0] === 0xff)
    throw new CommandError(EXIT.data, 'standard input is UTF-16 or binary; save it as UTF-8');
  const text = bytes.toString().replace(/^\ufeff/, ''); // Notepad and PowerShell begin UTF-8 with it
  if (!text.trim()) throw new CommandError(EXIT.noInput, `standard input is empty; pass ${what} to it`);
  return text;
}
