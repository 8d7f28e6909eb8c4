#include <stdlib.h>
#include <string.h>

#include <openssl/rand.h>

#include "soft.h"

#define OUTPUT_LIMIT 1024

static CK_RV begin(struct session *session, enum operation_kind wanted, const CK_MECHANISM *mechanism,
                   CK_OBJECT_HANDLE handle) {
  struct operation *operation = &session->operation;
  CK_FLAGS use = wanted == SIGN ? CKF_SIGN : CKF_DECRYPT;
  if (operation->kind != NOTHING_ACTIVE) return CKR_OPERATION_ACTIVE;
  if (mechanism == NULL) return CKR_ARGUMENTS_BAD;
  const struct object *key = find_object(session, handle);
  if (key == NULL || get_number(&key->attributes, CKA_CLASS, CKO_DATA) != CKO_PRIVATE_KEY)
    return CKR_KEY_HANDLE_INVALID;
  CK_RV code = check_mechanism(mechanism, use, kind_of(&key->attributes));
  if (code != CKR_OK) return code;
  if (mechanism->ulParameterLen > sizeof operation->parameter) return CKR_MECHANISM_PARAM_INVALID;
  if (!get_flag(&key->attributes, wanted == SIGN ? CKA_SIGN : CKA_DECRYPT, 0)) return CKR_KEY_FUNCTION_NOT_PERMITTED;
  operation->kind = wanted;
  operation->mechanism = mechanism->mechanism;
  operation->key = handle;
  operation->authenticated = 0;
  operation->parameter_length = mechanism->ulParameterLen;
  if (mechanism->ulParameterLen > 0) memcpy(operation->parameter, mechanism->pParameter, mechanism->ulParameterLen);
  return CKR_OK;
}

/* The key of the operation; it may be gone, and it may want the PIN for each use. */
static CK_RV key_of(struct session *session, enum operation_kind wanted, struct object **key) {
  const struct operation *operation = &session->operation;
  if (operation->kind != wanted) return CKR_OPERATION_NOT_INITIALIZED;
  *key = find_object(session, operation->key);
  if (*key == NULL) return CKR_KEY_HANDLE_INVALID;
  int always = get_flag(&(*key)->attributes, CKA_ALWAYS_AUTHENTICATE, 0) || quirk("always-authenticate");
  return always && !operation->authenticated ? CKR_USER_NOT_LOGGED_IN : CKR_OK;
}

/* A question for the length and a buffer that is too small leave the operation as it is; all else ends it. */
static CK_RV finish(struct session *session, CK_RV code, const CK_BYTE *out) {
  if (code != CKR_BUFFER_TOO_SMALL && (code != CKR_OK || out != NULL)) end_operation(session);
  return code;
}

CK_RV do_SignInit(struct session *session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
  return begin(session, SIGN, mechanism, key);
}

CK_RV do_DecryptInit(struct session *session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key) {
  return begin(session, DECRYPT, mechanism, key);
}

/* Longest signature: the modulus, r and s, or the DER of both. */
static CK_ULONG signature_limit(const struct object *key) {
  CK_ULONG length = key_length(&key->attributes);
  return kind_of(&key->attributes) == RSA_KEY ? length : 2 * length + 8;
}

CK_RV do_Sign(struct session *session, CK_BYTE *in, CK_ULONG in_length, CK_BYTE *out, CK_ULONG *out_length) {
  struct operation *operation = &session->operation;
  struct object *key;
  CK_BYTE signature[OUTPUT_LIMIT];
  CK_ULONG length = 0;
  CK_RV code = key_of(session, SIGN, &key);
  if (code == CKR_OPERATION_NOT_INITIALIZED) return code;
  if (code == CKR_OK && ((in == NULL && in_length > 0) || out_length == NULL)) code = CKR_ARGUMENTS_BAD;
  const char *most = quirk_value("max-input");
  if (code == CKR_OK && most != NULL && in_length > strtoul(most, NULL, 10)) code = CKR_DATA_LEN_RANGE;
  if (code == CKR_OK && out == NULL && !has_fault("sign", "long")) {
    *out_length = signature_limit(key);
    return code;
  }
  if (code == CKR_OK) switch (kind_of(&key->attributes)) {
      case RSA_KEY: code = sign_rsa(key, operation, in, in_length, signature, &length); break;
      case SM2_KEY: code = sign_sm2(key, operation, in, in_length, signature, &length); break;
      default: code = sign_ecdsa(key, in, in_length, signature, &length);
    }
  if (code == CKR_OK) code = answer("sign", signature, length, out, out_length);
  return finish(session, code, out);
}

CK_RV do_Decrypt(struct session *session, CK_BYTE *in, CK_ULONG in_length, CK_BYTE *out, CK_ULONG *out_length) {
  struct operation *operation = &session->operation;
  struct object *key;
  CK_BYTE plain[OUTPUT_LIMIT];
  CK_ULONG length = 0;
  CK_RV code = key_of(session, DECRYPT, &key);
  if (code == CKR_OPERATION_NOT_INITIALIZED) return code;
  if (code == CKR_OK && (in == NULL || out_length == NULL)) code = CKR_ARGUMENTS_BAD;
  if (code == CKR_OK && in_length > sizeof plain) code = CKR_ENCRYPTED_DATA_LEN_RANGE;
  if (code == CKR_OK && out == NULL && !has_fault("decrypt", "long")) {
    /* Nothing is told of the plaintext yet. */
    *out_length = in_length;
    return code;
  }
  if (code == CKR_OK)
    code = kind_of(&key->attributes) == RSA_KEY ? decrypt_rsa(key, operation, in, in_length, plain, &length)
                                                : decrypt_sm2(key, operation, in, in_length, plain, &length);
  if (code == CKR_OK) code = answer("decrypt", plain, length, out, out_length);
  return finish(session, code, out);
}

CK_RV do_GenerateRandom(struct session *session, CK_BYTE *out, CK_ULONG length) {
  (void)session;
  if (out == NULL && length > 0) return CKR_ARGUMENTS_BAD;
  /* What is random anyway cannot be seen to be garbage. */
  if (has_fault("random", "garbage")) {
    memset(out, 0, length);
    return CKR_OK;
  }
  return length <= INT_MAX && RAND_bytes(out, (int)length) == 1 ? CKR_OK : CKR_FUNCTION_FAILED;
}
