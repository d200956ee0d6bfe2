import type { Read } from './setting-text.js';
import type { SavePath } from './setting-values.interface.js';

/** Folders that all users of a machine share. An empty path stands for one of them. */
const SHARED = /^(?:|\/(?:var\/)?tmp\/*)$/;
const ABSOLUTE = /^(?:[\\/]|[A-Za-z]:[\\/])/;

/** Reads the path of the handler `files` (ps_files_open, ext/session/mod_files.c). No message shows the value, because other
 *  handlers keep passwords in it.
 *
 *      /srv/sessions              the folder
 *      2;/srv/sessions            2 levels of folders below it
 *      2;0600;/srv/sessions       and the mode of new files */
export const readSavePath: Read<SavePath> = (setting) => {
  const [path, depth, mode] = partsOf(setting.text);
  const fault = faultOf(path, depth, mode, setting.text === '');
  if (fault) return setting.addFault(`${fault}; write for example ${setting.line('"0;0600;/srv/sessions"')}`);
  const bits = parseInt(mode, 8);
  if (bits & 0o077)
    setting.addFinding('has a mode that lets users other than the owner use the files; write the mode 0600');
  if (SHARED.test(path))
    setting.addFinding(
      'leads to a folder that all users of the machine share; write the path of a folder that only the user of PHP can open',
    );
  return Object.freeze({ depth: Number(depth), mode: bits, path });
};

/** Returns the first fault, without the name of the setting. `isEmpty`: PHP chooses the folder. */
function faultOf(path: string, depth: string, mode: string, isEmpty: boolean): string | undefined {
  if (!/^\d{1,3}$/.test(depth))
    return 'has no number before its first semicolon; allowed: the number of folder levels, 0 to 999';
  if (!/^[0-7]{1,5}$/.test(mode) || parseInt(mode, 8) > 0o7777)
    return 'has no octal mode before its second semicolon; allowed: 600 to 7777 in octal digits';
  if ((parseInt(mode, 8) & 0o600) !== 0o600)
    return 'has a mode that keeps the owner out; allowed: a mode with which the owner can read and write';
  if (!isEmpty && !ABSOLUTE.test(path)) return 'has no absolute path; allowed: a path that begins with /';
  if (/\p{Cc}/u.test(path)) return 'has a control character; allowed: a path without control characters';
  return undefined;
}

/** Returns path, depth and mode. Further semicolons belong to the path. */
function partsOf(text: string): [string, string, string] {
  const first = text.indexOf(';');
  const second = text.indexOf(';', first + 1);
  if (first < 0) return [text, '0', '600'];
  if (second < 0) return [text.slice(first + 1), text.slice(0, first), '600'];
  return [text.slice(second + 1), text.slice(0, first), text.slice(first + 1, second)];
}
