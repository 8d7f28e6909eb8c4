#include <string.h>

#include "soft.h"

/*
 * Numbers that vendors have chosen. What a vendor has not made known is filled in so that the module can be used: of
 * koal only the key type is known, of westone and mssince no forms. Whatever takes a message takes the signer's id too.
 */
static const struct sm2_numbers vendors[] = {
    {"sansec",
     0x80000004,
     0x80008001,
     {{0x80008104, SM2_E, SM2_DER},
      {0x80008105, SM2_E, SM2_RAW},
      {0x80008100, SM2_MESSAGE, SM2_RAW},
      {0x80008101, SM2_MESSAGE, SM2_DER},
      {0x80008102, SM2_MESSAGE, SM2_RAW},
      {0x80008103, SM2_MESSAGE, SM2_DER}},
     {{0x80008200, "C1C3C2"}, {0x80008201, "asn1"}}},
    {"tass",
     0x80000004,
     0x80008001,
     {{0x80008000, SM2_E, SM2_DER}, {0x80008100, SM2_MESSAGE, SM2_DER}},
     {{0x80008200, "asn1"}}},
    {"koal", 0x80000004, 0x80008001, {{0x80008000, SM2_E, SM2_RAW}}, {{0x80008200, "asn1"}}},
    {"westone", 0x80000001, 0x80000001, {{0x80000002, SM2_E, SM2_RAW}}, {{0x8000003e, "C1C3C2"}}},
    {"ep11",
     0x80050002,
     0x8005000a,
     {{0x8005000b, SM2_E, SM2_RAW}, {0x8005000c, SM2_MESSAGE, SM2_RAW}},
     {{0x8005000d, "04C1C3C2"}}},
    /* Outside the range that is left to vendors. */
    {"mssince",
     0x00010001,
     0x00010003,
     {{0x00010002, SM2_E, SM2_RAW}, {0x00010004, SM2_MESSAGE, SM2_RAW}},
     {{0x00010001, "C1C2C3"}}},
    {"xihsm",
     0xffff0001,
     0xffff0001,
     {{0xffff0002, SM2_E, SM2_RAW}, {0xffff0003, SM2_MESSAGE, SM2_RAW}},
     {{0xffff0004, "C1C3C2"}}},
};

const struct sm2_numbers *sm2_numbers(void) {
  const char *vendor = quirk_value("numbers");
  for (size_t i = 0; vendor != NULL && i < sizeof vendors / sizeof *vendors; i += 1)
    if (strcmp(vendors[i].vendor, vendor) == 0) return &vendors[i];
  return &vendors[0];
}

const struct sm2_sign_number *sm2_sign_number(CK_MECHANISM_TYPE mechanism) {
  const struct sm2_numbers *numbers = sm2_numbers();
  for (int i = 0; i < 8; i += 1)
    if (numbers->sign[i].mechanism == mechanism && mechanism != 0) return &numbers->sign[i];
  return NULL;
}

const struct sm2_decrypt_number *sm2_decrypt_number(CK_MECHANISM_TYPE mechanism) {
  const struct sm2_numbers *numbers = sm2_numbers();
  for (int i = 0; i < 4; i += 1)
    if (numbers->decrypt[i].mechanism == mechanism && mechanism != 0) return &numbers->decrypt[i];
  return NULL;
}
