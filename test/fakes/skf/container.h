#ifndef SOFT_SKF_CONTAINER_H
#define SOFT_SKF_CONTAINER_H

#include <openssl/evp.h>

#include "soft.h"

/* The key of a half into FILE_LIMIT bytes; answers its length (32 for SM2), or -1 when there is none. */
long read_key(const struct object *container, BOOL sign, BYTE *out);
/* NULL when it is no RSA key. */
EVP_PKEY *rsa_key(const BYTE *bytes, long length);
/* The container and its key of a half, with the user logged in. */
ULONG find_key(HANDLE handle, BOOL sign, struct object **container, BYTE *key, long *length);
/* 16 bytes out of an ECCCIPHERBLOB. */
ULONG unwrap_ecc(const BYTE key[32], const BYTE *wrapped, ULONG length, BYTE out[16]);

#endif
