#include <string.h>

#include "soft.h"

CK_FLAGS pin_flags(const struct token_file *file) {
  const struct pin *so = &file->pins[CKU_SO], *user = &file->pins[CKU_USER];
  CK_FLAGS flags = 0;
  if (*user->text != '\0') flags |= CKF_USER_PIN_INITIALIZED;
  if (quirk("no-pin-flags")) return flags;
  if (*user->text != '\0') {
    if (user->left < user->most) flags |= CKF_USER_PIN_COUNT_LOW;
    if (user->left == 1) flags |= CKF_USER_PIN_FINAL_TRY;
    if (user->left == 0) flags |= CKF_USER_PIN_LOCKED;
  }
  if (so->left < so->most) flags |= CKF_SO_PIN_COUNT_LOW;
  if (so->left == 1) flags |= CKF_SO_PIN_FINAL_TRY;
  if (*so->text != '\0' && so->left == 0) flags |= CKF_SO_PIN_LOCKED;
  return flags;
}

CK_RV try_pin(const struct token *token, struct token_file *file, CK_USER_TYPE user, const CK_UTF8CHAR *text,
              CK_ULONG length) {
  struct pin *pin = &file->pins[user];
  if (pin->left == 0) return CKR_PIN_LOCKED;
  pin->left -= 1;
  CK_RV code = write_token(token, file);
  if (code != CKR_OK) return code;
  if (strlen(pin->text) != length || memcmp(pin->text, text, length) != 0) return CKR_PIN_INCORRECT;
  pin->left = pin->most;
  return write_token(token, file);
}
