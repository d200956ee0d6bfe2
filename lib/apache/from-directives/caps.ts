import { MAX_COOKIE_LIFETIME } from '../../http/cookie-syntax.js';
import { TEN_YEARS } from '../../options/limits.js';
import { nameOf } from '../directives/directive-names.js';
import type { Diagnostics } from '../directives/diagnostics.js';
import type { DirectiveModel, EffectiveConfig } from '../directives/model.interface.js';
import { cookieSettingOf } from '../directives/store-kind.js';
import { lifetimeOf } from './cookie-and-clocks.js';

/** Adds a finding for each duration that httpd takes and that is cut here. */
export function reportCaps({ server, contexts }: DirectiveModel, diagnostics: Diagnostics): void {
  for (const config of [server, ...contexts.map((one) => one.config)]) {
    const { maxAge, lines } = config;
    if (maxAge > TEN_YEARS)
      diagnostics.addFinding(
        lines.maxAge!,
        `SessionMaxAge is ${maxAge}; the longest idle timeout here is ${TEN_YEARS} seconds (ten years), which is used`,
      );
    if (lifetimeOf(config) > MAX_COOKIE_LIFETIME) reportLifetime(config, diagnostics);
  }
}

function reportLifetime(config: EffectiveConfig, diagnostics: Diagnostics): void {
  const setting = cookieSettingOf(config);
  const key = (['cookie', 'dbdCookie'] as const).find((one) => setting && config[one] === setting);
  if (!setting || !key) return;
  const ofSession = setting.attributes.maxAge === undefined;
  diagnostics.addFinding(
    ofSession ? config.lines.maxAge! : setting.line,
    `${ofSession ? 'SessionMaxAge' : nameOf(key)}: browsers keep a cookie for at most 400 days, so its lifetime here is ${MAX_COOKIE_LIFETIME} seconds and not ${lifetimeOf(config)}`,
  );
}
