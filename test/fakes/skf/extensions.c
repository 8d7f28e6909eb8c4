#include <string.h>

#include <openssl/rsa.h>

#include "container.h"

/*
 * Vendors' own functions that give the host what the encryption key decrypts (tokens.md 1.8). The same name has other
 * arguments at another vendor, and which ones are right here is what "vendor=" in the quirks says.
 */

enum selector { NONE, KEY_SPEC, SIGN_FLAG, TYPE };
enum input { BLOB, BYTES };

static const struct extension {
  const char *vendor, *name;
  int rsa;
  enum selector selector;
  enum input input;
} extensions[] = {
    {"longmai", "SKF_ECCPrvKeyDecrypt", 0, NONE, BLOB},
    {"longmai", "SKF_RSAPrvKeyDecrypt", 1, NONE, BYTES},
    {"xjca", "SKF_ECCPrvKeyDecryptEx", 0, SIGN_FLAG, BLOB},
    {"xjca", "SKF_RSAPrvKeyDecrypt", 1, NONE, BYTES},
    {"haitai", "SKF_ECCDecrypt", 0, NONE, BLOB},
    {"haitai", "SKF_RSADecrypt", 1, NONE, BYTES},
    {"ccore", "V_ECCPrvKeyDecrypt", 0, KEY_SPEC, BLOB},
    {"ccore", "V_RSAPrvKeyDecrypt", 1, KEY_SPEC, BYTES},
    {"wisec", "SKF_PrvKeyDecrypt", 0, NONE, BLOB},
    {"wisec", "SKF_RSAPrvKeyDecrypt", 1, NONE, BYTES},
    {"wisec-type", "SKF_PrvKeyDecrypt", 0, TYPE, BLOB},
    {"wisec-type", "SKF_RSAPrvKeyDecrypt", 1, NONE, BYTES},
    {"key-spec", "SKF_PrvKeyDecrypt", 0, KEY_SPEC, BLOB},
    {"key-spec", "SKF_RSADecrypt", 1, KEY_SPEC, BYTES},
    {"sign-flag", "SKF_ECCDecrypt", 0, SIGN_FLAG, BLOB},
    {"sof", "SKF_ECCDecrypt", 0, NONE, BYTES},
    {"sof", "SKF_RSAPriKeyOperation", 1, NONE, BYTES},
};

static const struct extension *find_extension(const char *name) {
  const char *vendor = quirk_value("vendor=");
  for (size_t i = 0; vendor != NULL && i < sizeof extensions / sizeof *extensions; i += 1)
    if (strcmp(extensions[i].name, name) == 0 && strcmp(extensions[i].vendor, vendor) == 0) return &extensions[i];
  return NULL;
}

/* Where the content begins behind PKCS#1 v1.5 padding; 0 when there is none. */
static size_t content_of(const BYTE *block, size_t length) {
  if (block[0] != 0 || block[1] != 2) return 0;
  for (size_t at = 2; at < length; at += 1)
    if (block[at] == 0) return at < 10 ? 0 : at + 1;
  return 0;
}

static ULONG open_rsa(const char *name, const BYTE *key, long key_length, const BYTE *in, ULONG in_length, BYTE *out,
                      ULONG *size) {
  BYTE block[1024];
  size_t length = sizeof block, start = 0;
  EVP_PKEY *rsa = rsa_key(key, key_length);
  EVP_PKEY_CTX *ctx = rsa == NULL ? NULL : EVP_PKEY_CTX_new(rsa, NULL);
  int good = ctx != NULL && EVP_PKEY_decrypt_init(ctx) > 0 && EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_NO_PADDING) > 0 &&
             EVP_PKEY_decrypt(ctx, block, &length, in, in_length) > 0;
  EVP_PKEY_CTX_free(ctx);
  EVP_PKEY_free(rsa);
  if (!good) return SAR_RSADECERR;
  if (fault("rsa-zeros", NULL)) {
    while (start < length && block[start] == 0) start += 1;
  } else if (!fault("rsa-block", NULL)) {
    start = content_of(block, length);
    if (start == 0) return vendor_code(SAR_RSADECERR, 0x0B000019);
  }
  return answer(name, block + start, (ULONG)(length - start) - (fault("short", name) ? 1 : 0), out, size);
}

static ULONG open_sm2(const char *name, const BYTE *key, const BYTE *in, ULONG in_length, BYTE *out, ULONG *size) {
  BYTE plain[16];
  ULONG code = unwrap_ecc(key, in, in_length, plain);
  return code != SAR_OK ? code : answer(name, plain, fault("short", name) ? 15 : 16, out, size);
}

/* The arguments behind the container, as many as the longest list has; what the vendor's list lacks is never looked at. */
static ULONG decrypt(const char *name, HANDLE handle, const uintptr_t arguments[5]) {
  static const ULONG expected[] = {[KEY_SPEC] = 1, [SIGN_FLAG] = 0, [TYPE] = 0};
  struct object *container;
  BYTE key[FILE_LIMIT];
  long key_length;
  ULONG entered = enter(name);
  if (entered != SAR_OK) return entered;
  const struct extension *extension = find_extension(name);
  if (extension == NULL) return SAR_NOTSUPPORTYETERR;
  if (extension->selector != NONE && (ULONG)*arguments++ != expected[extension->selector]) return SAR_INVALIDPARAMERR;
  const BYTE *in = (const BYTE *)*arguments++;
  ULONG in_length = extension->input == BYTES ? (ULONG)*arguments++ : CIPHER_OFFSET + 16;
  BYTE *out = (BYTE *)arguments[0];
  ULONG *size = (ULONG *)arguments[1];
  ULONG code = find_key(handle, 0, &container, key, &key_length);
  if (code != SAR_OK) return code;
  if (in == NULL || out == NULL) return SAR_INVALIDPARAMERR;
  if ((key_length == 32) == extension->rsa) return SAR_KEYNOTFOUNTERR;
  return extension->rsa ? open_rsa(name, key, key_length, in, in_length, out, size)
                        : open_sm2(name, key, in, in_length, out, size);
}

#define EXTENSION(name)                                                                              \
  SKF(name)(HANDLE handle, uintptr_t a, uintptr_t b, uintptr_t c, uintptr_t d, uintptr_t e) {        \
    return decrypt(#name, handle, (const uintptr_t[]){a, b, c, d, e});                               \
  }

EXTENSION(SKF_ECCPrvKeyDecrypt)
EXTENSION(SKF_ECCPrvKeyDecryptEx)
EXTENSION(SKF_ECCDecrypt)
EXTENSION(SKF_PrvKeyDecrypt)
EXTENSION(SKF_RSAPrvKeyDecrypt)
EXTENSION(SKF_RSADecrypt)
EXTENSION(SKF_RSAPriKeyOperation)
EXTENSION(V_ECCPrvKeyDecrypt)
EXTENSION(V_RSAPrvKeyDecrypt)
