#include <string.h>

#include <openssl/rsa.h>

#include "container.h"

#define DATA_LIMIT 4096

ULONG find_key(HANDLE handle, BOOL sign, struct object **container, BYTE *key, long *length) {
  ULONG code = find_object(handle, CONTAINER, container);
  if (code != SAR_OK) return code;
  if (!is_logged_in(*container)) return SAR_USER_NOT_LOGGED_IN;
  *length = read_key(*container, sign, key);
  return *length < 0 ? SAR_KEYNOTFOUNTERR : SAR_OK;
}

/* Signs e = SM3(Z || M) as it is given. */
SKF(SKF_ECCSignData)(HANDLE handle, BYTE *data, ULONG length, ECCSIGNATUREBLOB *signature) {
  struct object *container;
  BYTE key[FILE_LIMIT];
  long key_length;
  ENTER();
  ULONG code = find_key(handle, 1, &container, key, &key_length);
  if (code != SAR_OK) return code;
  if (data == NULL || signature == NULL) return SAR_INVALIDPARAMERR;
  if (key_length != 32) return SAR_KEYNOTFOUNTERR;
  if (length != 32) return SAR_INDATALENERR;
  memset(signature, 0, sizeof *signature);
  if (!sm2_sign(key, data, signature->r + 32, signature->s + 32)) return SAR_FAIL;
  if (fault("garbage", __func__)) memset(signature, 0xDB, sizeof *signature);
  if (fault("wrong", __func__)) signature->s[63] ^= 1;
  if (fault("length", __func__)) memset(signature + 1, 0xDB, 3 * sizeof *signature);
  if (fault("left-aligned", NULL)) {
    memmove(signature->r, signature->r + 32, 32);
    memmove(signature->s, signature->s + 32, 32);
    memset(signature->r + 32, 0, 32);
    memset(signature->s + 32, 0, 32);
  }
  return SAR_OK;
}

/* PKCS#1 v1.5 around the caller's DigestInfo. */
SKF(SKF_RSASignData)(HANDLE handle, BYTE *data, ULONG length, BYTE *out, ULONG *size) {
  struct object *container;
  BYTE key[FILE_LIMIT], signature[1024];
  size_t signature_length = sizeof signature;
  long key_length;
  ENTER();
  ULONG code = find_key(handle, 1, &container, key, &key_length);
  if (code != SAR_OK) return code;
  EVP_PKEY *rsa = key_length == 32 ? NULL : rsa_key(key, key_length);
  if (rsa == NULL) return SAR_KEYNOTFOUNTERR;
  EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(rsa, NULL);
  int good = EVP_PKEY_sign_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
             EVP_PKEY_sign(ctx, signature, &signature_length, data, length) > 0;
  EVP_PKEY_CTX_free(ctx);
  EVP_PKEY_free(rsa);
  return good ? answer(__func__, signature, (ULONG)signature_length, out, size) : SAR_INDATAERR;
}

ULONG unwrap_ecc(const BYTE key[32], const BYTE *wrapped, ULONG length, BYTE out[16]) {
  const ECCCIPHERBLOB *blob = (const ECCCIPHERBLOB *)wrapped;
  BYTE point[64];
  if (length != CIPHER_OFFSET + 16 || blob->CipherLen != 16) return SAR_INDATALENERR;
  memcpy(point, blob->XCoordinate + 32, 32);
  memcpy(point + 32, blob->YCoordinate + 32, 32);
  return sm2_decrypt(key, point, blob->HASH, wrapped + CIPHER_OFFSET, 16, out) ? SAR_OK : SAR_INDATAERR;
}

#ifndef SOFT_SKF_NO_SESSION_KEYS
static ULONG unwrap_rsa(const BYTE *key, long key_length, const BYTE *wrapped, ULONG length, BYTE out[16]) {
  BYTE plain[1024];
  size_t plain_length = sizeof plain;
  EVP_PKEY *rsa = rsa_key(key, key_length);
  EVP_PKEY_CTX *ctx = rsa == NULL ? NULL : EVP_PKEY_CTX_new(rsa, NULL);
  int good = ctx != NULL && EVP_PKEY_decrypt_init(ctx) > 0 &&
             EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) > 0 &&
             EVP_PKEY_decrypt(ctx, plain, &plain_length, wrapped, length) > 0 && plain_length == 16;
  if (good) memcpy(out, plain, 16);
  EVP_PKEY_CTX_free(ctx);
  EVP_PKEY_free(rsa);
  return good ? SAR_OK : SAR_RSADECERR;
}

/* The session key stays here: only its handle goes out. */
SKF(SKF_ImportSessionKey)(HANDLE handle, ULONG algorithm, BYTE *wrapped, ULONG length, HANDLE *out) {
  struct object *container;
  BYTE key[FILE_LIMIT], session[16];
  long key_length;
  ENTER();
  ULONG code = find_key(handle, 0, &container, key, &key_length);
  if (code != SAR_OK) return code;
  if (wrapped == NULL || out == NULL) return SAR_INVALIDPARAMERR;
  if (algorithm != SGD_SM4_CBC || fault("no-session-keys", NULL)) return SAR_NOTSUPPORTYETERR;
  code = key_length == 32 ? unwrap_ecc(key, wrapped, length, session)
                          : unwrap_rsa(key, key_length, wrapped, length, session);
  if (code != SAR_OK) return code;
  struct object *object = new_object(SESSION_KEY, container, container->path);
  if (object == NULL) return SAR_FAIL;
  object->algorithm = algorithm;
  memcpy(object->key, session, sizeof session);
  *out = object;
  return SAR_OK;
}

#endif

SKF(SKF_DecryptInit)(HANDLE handle, BLOCKCIPHERPARAM parameter) {
  struct object *key;
  ENTER();
  ULONG code = find_object(handle, SESSION_KEY, &key);
  if (code != SAR_OK) return code;
  if (parameter.IVLen != 16 || parameter.PaddingType > 1) return SAR_INVALIDPARAMERR;
  key->parameter = parameter;
  memcpy(key->last, parameter.IV, sizeof key->last);
  key->is_held = 0;
  key->ready = 1;
  return SAR_OK;
}

/* How many bytes there are without their PKCS#7 padding, or -1 when there is none. */
static long unpadded(const BYTE *plain, ULONG length) {
  BYTE count = plain[length - 1];
  if (count == 0 || count > 16) return -1;
  for (ULONG at = length - count; at < length; at += 1)
    if (plain[at] != count) return -1;
  return length - count;
}

static int takes_padding(const struct object *key) {
  return key->parameter.PaddingType == 1 || fault("unpadded", NULL);
}

SKF(SKF_Decrypt)(HANDLE handle, BYTE *in, ULONG length, BYTE *out, ULONG *size) {
  struct object *key;
  BYTE plain[DATA_LIMIT];
  ENTER();
  ULONG code = find_object(handle, SESSION_KEY, &key);
  if (code != SAR_OK) return code;
  if (fault("by-blocks", NULL)) return SAR_NOTSUPPORTYETERR;
  if (!key->ready || in == NULL) return SAR_INVALIDPARAMERR;
  if (length == 0 || length % 16 != 0 || length > sizeof plain) return SAR_INDATALENERR;
  if (!sm4_cbc_decrypt(key->key, key->parameter.IV, in, length, plain)) return SAR_FAIL;
  long result = length;
  if (takes_padding(key)) result = unpadded(plain, length);
  if (result < 0) return SAR_DECRYPTPADERR;
  if (fault("short", __func__)) result = 31;
  code = answer(__func__, plain, (ULONG)result, out, size);
  memset(plain, 0, sizeof plain);
  return code;
}

/* A library that takes the padding off cannot give a block away before it knows whether it was the last. */
SKF(SKF_DecryptUpdate)(HANDLE handle, BYTE *in, ULONG length, BYTE *out, ULONG *size) {
  struct object *key;
  BYTE plain[DATA_LIMIT + 16];
  ULONG before = 0;
  ENTER();
  ULONG code = find_object(handle, SESSION_KEY, &key);
  if (code != SAR_OK) return code;
  if (!key->ready || in == NULL) return SAR_INVALIDPARAMERR;
  if (length == 0 || length % 16 != 0 || length > DATA_LIMIT) return SAR_INDATALENERR;
  if (fault("by-blocks", NULL) && length != 16) return SAR_INDATALENERR;
  if (key->is_held) {
    memcpy(plain, key->held, 16);
    before = 16;
  }
  if (!sm4_cbc_decrypt(key->key, key->last, in, length, plain + before)) return SAR_FAIL;
  memcpy(key->last, in + length - 16, 16);
  ULONG result = before + length;
  key->is_held = takes_padding(key);
  if (key->is_held) memcpy(key->held, plain + (result -= 16), 16);
  code = answer(__func__, plain, result, out, size);
  memset(plain, 0, sizeof plain);
  return code;
}

SKF(SKF_DecryptFinal)(HANDLE handle, BYTE *out, ULONG *size) {
  struct object *key;
  long rest = 0;
  ENTER();
  ULONG code = find_object(handle, SESSION_KEY, &key);
  if (code != SAR_OK) return code;
  if (!key->ready) return SAR_INVALIDPARAMERR;
  if (key->is_held) rest = unpadded(key->held, 16);
  if (rest < 0) return SAR_DECRYPTPADERR;
  key->ready = key->is_held = 0;
  return answer(__func__, key->held, (ULONG)rest, out, size);
}

SKF(SKF_CloseHandle)(HANDLE handle) {
  ENTER();
  return close_object(handle, SESSION_KEY);
}
