#include <string.h>

#include "soft.h"

struct cipher {
  CK_BYTE point[64], hash[32];
  const CK_BYTE *text;
  CK_ULONG length;
};

/* Takes an element of DER with a one or two byte length off the front. */
static int take(const CK_BYTE **at, const CK_BYTE *end, CK_BYTE tag, const CK_BYTE **value, CK_ULONG *length) {
  const CK_BYTE *byte = *at;
  if (end - byte < 2 || *byte++ != tag) return 0;
  *length = *byte++;
  if (*length == 0x81 && byte < end) *length = *byte++;
  else if (*length == 0x82 && end - byte > 1) *length = (CK_ULONG)byte[0] << 8 | byte[1], byte += 2;
  else if (*length >= 0x80) return 0;
  if ((CK_ULONG)(end - byte) < *length) return 0;
  *value = byte;
  *at = byte + *length;
  return 1;
}

static int take_number(const CK_BYTE **at, const CK_BYTE *end, CK_BYTE out[32]) {
  const CK_BYTE *value;
  CK_ULONG length;
  if (!take(at, end, 0x02, &value, &length)) return 0;
  while (length > 32 && *value == 0) value += 1, length -= 1;
  if (length > 32) return 0;
  memset(out, 0, 32 - length);
  memcpy(out + 32 - length, value, length);
  return 1;
}

/* GM/T 0009: SEQUENCE { x INTEGER, y INTEGER, hash OCTET STRING, cipher OCTET STRING }. */
static int read_asn1(const CK_BYTE *in, CK_ULONG in_length, struct cipher *out) {
  const CK_BYTE *at = in, *end = in + in_length, *value;
  CK_ULONG length;
  if (!take(&at, end, 0x30, &value, &length) || at != end) return 0;
  at = value;
  if (!take_number(&at, end, out->point) || !take_number(&at, end, out->point + 32)) return 0;
  if (!take(&at, end, 0x04, &value, &length) || length != 32) return 0;
  memcpy(out->hash, value, 32);
  return take(&at, end, 0x04, &out->text, &out->length) && at == end;
}

/* The structure of GM/T 0016: x and y in 64 bytes each, the hash, the length, the text. */
static int read_blob(const CK_BYTE *in, CK_ULONG in_length, struct cipher *out) {
  unsigned length;
  if (in_length < 164) return 0;
  memcpy(&length, in + 160, 4);
  if (length != in_length - 164) return 0;
  memcpy(out->point, in + 32, 32);
  memcpy(out->point + 32, in + 96, 32);
  memcpy(out->hash, in + 128, 32);
  out->text = in + 164;
  out->length = length;
  return 1;
}

/* asn1, ECCCIPHERBLOB, C1C3C2, C1C2C3, and the last two with 04 before the point. */
static int read_cipher(const char *layout, const CK_BYTE *in, CK_ULONG in_length, struct cipher *out) {
  if (strcmp(layout, "asn1") == 0) return read_asn1(in, in_length, out);
  if (strcmp(layout, "ECCCIPHERBLOB") == 0) return read_blob(in, in_length, out);
  if (strncmp(layout, "04", 2) == 0) {
    if (in_length < 1 || *in != 4) return 0;
    in += 1, in_length -= 1, layout += 2;
  }
  if (in_length < 96) return 0;
  out->length = in_length - 96;
  memcpy(out->point, in, 64);
  int hash_last = strcmp(layout, "C1C2C3") == 0;
  memcpy(out->hash, in + (hash_last ? in_length - 32 : 64), 32);
  out->text = in + (hash_last ? 64 : 96);
  return 1;
}

CK_RV decrypt_sm2(const struct object *key, const struct operation *operation, const CK_BYTE *in, CK_ULONG in_length,
                  CK_BYTE *out, CK_ULONG *out_length) {
  const struct sm2_decrypt_number *number = sm2_decrypt_number(operation->mechanism);
  const char *layout = quirk_value("layout");
  struct cipher cipher;
  CK_BYTE d[32];
  if (number == NULL) return CKR_MECHANISM_INVALID;
  if (!read_cipher(layout == NULL ? number->layout : layout, in, in_length, &cipher) || cipher.length == 0)
    return CKR_ENCRYPTED_DATA_LEN_RANGE;
  if (!private_number(&key->attributes, d, 32)) return CKR_FUNCTION_FAILED;
  if (!sm2_decrypt(d, cipher.point, cipher.hash, cipher.text, cipher.length, out)) return CKR_ENCRYPTED_DATA_INVALID;
  *out_length = cipher.length;
  return CKR_OK;
}
