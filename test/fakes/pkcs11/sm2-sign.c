#include <string.h>

#include <openssl/evp.h>

#include "soft.h"

#define DEFAULT_ID "1234567812345678"

static enum sm2_input input_of(CK_MECHANISM_TYPE mechanism) {
  return quirk("sm2-message") || quirk("sm2-id") || quirk("sm2-z") ? SM2_MESSAGE : sm2_sign_number(mechanism)->input;
}

/* With a message comes the signer's id, if the quirks do not want Z or want one at all. */
CK_RV check_sm2_parameter(const CK_MECHANISM *mechanism) {
  CK_ULONG length = mechanism->ulParameterLen;
  if (input_of(mechanism->mechanism) == SM2_E) return length == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
  if (quirk("sm2-z")) return length == 32 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
  if (quirk("sm2-id") && length == 0) return CKR_MECHANISM_PARAM_INVALID;
  return length < 8192 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}

/* GB/T 32918.2, 5.5: Z over the length of the id in bits, the id, the curve, and the public key. */
static int digest_identity(EVP_MD_CTX *ctx, const struct object *key, const CK_BYTE *id, CK_ULONG length,
                           CK_BYTE z[32]) {
  static const CK_BYTE curve[128] = {
      0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, /* a */
      0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
      0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7, /* b */
      0xf3, 0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
      0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94, /* x of G */
      0x8f, 0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
      0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53, /* y of G */
      0xd0, 0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0};
  CK_BYTE bits[2] = {(CK_BYTE)(length * 8 >> 8), (CK_BYTE)(length * 8)}, number[32], point[64];
  return private_number(&key->attributes, number, 32) && sm2_public(number, point) &&
         EVP_DigestInit_ex(ctx, EVP_sm3(), NULL) && EVP_DigestUpdate(ctx, bits, 2) &&
         EVP_DigestUpdate(ctx, id, length) &&
         EVP_DigestUpdate(ctx, curve, sizeof curve) && EVP_DigestUpdate(ctx, point, 64) &&
         EVP_DigestFinal_ex(ctx, z, NULL);
}

static int digest_message(const struct object *key, const struct operation *operation, const CK_BYTE *in,
                          CK_ULONG in_length, CK_BYTE e[32]) {
  EVP_MD_CTX *ctx = EVP_MD_CTX_new();
  CK_BYTE z[32];
  int good = 1;
  if (quirk("sm2-z"))
    memcpy(z, operation->parameter, 32);
  else if (operation->parameter_length > 0)
    good = digest_identity(ctx, key, operation->parameter, operation->parameter_length, z);
  else
    good = digest_identity(ctx, key, (const CK_BYTE *)DEFAULT_ID, strlen(DEFAULT_ID), z);
  good = good && EVP_DigestInit_ex(ctx, EVP_sm3(), NULL) && EVP_DigestUpdate(ctx, z, 32) &&
         EVP_DigestUpdate(ctx, in, in_length) && EVP_DigestFinal_ex(ctx, e, NULL);
  EVP_MD_CTX_free(ctx);
  return good;
}

CK_RV sign_sm2(const struct object *key, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
               CK_BYTE *out, CK_ULONG *out_length) {
  const struct sm2_sign_number *number = sm2_sign_number(operation->mechanism);
  CK_BYTE d[32], e[32], rs[64];
  if (number == NULL) return CKR_MECHANISM_INVALID;
  if (input_of(operation->mechanism) == SM2_MESSAGE) {
    if (!digest_message(key, operation, in, in_length, e)) return CKR_FUNCTION_FAILED;
  } else {
    if (in_length != 32) return CKR_DATA_LEN_RANGE;
    memcpy(e, in, 32);
  }
  if (!private_number(&key->attributes, d, 32)) return CKR_FUNCTION_FAILED;
  do
    if (!sm2_sign(d, e, rs, rs + 32)) return CKR_FUNCTION_FAILED;
  while (quirk("strip-zeros") && !has_leading_zero(rs, 32));
  int as_der = quirk("sm2-der") || (number->form == SM2_DER && !quirk("sm2-raw"));
  *out_length = as_der ? der_signature(rs, 32, out) : raw_signature(rs, 32, out);
  return CKR_OK;
}
