#include <string.h>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "container.h"

/* The files of a container: sign.key and encrypt.key (32 bytes of SM2, else the DER of an RSA key), sign.cer, encrypt.cer. */
static long read_half(const struct object *container, BOOL sign, const char *sign_file, const char *other, BYTE *out) {
  char path[PATH_MAX];
  if (!path_of(path, container->path, sign ? sign_file : other, NULL)) return -1;
  return read_bytes(path, out, FILE_LIMIT);
}

static int write_half(const struct object *container, const char *file, const BYTE *bytes, size_t length) {
  char path[PATH_MAX];
  return path_of(path, container->path, file, NULL) && write_bytes(path, bytes, length);
}

long read_key(const struct object *container, BOOL sign, BYTE *out) {
  return read_half(container, sign, "sign.key", "encrypt.key", out);
}

EVP_PKEY *rsa_key(const BYTE *bytes, long length) {
  EVP_PKEY *key = d2i_AutoPrivateKey(NULL, &bytes, length);
  if (key == NULL || EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) return key;
  EVP_PKEY_free(key);
  return NULL;
}

SKF(SKF_CreateContainer)(HANDLE handle, LPSTR name, HANDLE *container) {
  struct object *application;
  char path[PATH_MAX];
  ENTER();
  ULONG code = find_object(handle, APPLICATION, &application);
  if (code != SAR_OK) return code;
  if (!is_logged_in(application)) return SAR_USER_NOT_LOGGED_IN;
  if (container == NULL || !is_name(name) || !path_of(path, application->path, name, NULL)) return SAR_NAMELENERR;
  if (!make_folder(path)) return SAR_FILEERR;
  *container = new_object(CONTAINER, application, path);
  return *container == NULL ? SAR_FAIL : SAR_OK;
}

SKF(SKF_EnumContainer)(HANDLE handle, LPSTR names, ULONG *size) {
  struct object *application;
  char list[4096];
  ENTER();
  ULONG code = find_object(handle, APPLICATION, &application);
  if (code != SAR_OK) return code;
  return answer(__func__, list, list_names(application->path, list, sizeof list), names, size);
}

SKF(SKF_OpenContainer)(HANDLE handle, LPSTR name, HANDLE *container) {
  struct object *application;
  char path[PATH_MAX];
  ENTER();
  ULONG code = find_object(handle, APPLICATION, &application);
  if (code != SAR_OK) return code;
  if (container == NULL || !is_name(name) || !path_of(path, application->path, name, NULL)) return SAR_INVALIDPARAMERR;
  if (!folder_exists(path)) return vendor_code(SAR_CONTAINER_NOT_EXISTS, 0x0A000101);
  *container = new_object(CONTAINER, application, path);
  return *container == NULL ? SAR_FAIL : SAR_OK;
}

SKF(SKF_CloseContainer)(HANDLE handle) {
  ENTER();
  return close_object(handle, CONTAINER);
}

SKF(SKF_GetContainerType)(HANDLE handle, ULONG *type) {
  struct object *container;
  BYTE key[FILE_LIMIT];
  ENTER();
  ULONG code = find_object(handle, CONTAINER, &container);
  if (code != SAR_OK) return code;
  long length = read_key(container, 1, key);
  if (length < 0) length = read_key(container, 0, key);
  *type = length < 0 ? 0 : length == 32 ? 2 : 1;
  return SAR_OK;
}

SKF(SKF_ImportCertificate)(HANDLE handle, BOOL sign, BYTE *certificate, ULONG length) {
  struct object *container;
  ENTER();
  ULONG code = find_object(handle, CONTAINER, &container);
  if (code != SAR_OK) return code;
  if (!is_logged_in(container)) return SAR_USER_NOT_LOGGED_IN;
  if (certificate == NULL || length > FILE_LIMIT) return SAR_INDATALENERR;
  return write_half(container, sign ? "sign.cer" : "encrypt.cer", certificate, length) ? SAR_OK : SAR_FILEERR;
}

SKF(SKF_ExportCertificate)(HANDLE handle, BOOL sign, BYTE *out, ULONG *size) {
  struct object *container;
  BYTE certificate[FILE_LIMIT];
  ENTER();
  ULONG code = find_object(handle, CONTAINER, &container);
  if (code != SAR_OK) return code;
  if (fault("private", NULL) && !is_logged_in(container)) return SAR_USER_NOT_LOGGED_IN;
  long length = read_half(container, sign, "sign.cer", "encrypt.cer", certificate);
  return length < 0 ? vendor_code(SAR_CERTNOTFOUNTERR, SAR_CERTNOUSAGEERR)
                    : answer(__func__, certificate, (ULONG)length, out, size);
}

static int ecc_blob(const BYTE d[32], ECCPUBLICKEYBLOB *blob) {
  BYTE point[64];
  if (!sm2_public(d, point)) return 0;
  memset(blob, 0, sizeof *blob);
  blob->BitLen = 256;
  int start = fault("left-aligned", NULL) ? 0 : 32;
  memcpy(blob->XCoordinate + start, point, 32);
  memcpy(blob->YCoordinate + start, point + 32, 32);
  return 1;
}

#ifndef SOFT_SKF_MINIMAL
static int rsa_blob(const BYTE *bytes, long length, RSAPUBLICKEYBLOB *blob) {
  EVP_PKEY *key = rsa_key(bytes, length);
  BIGNUM *n = NULL, *e = NULL;
  memset(blob, 0, sizeof *blob);
  int good = key != NULL && EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_N, &n) &&
             EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &e) &&
             BN_bn2binpad(n, blob->Modulus, sizeof blob->Modulus) > 0 &&
             BN_bn2binpad(e, blob->PublicExponent, sizeof blob->PublicExponent) > 0;
  blob->AlgID = SGD_RSA;
  blob->BitLen = good ? (ULONG)BN_num_bits(n) : 0;
  BN_free(n);
  BN_free(e);
  EVP_PKEY_free(key);
  return good;
}

SKF(SKF_ExportPublicKey)(HANDLE handle, BOOL sign, BYTE *out, ULONG *size) {
  struct object *container;
  BYTE key[FILE_LIMIT];
  ECCPUBLICKEYBLOB ecc;
  RSAPUBLICKEYBLOB rsa;
  ENTER();
  ULONG code = find_object(handle, CONTAINER, &container);
  if (code != SAR_OK) return code;
  long length = read_key(container, sign, key);
  if (length < 0) return vendor_code(SAR_KEYNOTFOUNTERR, SAR_KEYNOUSAGEERR);
  if (length == 32) return ecc_blob(key, &ecc) ? answer(__func__, &ecc, sizeof ecc, out, size) : SAR_FAIL;
  return rsa_blob(key, length, &rsa) ? answer(__func__, &rsa, sizeof rsa, out, size) : SAR_FAIL;
}
#endif

SKF(SKF_GenECCKeyPair)(HANDLE handle, ULONG algorithm, ECCPUBLICKEYBLOB *blob) {
  struct object *container;
  BYTE d[32];
  ENTER();
  ULONG code = find_object(handle, CONTAINER, &container);
  if (code != SAR_OK) return code;
  if (!is_logged_in(container)) return SAR_USER_NOT_LOGGED_IN;
  if (algorithm != SGD_SM2_1 || blob == NULL) return SAR_INVALIDPARAMERR;
  if (!sm2_generate(d) || !ecc_blob(d, blob)) return SAR_FAIL;
  return write_half(container, "sign.key", d, sizeof d) ? SAR_OK : SAR_FILEERR;
}

/* The encryption pair comes from outside, under a key that is wrapped for the signing pair. */
SKF(SKF_ImportECCKeyPair)(HANDLE handle, ENVELOPEDKEYBLOB *blob) {
  struct object *container;
  BYTE sign[FILE_LIMIT], point[64], symmetric[16], d[32];
  ECCPUBLICKEYBLOB public;
  ENTER();
  ULONG code = find_object(handle, CONTAINER, &container);
  if (code != SAR_OK) return code;
  if (!is_logged_in(container)) return SAR_USER_NOT_LOGGED_IN;
  if (blob == NULL || blob->Version != 1 || blob->ulBits != 256) return SAR_INVALIDPARAMERR;
  if (blob->ulSymmAlgID != SGD_SM4_ECB) return SAR_NOTSUPPORTYETERR;
  const ECCCIPHERBLOB *wrapped = &blob->ECCCipherBlob;
  if (read_key(container, 1, sign) != 32) return SAR_KEYNOTFOUNTERR;
  if (wrapped->CipherLen != sizeof symmetric) return SAR_INDATALENERR;
  memcpy(point, wrapped->XCoordinate + 32, 32);
  memcpy(point + 32, wrapped->YCoordinate + 32, 32);
  if (!sm2_decrypt(sign, point, wrapped->HASH, wrapped->Cipher, sizeof symmetric, symmetric)) return SAR_INDATAERR;
  for (int at = 0; at < 32; at += 16)
    if (!sm4_block(symmetric, 0, blob->cbEncryptedPriKey + 32 + at, d + at)) return SAR_FAIL;
  if (!ecc_blob(d, &public) || memcmp(&public, &blob->PubKey, sizeof public) != 0) return SAR_INDATAERR;
  return write_half(container, "encrypt.key", d, sizeof d) ? SAR_OK : SAR_FILEERR;
}
