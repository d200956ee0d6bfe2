/** AuthName, which begins the keys that mod_auth_form keeps in the session. */
export const REALM = 'my realm';

/** AuthFormSitePassphrase of everything below `/site`. */
export const SITE = 'the passphrase of the site';

export const FORM_MODULES = ['authn_core', 'authn_file', 'authz_user', 'auth_form', 'request'] as const;

const FORM = `
AuthType Form
AuthName "${REALM}"
AuthFormProvider file
AuthUserFile users
`;

/** `/login` takes the form, `/private` needs a user, `/logout` ends it; `/site/login` and `/site` are the same with
 *  a passphrase of the site. Sessions are configured by whoever uses this. */
export const formConfig = `
<Location /private>
${FORM}
Require valid-user
</Location>
<Location /login>
SetHandler form-login-handler
${FORM}
AuthFormLoginSuccessLocation "/private/echo"
Require all granted
</Location>
<Location /logout>
SetHandler form-logout-handler
${FORM}
Require all granted
</Location>
<Location /site>
${FORM}
AuthFormSitePassphrase "${SITE}"
Require valid-user
</Location>
<Location /site/login>
SetHandler form-login-handler
AuthFormLoginSuccessLocation "/site/echo"
Require all granted
</Location>
`;
