// What a reader of a page types and copies.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from '../application.mjs';

/** A section of a page, from its heading to the next, without its blocks of code. */
function sectionOf(page, heading) {
  const text = readFileSync(join(root, page), 'utf8').replace(/^```[^]*?^```$/gm, '');
  const section = text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`));
  if (!section) throw new Error(`${page} has no section "${heading}"`);
  return section;
}

/** The commands of a section: its indented lines, without what a # begins. */
export const commandsOf = (page, heading) =>
  [...sectionOf(page, heading).matchAll(/^ {4}(\S.*)$/gm)].map(([, line]) => line.replace(/\s+#.*$/, ''));

/** The file whose name the first line of a block has. */
export function fileOf(page, name) {
  const blocks = readFileSync(join(root, page), 'utf8').matchAll(/```(?:ts|typescript)\n([^]*?)```/g);
  const found = [...blocks].find(([, code]) => code.startsWith(`// ${name}\n`));
  if (!found) throw new Error(`${page} has no block that begins with "// ${name}"`);
  return found[1];
}

/** What stands between backquotes in a section and begins with these words. */
export const inlineOf = (page, heading, start) =>
  [...sectionOf(page, heading).matchAll(/`([^`\n]+)`/g)]
    .map(([, code]) => code)
    .filter((code) => code.startsWith(start));
