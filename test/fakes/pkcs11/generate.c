#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "soft.h"

struct pair {
  struct attributes public, private;
};

void set_public_point(struct attributes *attributes, const CK_BYTE *point, CK_ULONG length) {
  CK_BYTE wrapped[99] = {4, (CK_BYTE)length};
  memcpy(wrapped + 2, point, length);
  set(attributes, CKA_EC_POINT, wrapped, length + 2);
}

void set_use_defaults(struct attributes *key, enum key_kind kind) {
  set_flag_default(key, CKA_SIGN, 1);
  set_flag_default(key, CKA_DECRYPT, kind == RSA_KEY || kind == SM2_KEY);
  set_flag_default(key, CKA_DERIVE, kind == P256_KEY || kind == P384_KEY);
}

static int copy_number(EVP_PKEY *key, const char *name, struct attributes *out, CK_ATTRIBUTE_TYPE type) {
  CK_BYTE bytes[512];
  BIGNUM *number = NULL;
  int good = EVP_PKEY_get_bn_param(key, name, &number) == 1;
  if (good) set(out, type, bytes, (CK_ULONG)BN_bn2bin(number, bytes));
  BN_clear_free(number);
  return good;
}

static CK_RV generate_rsa(struct pair *pair) {
  static const struct {
    CK_ATTRIBUTE_TYPE type;
    const char *name;
  } secrets[] = {{CKA_PRIVATE_EXPONENT, OSSL_PKEY_PARAM_RSA_D},  {CKA_PRIME_1, OSSL_PKEY_PARAM_RSA_FACTOR1},
                 {CKA_PRIME_2, OSSL_PKEY_PARAM_RSA_FACTOR2},     {CKA_EXPONENT_1, OSSL_PKEY_PARAM_RSA_EXPONENT1},
                 {CKA_EXPONENT_2, OSSL_PKEY_PARAM_RSA_EXPONENT2}, {CKA_COEFFICIENT, OSSL_PKEY_PARAM_RSA_COEFFICIENT1}};
  CK_ULONG bits = get_number(&pair->public, CKA_MODULUS_BITS, 0);
  if (bits == 0) return CKR_TEMPLATE_INCOMPLETE;
  if (bits < 2048 || bits > 4096) return CKR_ATTRIBUTE_VALUE_INVALID;
  EVP_PKEY *key = EVP_RSA_gen(bits);
  int good = key != NULL && copy_number(key, OSSL_PKEY_PARAM_RSA_N, &pair->public, CKA_MODULUS) &&
             copy_number(key, OSSL_PKEY_PARAM_RSA_E, &pair->public, CKA_PUBLIC_EXPONENT) &&
             copy_number(key, OSSL_PKEY_PARAM_RSA_N, &pair->private, CKA_MODULUS) &&
             copy_number(key, OSSL_PKEY_PARAM_RSA_E, &pair->private, CKA_PUBLIC_EXPONENT);
  for (size_t i = 0; i < sizeof secrets / sizeof *secrets; i += 1)
    good = good && copy_number(key, secrets[i].name, &pair->private, secrets[i].type);
  EVP_PKEY_free(key);
  return good ? CKR_OK : CKR_FUNCTION_FAILED;
}

static CK_RV generate_ec(struct pair *pair, enum key_kind kind) {
  CK_BYTE number[48], point[97];
  CK_ULONG length = kind == P384_KEY ? 48 : 32, parameters_length;
  int good;
  if (kind == SM2_KEY) {
    good = sm2_generate(number);
  } else {
    EVP_PKEY *key = EVP_EC_gen(kind == P384_KEY ? "P-384" : "P-256");
    BIGNUM *secret = NULL;
    good = key != NULL && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_PRIV_KEY, &secret) == 1 &&
           BN_bn2binpad(secret, number, (int)length) == (int)length;
    BN_clear_free(secret);
    EVP_PKEY_free(key);
  }
  CK_ULONG point_length = good ? public_point(kind, number, length, point) : 0;
  if (point_length == 0) return CKR_FUNCTION_FAILED;
  const CK_BYTE *parameters = curve_parameters(kind, &parameters_length);
  set(&pair->public, CKA_EC_PARAMS, parameters, parameters_length);
  set(&pair->private, CKA_EC_PARAMS, parameters, parameters_length);
  set(&pair->private, CKA_VALUE, number, length);
  set_public_point(&pair->public, point, point_length);
  set_public_point(&pair->private, point, point_length);
  return CKR_OK;
}

/* What the mechanism makes; an SM2 key may be asked for without its curve. */
static CK_RV kind_to_make(CK_MECHANISM_TYPE mechanism, const struct attributes *public, enum key_kind *kind) {
  enum key_kind named = curve_of(public);
  if (mechanism == CKM_RSA_PKCS_KEY_PAIR_GEN) *kind = RSA_KEY;
  else if (mechanism == CKM_EC_KEY_PAIR_GEN) *kind = named;
  else if (mechanism == sm2_numbers()->generate && mechanism != 0) *kind = SM2_KEY;
  else return CKR_MECHANISM_INVALID;
  if (mechanism == CKM_EC_KEY_PAIR_GEN && get(public, CKA_EC_PARAMS) == NULL) return CKR_TEMPLATE_INCOMPLETE;
  if (mechanism == CKM_EC_KEY_PAIR_GEN && named != P256_KEY && named != P384_KEY) return CKR_DOMAIN_PARAMS_INVALID;
  if (*kind == SM2_KEY && get(public, CKA_EC_PARAMS) != NULL && quirk("no-ec-params")) return CKR_TEMPLATE_INCONSISTENT;
  if (*kind == SM2_KEY && get(public, CKA_EC_PARAMS) != NULL && named != SM2_KEY) return CKR_DOMAIN_PARAMS_INVALID;
  return CKR_OK;
}

static CK_RV complete(struct attributes *key, CK_OBJECT_CLASS class, CK_KEY_TYPE type, enum key_kind kind) {
  if (get_number(key, CKA_CLASS, class) != class || get_number(key, CKA_KEY_TYPE, type) != type)
    return CKR_TEMPLATE_INCONSISTENT;
  set_number(key, CKA_CLASS, class);
  set_number(key, CKA_KEY_TYPE, type);
  set_flag_default(key, CKA_TOKEN, 0);
  set_flag_default(key, CKA_PRIVATE, class == CKO_PRIVATE_KEY);
  set_flag(key, CKA_LOCAL, 1);
  if (class == CKO_PUBLIC_KEY) return CKR_OK;
  set_flag_default(key, CKA_SENSITIVE, 1);
  set_flag_default(key, CKA_EXTRACTABLE, 0);
  set_flag(key, CKA_ALWAYS_SENSITIVE, get_flag(key, CKA_SENSITIVE, 1));
  set_flag(key, CKA_NEVER_EXTRACTABLE, !get_flag(key, CKA_EXTRACTABLE, 0));
  set_flag_default(key, CKA_ALWAYS_AUTHENTICATE, 0);
  set_use_defaults(key, kind);
  return CKR_OK;
}

static CK_RV make_pair(struct pair *pair, CK_MECHANISM_TYPE mechanism) {
  enum key_kind kind = UNKNOWN_KEY;
  CK_RV code = kind_to_make(mechanism, &pair->public, &kind);
  CK_KEY_TYPE type = kind == RSA_KEY ? CKK_RSA : kind == SM2_KEY ? sm2_numbers()->key_type : CKK_EC;
  if (code == CKR_OK) code = complete(&pair->public, CKO_PUBLIC_KEY, type, kind);
  if (code == CKR_OK) code = complete(&pair->private, CKO_PRIVATE_KEY, type, kind);
  if (code != CKR_OK) return code;
  return kind == RSA_KEY ? generate_rsa(pair) : generate_ec(pair, kind);
}

CK_RV do_GenerateKeyPair(struct session *session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *list, CK_ULONG count,
                         CK_ATTRIBUTE *own_list, CK_ULONG own_count, CK_OBJECT_HANDLE *public_key,
                         CK_OBJECT_HANDLE *private_key) {
  struct pair pair = {{NULL, 0}, {NULL, 0}};
  if (mechanism == NULL || public_key == NULL || private_key == NULL) return CKR_ARGUMENTS_BAD;
  if (session->token->login != USER) return CKR_USER_NOT_LOGGED_IN;
  CK_RV code = copy_template(&pair.public, list, count);
  if (code == CKR_OK) code = copy_template(&pair.private, own_list, own_count);
  if (code == CKR_OK) code = make_pair(&pair, mechanism->mechanism);
  if (code == CKR_OK) code = add_object(session, &pair.public, public_key);
  if (code == CKR_OK) code = add_object(session, &pair.private, private_key);
  clear_attributes(&pair.public);
  clear_attributes(&pair.private);
  return code;
}
