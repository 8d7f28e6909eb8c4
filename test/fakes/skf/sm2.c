#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

#include "soft.h"

static const EC_GROUP *curve(void) {
  static EC_GROUP *group;
  if (group == NULL) group = EC_GROUP_new_by_curve_name(NID_sm2);
  return group;
}

static int write_point(const EC_POINT *point, BYTE out[64], BN_CTX *ctx) {
  BYTE bytes[65];
  if (EC_POINT_point2oct(curve(), point, POINT_CONVERSION_UNCOMPRESSED, bytes, 65, ctx) != 65) return 0;
  memcpy(out, bytes + 1, 64);
  return 1;
}

int sm2_generate(BYTE d[32]) {
  BIGNUM *limit = BN_dup(EC_GROUP_get0_order(curve())), *number = BN_new();
  /* 1 .. n - 2 */
  BN_sub_word(limit, 2);
  int good = BN_priv_rand_range(number, limit) && BN_add_word(number, 1) && BN_bn2binpad(number, d, 32) == 32;
  BN_free(limit);
  BN_free(number);
  return good;
}

int sm2_public(const BYTE d[32], BYTE point[64]) {
  BN_CTX *ctx = BN_CTX_new();
  BIGNUM *secret = BN_bin2bn(d, 32, NULL);
  EC_POINT *product = EC_POINT_new(curve());
  int good = EC_POINT_mul(curve(), product, secret, NULL, NULL, ctx) && write_point(product, point, ctx);
  EC_POINT_free(product);
  BN_clear_free(secret);
  BN_CTX_free(ctx);
  return good;
}

/* GB/T 32918.2, 6.1 from step A5 on: e is given. */
int sm2_sign(const BYTE d[32], const BYTE e[32], BYTE r[32], BYTE s[32]) {
  const BIGNUM *n = EC_GROUP_get0_order(curve());
  BN_CTX *ctx = BN_CTX_new();
  BIGNUM *secret = BN_bin2bn(d, 32, NULL), *digest = BN_bin2bn(e, 32, NULL), *x = BN_new();
  BIGNUM *inverse = BN_dup(secret), *number_r = BN_new(), *number_s = BN_new(), *k = NULL;
  BYTE nonce[32], point[64];
  int good = 0;
  BN_add_word(inverse, 1);
  if (BN_mod_inverse(inverse, inverse, n, ctx) == NULL) goto end;
  while (!good) {
    if (!sm2_generate(nonce) || !sm2_public(nonce, point)) goto end;
    k = BN_bin2bn(nonce, 32, k);
    BN_bin2bn(point, 32, x);
    BN_mod_add(number_r, digest, x, n, ctx);
    BN_add(x, number_r, k);
    if (BN_is_zero(number_r) || BN_cmp(x, n) == 0) continue;
    BN_mod_mul(number_s, number_r, secret, n, ctx);
    BN_mod_sub(number_s, k, number_s, n, ctx);
    BN_mod_mul(number_s, number_s, inverse, n, ctx);
    if (BN_is_zero(number_s)) continue;
    good = BN_bn2binpad(number_r, r, 32) == 32 && BN_bn2binpad(number_s, s, 32) == 32;
  }
end:
  BN_clear_free(secret);
  BN_clear_free(inverse);
  BN_clear_free(k);
  BN_free(digest);
  BN_free(x);
  BN_free(number_r);
  BN_free(number_s);
  BN_CTX_free(ctx);
  return good;
}

static int sm3(BYTE out[32], const BYTE *first, size_t first_length, const BYTE *second, size_t second_length,
               const BYTE *third, size_t third_length) {
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  int good = EVP_DigestInit_ex(ctx, EVP_sm3(), NULL) && EVP_DigestUpdate(ctx, first, first_length) &&
             EVP_DigestUpdate(ctx, second, second_length) && EVP_DigestUpdate(ctx, third, third_length) &&
             EVP_DigestFinal_ex(ctx, out, NULL);
  EVP_MD_CTX_free(ctx);
  return good;
}

/* GB/T 32918.4, 7.1. */
int sm2_decrypt(const BYTE d[32], const BYTE point[64], const BYTE hash[32], const BYTE *cipher, size_t length,
                BYTE *out) {
  BN_CTX *ctx = BN_CTX_new();
  BIGNUM *secret = BN_bin2bn(d, 32, NULL);
  EC_POINT *shared = EC_POINT_new(curve());
  BYTE bytes[65] = {4}, mask[32], check[32], xy[64];
  memcpy(bytes + 1, point, 64);
  /* EC_POINT_oct2point refuses points off the curve. */
  int good = EC_POINT_oct2point(curve(), shared, bytes, 65, ctx) &&
             EC_POINT_mul(curve(), shared, NULL, shared, secret, ctx) && write_point(shared, xy, ctx);
  for (size_t at = 0; good && at < length; at += 32) {
    ULONG count = (ULONG)(at / 32) + 1;
    BYTE counter[4] = {count >> 24, count >> 16, count >> 8, count};
    good = sm3(mask, xy, 64, counter, 4, NULL, 0);
    for (size_t i = 0; i < 32 && at + i < length; i += 1) out[at + i] = cipher[at + i] ^ mask[i];
  }
  good = good && sm3(check, xy, 32, out, length, xy + 32, 32) && memcmp(check, hash, 32) == 0;
  EC_POINT_free(shared);
  BN_clear_free(secret);
  BN_CTX_free(ctx);
  return good;
}

static int sm4(const EVP_CIPHER *mode, const BYTE key[16], const BYTE *iv, int encrypt, const BYTE *in, size_t length,
               BYTE *out) {
  EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
  int written = 0, rest = 0;
  int good = EVP_CipherInit_ex(ctx, mode, NULL, key, iv, encrypt) && EVP_CIPHER_CTX_set_padding(ctx, 0) &&
             EVP_CipherUpdate(ctx, out, &written, in, (int)length) && EVP_CipherFinal_ex(ctx, out + written, &rest);
  EVP_CIPHER_CTX_free(ctx);
  return good && written + rest == (int)length;
}

int sm4_block(const BYTE key[16], int encrypt, const BYTE in[16], BYTE out[16]) {
  return sm4(EVP_sm4_ecb(), key, NULL, encrypt, in, 16, out);
}

int sm4_cbc_decrypt(const BYTE key[16], const BYTE iv[16], const BYTE *in, size_t length, BYTE *out) {
  return sm4(EVP_sm4_cbc(), key, iv, 0, in, length, out);
}
