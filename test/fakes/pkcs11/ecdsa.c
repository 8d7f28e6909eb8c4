#include <string.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>

#include "soft.h"

/* OpenSSL answers DER. */
static int sign_once(EVP_PKEY *key, const CK_BYTE *in, CK_ULONG in_length, CK_BYTE *rs, CK_ULONG half) {
  CK_BYTE der[160];
  const CK_BYTE *at = der;
  size_t length = sizeof der;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(key, NULL);
  int good = EVP_PKEY_sign_init(ctx) > 0 && EVP_PKEY_sign(ctx, der, &length, in, in_length) > 0;
  ECDSA_SIG *signature = good ? d2i_ECDSA_SIG(NULL, &at, (long)length) : NULL;
  good = signature != NULL && BN_bn2binpad(ECDSA_SIG_get0_r(signature), rs, (int)half) > 0 &&
         BN_bn2binpad(ECDSA_SIG_get0_s(signature), rs + half, (int)half) > 0;
  ECDSA_SIG_free(signature);
  EVP_PKEY_CTX_free(ctx);
  return good;
}

CK_RV sign_ecdsa(const struct object *object, const CK_BYTE *in, CK_ULONG in_length, CK_BYTE *out,
                 CK_ULONG *out_length) {
  CK_BYTE rs[96];
  CK_ULONG half = key_length(&object->attributes);
  if (in_length == 0 || in_length > 64) return CKR_DATA_LEN_RANGE;
  EVP_PKEY *key = private_key(&object->attributes);
  int good = key != NULL;
  do good = good && sign_once(key, in, in_length, rs, half);
  while (good && quirk("strip-zeros") && !has_leading_zero(rs, half));
  EVP_PKEY_free(key);
  if (!good) return CKR_FUNCTION_FAILED;
  *out_length = raw_signature(rs, half, out);
  return CKR_OK;
}
