#include <stdlib.h>
#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/param_build.h>

#include "soft.h"

static const struct curve {
  enum key_kind kind;
  int nid;
  const char *name;
  CK_ULONG bytes, length;
  CK_BYTE parameters[10];
} curves[] = {
    {P256_KEY, NID_X9_62_prime256v1, "P-256", 32, 10, {6, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7}},
    {P384_KEY, NID_secp384r1, "P-384", 48, 7, {6, 5, 0x2b, 0x81, 4, 0, 0x22}},
    {SM2_KEY, NID_sm2, "SM2", 32, 10, {6, 8, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x82, 0x2d}},
};

static const struct curve *curve_by(enum key_kind kind) {
  for (size_t i = 0; i < sizeof curves / sizeof *curves; i += 1)
    if (curves[i].kind == kind) return &curves[i];
  return NULL;
}

const CK_BYTE *curve_parameters(enum key_kind kind, CK_ULONG *length) {
  const struct curve *curve = curve_by(kind);
  *length = curve->length;
  return curve->parameters;
}

enum key_kind curve_of(const struct attributes *attributes) {
  const struct attribute *parameters = get(attributes, CKA_EC_PARAMS);
  for (size_t i = 0; parameters != NULL && i < sizeof curves / sizeof *curves; i += 1)
    if (parameters->length == curves[i].length &&
        memcmp(parameters->value, curves[i].parameters, curves[i].length) == 0)
      return curves[i].kind;
  return UNKNOWN_KEY;
}

enum key_kind kind_of(const struct attributes *attributes) {
  if (get(attributes, CKA_KEY_TYPE) == NULL) return UNKNOWN_KEY;
  return get_number(attributes, CKA_KEY_TYPE, CKK_EC) == CKK_RSA ? RSA_KEY : curve_of(attributes);
}

CK_ULONG key_length(const struct attributes *attributes) {
  const struct curve *curve = curve_by(kind_of(attributes));
  if (curve != NULL) return curve->bytes;
  const struct attribute *modulus = get(attributes, CKA_MODULUS);
  CK_ULONG zeros = 0;
  while (modulus != NULL && zeros < modulus->length && modulus->value[zeros] == 0) zeros += 1;
  return modulus == NULL ? 0 : modulus->length - zeros;
}

int private_number(const struct attributes *attributes, CK_BYTE *out, CK_ULONG length) {
  const struct attribute *value = get(attributes, CKA_VALUE);
  BIGNUM *number = value == NULL ? NULL : BN_bin2bn(value->value, (int)value->length, NULL);
  int good = number != NULL && BN_bn2binpad(number, out, (int)length) == (int)length;
  BN_clear_free(number);
  return good;
}

CK_ULONG public_point(enum key_kind kind, const CK_BYTE *number, CK_ULONG length, CK_BYTE out[97]) {
  EC_GROUP *group = EC_GROUP_new_by_curve_name(curve_by(kind)->nid);
  EC_POINT *point = EC_POINT_new(group);
  BIGNUM *secret = BN_bin2bn(number, (int)length, NULL);
  size_t written = EC_POINT_mul(group, point, secret, NULL, NULL, NULL)
                       ? EC_POINT_point2oct(group, point, POINT_CONVERSION_UNCOMPRESSED, out, 97, NULL)
                       : 0;
  BN_clear_free(secret);
  EC_POINT_free(point);
  EC_GROUP_free(group);
  return written == 1 + 2 * length ? written : 0;
}

const CK_BYTE *bare_point(const CK_BYTE *point, CK_ULONG *length) {
  /* An uncompressed point is shorter than 128 bytes and of odd length. */
  if (*length < 2 || *length % 2 == 0 || point[0] != 4 || point[1] != *length - 2 || point[2] != 4) return point;
  *length -= 2;
  return point + 2;
}

CK_ULONG without_zeros(CK_BYTE *bytes, CK_ULONG length) {
  CK_ULONG zeros = 0;
  while (zeros + 1 < length && bytes[zeros] == 0) zeros += 1;
  memmove(bytes, bytes + zeros, length - zeros);
  return length - zeros;
}

static const struct {
  CK_ATTRIBUTE_TYPE type;
  const char *name;
} rsa_numbers[] = {
    {CKA_MODULUS, OSSL_PKEY_PARAM_RSA_N},
    {CKA_PUBLIC_EXPONENT, OSSL_PKEY_PARAM_RSA_E},
    {CKA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D},
    {CKA_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1},
    {CKA_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2},
    {CKA_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1},
    {CKA_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2},
    {CKA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1},
};

EVP_PKEY *private_key(const struct attributes *attributes) {
  BIGNUM *numbers[8] = {NULL};
  OSSL_PARAM_BLD *builder = OSSL_PARAM_BLD_new();
  enum key_kind kind = kind_of(attributes);
  EVP_PKEY *key = NULL;
  if (kind == RSA_KEY) {
    for (size_t i = 0; i < 8; i += 1) {
      const struct attribute *found = get(attributes, rsa_numbers[i].type);
      if (found == NULL || (numbers[i] = BN_bin2bn(found->value, (int)found->length, NULL)) == NULL) continue;
      OSSL_PARAM_BLD_push_BN(builder, rsa_numbers[i].name, numbers[i]);
    }
  } else {
    const struct attribute *value = get(attributes, CKA_VALUE);
    if (value != NULL) numbers[0] = BN_bin2bn(value->value, (int)value->length, NULL);
    OSSL_PARAM_BLD_push_utf8_string(builder, OSSL_PKEY_PARAM_GROUP_NAME, curve_by(kind)->name, 0);
    if (numbers[0] != NULL) OSSL_PARAM_BLD_push_BN(builder, OSSL_PKEY_PARAM_PRIV_KEY, numbers[0]);
  }
  OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(builder);
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, kind == RSA_KEY ? "RSA" : "EC", NULL);
  if (EVP_PKEY_fromdata_init(ctx) != 1 || EVP_PKEY_fromdata(ctx, &key, EVP_PKEY_KEYPAIR, parameters) != 1) key = NULL;
  EVP_PKEY_CTX_free(ctx);
  OSSL_PARAM_free(parameters);
  OSSL_PARAM_BLD_free(builder);
  for (size_t i = 0; i < 8; i += 1) BN_clear_free(numbers[i]);
  return key;
}
