import type { SectionCheck } from '../php-session.js';
import { checkAutoStart } from './auto-start.js';
import { checkBehaviour } from './behaviour.js';
import { checkCacheLimiter } from './cache-limiter.js';
import { checkIdSources } from './id-sources.js';
import { checkIncomingId } from './incoming-id.js';
import { checkLocking } from './locking.js';
import { checkMalformed } from './malformed.js';
import { checkRefererCheck } from './referer-check.js';
import { checkSerializers } from './serializers.js';
import { checkSetCookie } from './set-cookie.js';
import { checkSidFromBytes, checkSidShape } from './session-ids.js';
import { checkSidSettingRange } from './sid-settings.js';
import { checkTransSid } from './trans-sid.js';

/** The checks of the sections. A section without a check is not offered yet. To add one, write its check in a file of this
 *  folder and list it here. */
export const SECTIONS: Readonly<Record<string, SectionCheck>> = {
  serializers: checkSerializers,
  malformed: checkMalformed,
  cache_limiter: checkCacheLimiter,
  set_cookie: checkSetCookie,
  sid_from_bytes: checkSidFromBytes,
  sid_shape: checkSidShape,
  sid_setting_range: checkSidSettingRange,
  incoming_id: checkIncomingId,
  id_sources: checkIdSources,
  auto_start: checkAutoStart,
  referer_check: checkRefererCheck,
  trans_sid: checkTransSid,
  behaviour: checkBehaviour,
  locking: checkLocking,
};
