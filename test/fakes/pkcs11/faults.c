#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "soft.h"

/*
 * Faults are "operation:fault". Operations: list, login, sign, decrypt, derive, certificate, random; also initialize,
 * session, pin, find, create, generate; any. Faults:
 *   crash     a real one
 *   hang      for ever
 *   slow      1.5 s
 *   remove    the operation's token is pulled out: CKR_DEVICE_REMOVED from then on
 *   garbage   success, and bytes that mean nothing
 *   long      success, and an absurd length
 * "list" is C_GetSlotList when asked for the count, and C_GetTokenInfo for its garbage; "certificate" and "derive" are
 * also C_GetAttributeValue where it reads CKA_VALUE of a certificate or a derived key.
 */
void strike(const char *operation) {
  if (has_fault(operation, "crash")) *(volatile int *)0 = 1;
  if (has_fault(operation, "hang"))
    for (;;) pause();
  if (has_fault(operation, "slow")) usleep(1500000);
}

CK_RV answer(const char *operation, const CK_BYTE *bytes, CK_ULONG length, CK_BYTE *out, CK_ULONG *out_length) {
  if (has_fault(operation, "long")) {
    *out_length = ABSURD;
    return CKR_OK;
  }
  if (out == NULL) {
    *out_length = length;
    return CKR_OK;
  }
  if (*out_length < length) {
    *out_length = length;
    return CKR_BUFFER_TOO_SMALL;
  }
  if (has_fault(operation, "garbage"))
    RAND_bytes(out, (int)length);
  else
    memcpy(out, bytes, length);
  *out_length = length;
  return CKR_OK;
}
