import type { INestApplication } from '@nestjs/common';

/** What the application sets besides its modules: the security headers of every answer.
 *
 *  A browser under `no-referrer`, Nest's default, sends `Origin: null` with a form, and the guard against cross-site
 *  requests would be left with Sec-Fetch-Site alone. HSTS would bind the whole of localhost to https for a year. */
export function setUp(app: INestApplication): INestApplication {
  return app.useSecurityHeaders({
    contentSecurityPolicy: { useDefaults: false, directives: SOURCES },
    referrerPolicy: { policy: 'same-origin' },
    strictTransportSecurity: false,
    xFrameOptions: { action: 'deny' },
  });
}

const SOURCES = {
  defaultSrc: "'none'",
  styleSrc: "'self'",
  imgSrc: "'self'",
  formAction: "'self'",
  baseUri: "'none'",
  frameAncestors: "'none'",
};
