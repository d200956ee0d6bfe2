import type { INestApplication } from '@nestjs/common';

/** Sets the security headers of every response.
 *
 *  Under Nest's default referrer policy, `no-referrer`, browsers send `Origin: null` with a form, and SessionCsrfGuard
 *  could not compare it. HSTS is off, since it would bind every other server on localhost to https for a year. */
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
