import type { SectionCheck } from '../php-session.js';
import { checkCacheLimiter } from './cache-limiter.js';
import { checkMalformed } from './malformed.js';
import { checkSerializers } from './serializers.js';
import { checkSidFromBytes, checkSidShape } from './session-ids.js';

/** How the cases of each section are run. A section that is not here is not offered yet: write its check in a file
 *  beside this one and put it in. */
export const SECTIONS: Readonly<Record<string, SectionCheck>> = {
  serializers: checkSerializers,
  malformed: checkMalformed,
  cache_limiter: checkCacheLimiter,
  sid_from_bytes: checkSidFromBytes,
  sid_shape: checkSidShape,
};
