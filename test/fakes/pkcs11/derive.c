#include <string.h>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>
#include <openssl/rand.h>

#include "soft.h"

/* The x of the shared point; 0 where the other's is not on the curve. */
static int agree(const struct object *base, const CK_BYTE *point, CK_ULONG point_length, CK_BYTE *out,
                 CK_ULONG length) {
  int nid = kind_of(&base->attributes) == P384_KEY ? NID_secp384r1 : NID_X9_62_prime256v1;
  CK_BYTE number[48];
  EC_GROUP *group = EC_GROUP_new_by_curve_name(nid);
  EC_POINT *shared = EC_POINT_new(group);
  BIGNUM *secret = NULL, *x = BN_new();
  int good = private_number(&base->attributes, number, length) &&
             (secret = BN_bin2bn(number, (int)length, NULL)) != NULL &&
             EC_POINT_oct2point(group, shared, point, point_length, NULL) == 1 &&
             EC_POINT_mul(group, shared, NULL, shared, secret, NULL) == 1 &&
             EC_POINT_get_affine_coordinates(group, shared, x, NULL, NULL) == 1 &&
             BN_bn2binpad(x, out, (int)length) == (int)length;
  BN_clear_free(secret);
  BN_clear_free(x);
  EC_POINT_free(shared);
  EC_GROUP_free(group);
  return good;
}

CK_RV do_DeriveKey(struct session *session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE base_handle, CK_ATTRIBUTE *list,
                   CK_ULONG count, CK_OBJECT_HANDLE *handle) {
  struct attributes secret = {NULL, 0};
  CK_BYTE value[48];
  const struct object *base = find_object(session, base_handle);
  if (mechanism == NULL || handle == NULL) return CKR_ARGUMENTS_BAD;
  if (base == NULL || get_number(&base->attributes, CKA_CLASS, CKO_DATA) != CKO_PRIVATE_KEY)
    return CKR_KEY_HANDLE_INVALID;
  CK_RV code = check_mechanism(mechanism, CKF_DERIVE, kind_of(&base->attributes));
  if (code != CKR_OK) return code;
  if (!get_flag(&base->attributes, CKA_DERIVE, 0)) return CKR_KEY_FUNCTION_NOT_PERMITTED;
  const CK_ECDH1_DERIVE_PARAMS *ecdh = mechanism->pParameter;
  if (mechanism->ulParameterLen != sizeof *ecdh || ecdh->kdf != CKD_NULL || ecdh->ulSharedDataLen != 0 ||
      ecdh->pPublicData == NULL)
    return CKR_MECHANISM_PARAM_INVALID;
  CK_ULONG length = key_length(&base->attributes), point_length = ecdh->ulPublicDataLen;
  const CK_BYTE *point = bare_point(ecdh->pPublicData, &point_length);
  if (!agree(base, point, point_length, value, length)) return CKR_MECHANISM_PARAM_INVALID;
  if (quirk("strip-zeros")) length = without_zeros(value, length);
  if (has_fault("derive", "garbage")) RAND_bytes(value, (int)length);
  code = copy_template(&secret, list, count);
  CK_ULONG wanted = get_number(&secret, CKA_VALUE_LEN, length);
  if (code == CKR_OK && get(&secret, CKA_VALUE) != NULL) code = CKR_TEMPLATE_INCONSISTENT;
  if (code == CKR_OK && (wanted == 0 || wanted > length)) code = CKR_ATTRIBUTE_VALUE_INVALID;
  if (code != CKR_OK) {
    clear_attributes(&secret);
    return code;
  }
  set_number(&secret, CKA_CLASS, CKO_SECRET_KEY);
  set_number_default(&secret, CKA_KEY_TYPE, CKK_GENERIC_SECRET);
  set_flag_default(&secret, CKA_TOKEN, 0);
  set_flag_default(&secret, CKA_PRIVATE, 1);
  set_flag_default(&secret, CKA_SENSITIVE, 0);
  set_flag_default(&secret, CKA_EXTRACTABLE, 1);
  set_flag(&secret, CKA_LOCAL, 0);
  /* A shorter secret is what is left after leading bytes are cut off (PKCS #11 current mechanisms, 2.3.5). */
  set(&secret, CKA_VALUE, value + length - wanted, wanted);
  set_number(&secret, CKA_VALUE_LEN, wanted);
  return add_object(session, &secret, handle);
}
