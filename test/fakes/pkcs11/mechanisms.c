#include <string.h>

#include "soft.h"

#define MECHANISM_LIMIT 32

struct entry {
  CK_MECHANISM_TYPE type;
  CK_FLAGS flags;
  CK_ULONG least, most;
};

static const struct entry standard[] = {
    {CKM_RSA_PKCS_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR, 2048, 4096},
    {CKM_RSA_PKCS, CKF_SIGN | CKF_DECRYPT, 1024, 4096},
    {CKM_RSA_X_509, CKF_SIGN | CKF_DECRYPT, 1024, 4096},
    {CKM_RSA_PKCS_OAEP, CKF_DECRYPT, 1024, 4096},
    {CKM_RSA_PKCS_PSS, CKF_SIGN, 1024, 4096},
    {CKM_EC_KEY_PAIR_GEN, CKF_GENERATE_KEY_PAIR, 256, 384},
    {CKM_ECDSA, CKF_SIGN, 256, 384},
    {CKM_ECDH1_DERIVE, CKF_DERIVE, 256, 384},
};

/* A vendor may use one number for several things (mssince has decryption and the key type at 0x10001). */
static void add(struct entry *list, CK_ULONG *count, CK_MECHANISM_TYPE type, CK_FLAGS flags) {
  if (type == 0) return;
  for (CK_ULONG i = 0; i < *count; i += 1) {
    if (list[i].type != type) continue;
    list[i].flags |= flags;
    return;
  }
  list[*count] = (struct entry){type, flags, 256, 256};
  *count += 1;
}

static CK_ULONG all_mechanisms(struct entry list[MECHANISM_LIMIT]) {
  const struct sm2_numbers *numbers = sm2_numbers();
  CK_ULONG count = sizeof standard / sizeof *standard;
  memcpy(list, standard, sizeof standard);
  add(list, &count, numbers->generate, CKF_GENERATE_KEY_PAIR);
  for (int i = 0; i < 8; i += 1) add(list, &count, numbers->sign[i].mechanism, CKF_SIGN);
  for (int i = 0; i < 4; i += 1) add(list, &count, numbers->decrypt[i].mechanism, CKF_DECRYPT);
  return count;
}

CK_RV do_GetMechanismList(CK_SLOT_ID slot, CK_MECHANISM_TYPE *list, CK_ULONG *count) {
  struct token *token;
  struct entry all[MECHANISM_LIMIT];
  CK_RV code = find_token(slot, &token);
  if (code != CKR_OK) return code;
  if (count == NULL) return CKR_ARGUMENTS_BAD;
  CK_ULONG found = all_mechanisms(all), room = *count;
  *count = found;
  if (list == NULL) return CKR_OK;
  if (room < found) return CKR_BUFFER_TOO_SMALL;
  for (CK_ULONG i = 0; i < found; i += 1) list[i] = all[i].type;
  return CKR_OK;
}

CK_RV do_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type, CK_MECHANISM_INFO *info) {
  struct token *token;
  struct entry all[MECHANISM_LIMIT];
  CK_RV code = find_token(slot, &token);
  if (code != CKR_OK) return code;
  if (info == NULL) return CKR_ARGUMENTS_BAD;
  CK_ULONG count = all_mechanisms(all);
  for (CK_ULONG i = 0; i < count; i += 1) {
    if (all[i].type != type) continue;
    *info = (CK_MECHANISM_INFO){all[i].least, all[i].most, all[i].flags | CKF_HW};
    return CKR_OK;
  }
  return CKR_MECHANISM_INVALID;
}

static int is_for(CK_MECHANISM_TYPE type, enum key_kind kind) {
  switch (type) {
    case CKM_RSA_PKCS:
    case CKM_RSA_X_509:
    case CKM_RSA_PKCS_OAEP:
    case CKM_RSA_PKCS_PSS: return kind == RSA_KEY;
    case CKM_ECDSA:
    case CKM_ECDH1_DERIVE: return kind == P256_KEY || kind == P384_KEY;
    default: return kind == SM2_KEY;
  }
}

CK_RV check_mechanism(const CK_MECHANISM *mechanism, CK_FLAGS use, enum key_kind kind) {
  struct entry all[MECHANISM_LIMIT];
  CK_ULONG count = all_mechanisms(all), at = 0;
  while (at < count && all[at].type != mechanism->mechanism) at += 1;
  if (at == count || (all[at].flags & use) == 0) return CKR_MECHANISM_INVALID;
  if (!is_for(mechanism->mechanism, kind)) return CKR_KEY_TYPE_INCONSISTENT;
  if (mechanism->pParameter == NULL && mechanism->ulParameterLen > 0) return CKR_MECHANISM_PARAM_INVALID;
  if (use == CKF_DERIVE) return CKR_OK;
  if (kind == RSA_KEY) return check_rsa_parameter(mechanism);
  if (kind == SM2_KEY && use == CKF_SIGN) return check_sm2_parameter(mechanism);
  return mechanism->ulParameterLen == 0 ? CKR_OK : CKR_MECHANISM_PARAM_INVALID;
}
