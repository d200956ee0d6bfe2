/** A name of a header or a cookie: a token of RFC 9110 §5.6.2, limited to 128 characters. */
export const HTTP_TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,128}$/;
