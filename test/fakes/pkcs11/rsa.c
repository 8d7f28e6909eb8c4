#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "soft.h"

static const EVP_MD *hash_of(CK_MECHANISM_TYPE type) {
  switch (type) {
    case CKM_SHA_1: return EVP_sha1();
    case CKM_SHA256: return EVP_sha256();
    case CKM_SHA384: return EVP_sha384();
    case CKM_SHA512: return EVP_sha512();
    default: return NULL;
  }
}

static const EVP_MD *mask_hash_of(CK_ULONG mgf) {
  static const CK_MECHANISM_TYPE hashes[] = {0, CKM_SHA_1, CKM_SHA256, CKM_SHA384, CKM_SHA512};
  return mgf < 5 ? hash_of(hashes[mgf]) : NULL;
}

CK_RV check_rsa_parameter(const CK_MECHANISM *mechanism) {
  if (mechanism->mechanism == CKM_RSA_PKCS_PSS) {
    const CK_RSA_PKCS_PSS_PARAMS *pss = mechanism->pParameter;
    int good = mechanism->ulParameterLen == sizeof *pss && hash_of(pss->hashAlg) && mask_hash_of(pss->mgf);
    return good ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
  }
  if (mechanism->mechanism == CKM_RSA_PKCS_OAEP) {
    const CK_RSA_PKCS_OAEP_PARAMS *oaep = mechanism->pParameter;
    int good = mechanism->ulParameterLen == sizeof *oaep && hash_of(oaep->hashAlg) && mask_hash_of(oaep->mgf);
    /* Without a label. */
    return good && oaep->ulSourceDataLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
  }
  return mechanism->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

static int prepare_pss(EVP_PKEY_CTX *ctx, const struct operation *operation, CK_ULONG in_length, CK_RV *code) {
  CK_RSA_PKCS_PSS_PARAMS pss;
  memcpy(&pss, operation->parameter, sizeof pss);
  const EVP_MD *hash = hash_of(pss.hashAlg);
  if ((CK_ULONG)EVP_MD_get_size(hash) != in_length) {
    *code = CKR_DATA_LEN_RANGE;
    return 0;
  }
  return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 && EVP_PKEY_CTX_set_signature_md(ctx, hash) > 0 &&
         EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, mask_hash_of(pss.mgf)) > 0 &&
         EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, (int)pss.sLen) > 0;
}

CK_RV sign_rsa(const struct object *object, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
               CK_BYTE *out, CK_ULONG *out_length) {
  CK_ULONG modulus = key_length(&object->attributes);
  CK_RV code = CKR_FUNCTION_FAILED;
  size_t length = modulus;
  EVP_PKEY *key = private_key(&object->attributes);
  EVP_PKEY_CTX *ctx = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
  int good = ctx != NULL && EVP_PKEY_sign_init(ctx) > 0;
  if (operation->mechanism == CKM_RSA_PKCS_PSS)
    good = good && prepare_pss(ctx, operation, in_length, &code);
  else if (operation->mechanism == CKM_RSA_PKCS)
    good = good && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0;
  else
    good = good && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0;
  if (operation->mechanism == CKM_RSA_PKCS && in_length + 11 > modulus) code = CKR_DATA_LEN_RANGE, good = 0;
  if (operation->mechanism == CKM_RSA_X_509 && in_length != modulus) code = CKR_DATA_LEN_RANGE, good = 0;
  if (good && EVP_PKEY_sign(ctx, out, &length, in, in_length) > 0) code = CKR_OK;
  EVP_PKEY_CTX_free(ctx);
  EVP_PKEY_free(key);
  *out_length = code == CKR_OK && quirk("strip-zeros") ? without_zeros(out, length) : length;
  return code;
}

/* EME-PKCS1-v1_5: answers the length, or -1. */
static long unpad(CK_BYTE *block, CK_ULONG length) {
  CK_ULONG at = 2;
  if (length < 11 || block[0] != 0 || block[1] != 2) return -1;
  while (at < length && block[at] != 0) at += 1;
  if (at < 10 || at == length) return -1;
  memmove(block, block + at + 1, length - at - 1);
  return (long)(length - at - 1);
}

CK_RV decrypt_rsa(const struct object *object, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
                  CK_BYTE *out, CK_ULONG *out_length) {
  CK_RV code = CKR_FUNCTION_FAILED;
  size_t length = 1024;
  if (in_length != key_length(&object->attributes)) return CKR_ENCRYPTED_DATA_LEN_RANGE;
  EVP_PKEY *key = private_key(&object->attributes);
  EVP_PKEY_CTX *ctx = key == NULL ? NULL : EVP_PKEY_CTX_new(key, NULL);
  int good = ctx != NULL && EVP_PKEY_decrypt_init(ctx) > 0;
  if (operation->mechanism == CKM_RSA_PKCS_OAEP) {
    CK_RSA_PKCS_OAEP_PARAMS oaep;
    memcpy(&oaep, operation->parameter, sizeof oaep);
    good = good && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) > 0 &&
           EVP_PKEY_CTX_set_rsa_oaep_md(ctx, hash_of(oaep.hashAlg)) > 0 &&
           EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, mask_hash_of(oaep.mgf)) > 0;
  } else {
    good = good && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0;
  }
  if (good) code = EVP_PKEY_decrypt(ctx, out, &length, in, in_length) > 0 ? CKR_OK : CKR_ENCRYPTED_DATA_INVALID;
  EVP_PKEY_CTX_free(ctx);
  EVP_PKEY_free(key);
  if (code != CKR_OK) return code;
  if (operation->mechanism == CKM_RSA_PKCS) {
    long unpadded = unpad(out, length);
    if (unpadded < 0) return CKR_ENCRYPTED_DATA_INVALID;
    length = (size_t)unpadded;
  }
  *out_length = operation->mechanism == CKM_RSA_X_509 && quirk("strip-zeros") ? without_zeros(out, length) : length;
  return CKR_OK;
}
