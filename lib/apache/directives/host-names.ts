import { quoted, type Diagnostics } from './diagnostics.js';
import { findDirective, type Section } from './sections.js';
import type { Server } from './servers.js';
import { wordsOf } from './words.js';

// The names of virtual hosts. httpd chooses a virtual host by the address of the connection first. Among those of one address,
// the first whose ServerName or ServerAlias fits the request's host wins, even by a pattern: server/vhost.c, check_hostalias.

/** The names of a virtual host, and the line of each. */
export type HostNames = ReadonlyMap<string, number>;

/** A virtual host with the names that lead to it. */
export interface NamedHost {
  readonly names: HostNames;
  readonly host: Server;
}

/** True if a section or one inside it has a directive that makes a setting. */
export const hasDirectives = (section: Section): boolean =>
  findDirective(section, ({ key }) => key !== undefined) !== undefined;

/** Returns the names of a virtual host with their lines. The names are in lower case and without scheme and port. */
export function hostNamesOf({ directives }: Section): HostNames {
  const names = new Map<string, number>();
  for (const { name, args, line } of directives)
    if (name === 'servername' || name === 'serveralias')
      for (const word of wordsOf(args).words.map(bareName))
        if (word && !names.has(word)) names.set(word, line);
  return names;
}

const bareName = (word: string): string =>
  word
    .toLowerCase()
    .replace(/^[a-z]+:\/\//, '')
    .replace(/:\d+$/, '')
    .replace(/\.$/, '');

/** Assigns each host name to one virtual host. A name that an earlier host of the same address has, or matches, never leads
 *  to a later one. A context has no port, so of hosts with different addresses those with session directives go first. */
export function claimNames(hosts: readonly Server[], diagnostics: Diagnostics): NamedHost[] {
  const all = hosts.map((host): AddressedHost => {
    const names = hostNamesOf(host.section);
    return {
      host,
      names,
      patterns: [...names.keys()].filter(isPattern),
      addresses: addressesOf(host.section),
    };
  });
  const reachable = all.map((one, i) => ({
    host: one.host,
    names: reachableNames(one, all.slice(0, i), diagnostics),
  }));
  const owners = new Map<string, Server>();
  for (const { host, names } of reachable.toSorted((a, b) => priorityOf(b) - priorityOf(a)))
    for (const name of names.keys()) {
      const owner = owners.get(name);
      if (owner) refuseSecondOwner(host, owner, diagnostics);
      else owners.set(name, host);
    }
  return reachable.flatMap(({ host, names }) => {
    const own = [...names].filter(([name]) => owners.get(name) === host);
    return own.length ? [{ names: new Map(own), host }] : [];
  });
}

/** A virtual host with the things that decide whether it serves a request. */
interface AddressedHost extends NamedHost {
  readonly patterns: readonly string[];
  readonly addresses: readonly string[];
}

const isPattern = (name: string): boolean => /[*?]/.test(name);

const priorityOf = ({ host }: NamedHost) => Number(hasDirectives(host.section));

/** Returns the names that no earlier host of the same address takes. Adds a finding where the settings differ. */
function reachableNames(
  one: AddressedHost,
  earlier: readonly AddressedHost[],
  diagnostics: Diagnostics,
): HostNames {
  const rivals = earlier.filter(({ addresses }) =>
    addresses.some((address) => one.addresses.includes(address)),
  );
  const names = new Map(one.names);
  for (const [name, line] of one.names) {
    const winner = rivals.find((rival) => takes(rival, name))?.host.section;
    if (!winner) continue;
    names.delete(name);
    if (fingerprint(winner) !== fingerprint(one.host.section))
      diagnostics.addFinding(
        line,
        `httpd never serves ${quoted(name)} from this <VirtualHost>, because the one in line ${winner.line} comes first and has that name, or a pattern that matches it; move this one before it`,
      );
  }
  return names;
}

const takes = ({ names, patterns }: AddressedHost, name: string): boolean =>
  names.has(name) || patterns.some((pattern) => matchesPattern(pattern, name));

function refuseSecondOwner({ section }: Server, owner: Server, diagnostics: Diagnostics): void {
  if (hasDirectives(section) && fingerprint(section) !== fingerprint(owner.section))
    diagnostics.addFault(
      section.line,
      `<VirtualHost> has a name of the one in line ${owner.section.line}, but other session settings; a context has no port, so keep only one of the two`,
    );
}

const addressesOf = ({ argument }: Section): string[] =>
  wordsOf(argument).words.map((word) =>
    word
      .toLowerCase()
      .replace(/^_default_/, '*')
      .replace(/:\*$/, ''),
  );

/** Reports whether a name fits a ServerAlias, in which `*` stands for any characters and `?` for one: httpd's
 *  ap_strcasecmp_match. Takes at most the product of both lengths. */
function matchesPattern(pattern: string, name: string): boolean {
  let at = 0;
  let star = -1;
  let retry = 0;
  for (let i = 0; i < name.length;) {
    if (pattern[at] === '*') [star, retry, at] = [at, i, at + 1];
    else if (pattern[at] === '?' || pattern[at] === name[i]) [at, i] = [at + 1, i + 1];
    else if (star >= 0) [at, i, retry] = [star + 1, retry + 1, retry + 1];
    else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}

/** Returns the session directives of a section as text, to compare two sections. It holds secrets, so it is never shown. */
const fingerprint = ({ name, argument, directives, sections }: Section): string =>
  JSON.stringify([
    name === 'virtualhost' ? '' : [name, argument],
    directives.filter(({ row }) => row?.key).map((one) => [one.name, one.args]),
    sections.filter(hasDirectives).map(fingerprint),
  ]);
