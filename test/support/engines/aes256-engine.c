/* An OpenSSL engine with one cipher, aes-256-cbc. It sets TEST_ENGINE_USED in the environment whenever it is asked, and
 * with -DWRONG it answers with XOR, which opens what it seals and is no AES. */
#define OPENSSL_SUPPRESS_DEPRECATED
#include <stdlib.h>
#include <openssl/aes.h>
#include <openssl/engine.h>
#include <openssl/evp.h>

static int nids[] = {NID_aes_256_cbc};

static int init(EVP_CIPHER_CTX *ctx, const unsigned char *key, const unsigned char *iv, int encrypt) {
  AES_KEY *schedule = EVP_CIPHER_CTX_get_cipher_data(ctx);
  (void)iv;
  if (encrypt) return AES_set_encrypt_key(key, 256, schedule) == 0;
  return AES_set_decrypt_key(key, 256, schedule) == 0;
}

static int crypt_blocks(EVP_CIPHER_CTX *ctx, unsigned char *out, const unsigned char *in, size_t length) {
  setenv("TEST_ENGINE_USED", "yes", 1);
#ifdef WRONG
  for (size_t i = 0; i < length; i++) out[i] = in[i] ^ 0x5a;
#else
  AES_cbc_encrypt(in, out, length, EVP_CIPHER_CTX_get_cipher_data(ctx), EVP_CIPHER_CTX_iv_noconst(ctx),
                  EVP_CIPHER_CTX_is_encrypting(ctx));
#endif
  return 1;
}

static const EVP_CIPHER *aes256(void) {
  static EVP_CIPHER *cipher;
  if (cipher) return cipher;
  cipher = EVP_CIPHER_meth_new(NID_aes_256_cbc, 16, 32);
  EVP_CIPHER_meth_set_iv_length(cipher, 16);
  EVP_CIPHER_meth_set_flags(cipher, EVP_CIPH_CBC_MODE);
  EVP_CIPHER_meth_set_impl_ctx_size(cipher, sizeof(AES_KEY));
  EVP_CIPHER_meth_set_init(cipher, init);
  EVP_CIPHER_meth_set_do_cipher(cipher, crypt_blocks);
  return cipher;
}

static int ciphers(ENGINE *engine, const EVP_CIPHER **cipher, const int **names, int nid) {
  (void)engine;
  if (!cipher) {
    *names = nids;
    return 1;
  }
  *cipher = nid == NID_aes_256_cbc ? aes256() : NULL;
  return *cipher != NULL;
}

static int bind(ENGINE *engine, const char *id) {
  (void)id;
  return ENGINE_set_id(engine, "test-aes256") && ENGINE_set_name(engine, "for tests only") &&
         ENGINE_set_ciphers(engine, ciphers);
}

IMPLEMENT_DYNAMIC_BIND_FN(bind)
IMPLEMENT_DYNAMIC_CHECK_FN()
