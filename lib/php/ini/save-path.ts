import type { SavePath } from './setting-values.interface.js';
import type { Read } from './reading.js';

/** Folders that all users of a machine share; no path stands for one of them. */
const SHARED = /^(?:|\/(?:var\/)?tmp\/*)$/;

/** `[N;[MODE;]]path`: ps_files_open, ext/session/mod_files.c. No message shows it: other handlers keep passwords here. */
export const readSavePath: Read<SavePath> = ({ name, text, place }, notes) => {
  const [path, depth, mode] = partsOf(text);
  const fault = (what: string) => void notes.fault(place, `${name} ${what}`);
  if (!/^\d{1,3}$/.test(depth))
    return fault('has no number as the depth in front of its first semicolon; write N;/path');
  if (!/^[0-7]{1,5}$/.test(mode) || parseInt(mode, 8) > 0o7777)
    return fault('has no octal mode in front of its second semicolon; write N;0600;/path');
  const bits = parseInt(mode, 8);
  if ((bits & 0o600) !== 0o600) return fault('has a mode that keeps the owner out; write N;0600;/path');
  if (text !== '' && (!/^(?:[\\/]|[A-Za-z]:[\\/])/.test(path) || /\p{Cc}/u.test(path)))
    return fault('has no absolute path; write one that begins with /, without control characters');
  if (bits & 0o077)
    notes.finding(place, `${name} has a mode by which others than the owner may use the files`);
  if (SHARED.test(path)) notes.finding(place, `${name} is a folder that all users of the machine share`);
  return Object.freeze({ depth: Number(depth), mode: bits, path });
};

/** Path, depth and mode; further semicolons belong to the path. */
function partsOf(text: string): [string, string, string] {
  const first = text.indexOf(';');
  const second = text.indexOf(';', first + 1);
  if (first < 0) return [text, '0', '600'];
  if (second < 0) return [text.slice(first + 1), text.slice(0, first), '600'];
  return [text.slice(second + 1), text.slice(0, first), text.slice(first + 1, second)];
}
