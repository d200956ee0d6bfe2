/** A certificate of this machine's own, made once for these tests by
 *
 *      openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj /CN=localhost
 *        -addext subjectAltName=DNS:localhost,IP:127.0.0.1
 */
export const LOOPBACK_CERTIFICATE = {
  key: `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgj41on2JdoY/hxO7d
BiZsLVCKvC1OJTb043n+QarYXKmhRANCAATvp5hVAYlkS+fdpULMAr+kZtBNgMIg
AFIldMJl08ZOocyqr1I2S9fHP38VPZTUC63vXer9bsZ7WzymzEYijShA
-----END PRIVATE KEY-----`,
  cert: `-----BEGIN CERTIFICATE-----
MIIBmjCCAUGgAwIBAgIUbQDK+uO0F/S7sJDRWZ9mdUPA+awwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMjA4MDQ0M1oYDzIxMjYxMDI5
MDgwNDQzWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATvp5hVAYlkS+fdpULMAr+kZtBNgMIgAFIldMJl08ZOocyqr1I2S9fH
P38VPZTUC63vXer9bsZ7WzymzEYijShAo28wbTAdBgNVHQ4EFgQUDo+ySkm3R2Mf
NWuU2bCoiuLgN0owHwYDVR0jBBgwFoAUDo+ySkm3R2MfNWuU2bCoiuLgN0owDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDRwAwRAIgW0cmU7cgmk4Lm4cIYIYblKfXai0FnGP0sKtSPqHVzIICIDW0
nYzfmQ3qXlO538eWg4+d3QBk6rb/EXUBx4407tra
-----END CERTIFICATE-----`,
};
