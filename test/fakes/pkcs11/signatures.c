#include <string.h>

#include <openssl/bn.h>
#include <openssl/ecdsa.h>

#include "soft.h"

int has_leading_zero(const CK_BYTE *rs, CK_ULONG half) { return rs[0] == 0 || rs[half] == 0; }

CK_ULONG raw_signature(const CK_BYTE *rs, CK_ULONG half, CK_BYTE *out) {
  memcpy(out, rs, 2 * half);
  if (!quirk("strip-zeros")) return 2 * half;
  CK_ULONG r = without_zeros(out, half);
  memcpy(out + r, rs + half, half);
  return r + without_zeros(out + r, half);
}

CK_ULONG der_signature(const CK_BYTE *rs, CK_ULONG half, CK_BYTE *out) {
  ECDSA_SIG *signature = ECDSA_SIG_new();
  ECDSA_SIG_set0(signature, BN_bin2bn(rs, (int)half, NULL), BN_bin2bn(rs + half, (int)half, NULL));
  int length = i2d_ECDSA_SIG(signature, &out);
  ECDSA_SIG_free(signature);
  return length < 0 ? 0 : (CK_ULONG)length;
}
