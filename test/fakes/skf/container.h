#ifndef SOFT_SKF_CONTAINER_H
#define SOFT_SKF_CONTAINER_H

#include <openssl/evp.h>

#include "soft.h"

/* The key of a half into FILE_LIMIT bytes; answers its length (32 for SM2), or -1 when there is none. */
long read_key(const struct object *container, BOOL sign, BYTE *out);
/* NULL when it is no RSA key. */
EVP_PKEY *rsa_key(const BYTE *bytes, long length);

#endif
