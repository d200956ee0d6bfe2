import { domainToASCII } from 'node:url';
import { isHostPattern } from '../../options/context-place.js';
import { quoted, type Diagnostics } from '../directives/diagnostics.js';
import type { DirectiveContext } from '../directives/model.interface.js';

/** Adds a fault for each host name that a context cannot match, at the line of its ServerName or ServerAlias. */
export function checkHosts({ hosts, hostLines }: DirectiveContext, diagnostics: Diagnostics): void {
  hosts.forEach((host, i) => {
    if (!isHostPattern(host))
      diagnostics.addFault(hostLines[i]!, `the host name ${quoted(host)} ${hostFault(host)}`);
  });
}

function hostFault(host: string): string {
  if (host.includes('${')) return 'is not complete; give the value of its ${…} in the option defines or env';
  if (/[*?]/.test(host.replace(/^\*\./, '')))
    return 'is a pattern; allowed is a name, or "*." and a name; write other contexts by hand';
  const ascii = domainToASCII(host);
  if (isHostPattern(ascii) && ascii !== host)
    return `has letters that no request can send; write ${quoted(ascii)}`;
  return 'is no host name; allowed are letters, digits, hyphens and dots, or "*." and a name';
}
