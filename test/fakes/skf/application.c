#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "soft.h"

#define PIN_LIMIT 64
#define SHORTEST_PIN 6

struct pin {
  char text[PIN_LIMIT + 1];
  ULONG most, left, is_default;
};

/* The file "pin": for the administrator and the user a line "<most> <left> <default> <PIN>". */
static int read_pins(const struct object *application, struct pin pins[2]) {
  char path[PATH_MAX], text[512] = "";
  if (!path_of(path, application->path, "pin", NULL) || read_bytes(path, text, sizeof text - 1) < 0) return 0;
  memset(pins, 0, 2 * sizeof *pins);
  return sscanf(text, "%u %u %u %64[^\n]\n%u %u %u %64[^\n]", &pins[0].most, &pins[0].left, &pins[0].is_default,
                pins[0].text, &pins[1].most, &pins[1].left, &pins[1].is_default, pins[1].text) == 8;
}

static int write_pins(const char *application, const struct pin pins[2]) {
  char path[PATH_MAX], text[512];
  int length = snprintf(text, sizeof text, "%u %u %u %s\n%u %u %u %s\n", pins[0].most, pins[0].left, pins[0].is_default,
                        pins[0].text, pins[1].most, pins[1].left, pins[1].is_default, pins[1].text);
  return length > 0 && path_of(path, application, "pin", NULL) && write_bytes(path, text, length);
}

/* One try: counted on the disk before the PIN is looked at. */
static ULONG try_pin(const struct object *application, struct pin pins[2], ULONG type, const char *text, ULONG *left) {
  struct pin *pin = &pins[type];
  if (fault("retry", NULL)) left = NULL;
  if (fault("garbage", "SKF_VerifyPIN") || fault("length", "SKF_VerifyPIN")) {
    if (left != NULL) *left = 0xDBDBDBDB;
    left = NULL;
  }
  if (text == NULL) return SAR_INVALIDPARAMERR;
  if (strlen(text) < SHORTEST_PIN || strlen(text) > PIN_LIMIT) return SAR_PIN_LEN_RANGE;
  if (left != NULL) *left = pin->left;
  if (pin->left == 0) return SAR_PIN_LOCKED;
  pin->left -= 1;
  if (!write_pins(application->path, pins)) return SAR_FILEERR;
  if (left != NULL) *left = pin->left;
  if (strcmp(pin->text, text) != 0) return SAR_PIN_INCORRECT;
  pin->left = pin->most;
  if (left != NULL) *left = pin->left;
  return write_pins(application->path, pins) ? SAR_OK : SAR_FILEERR;
}

static ULONG find_pins(HANDLE handle, ULONG type, struct object **application, struct pin pins[2]) {
  ULONG code = find_object(handle, APPLICATION, application);
  if (code != SAR_OK) return code;
  if (type > USER_TYPE) return SAR_USER_TYPE_INVALID;
  return read_pins(*application, pins) ? SAR_OK : SAR_FILEERR;
}

#ifndef SOFT_SKF_MINIMAL
SKF(SKF_GetPINInfo)(HANDLE handle, ULONG type, ULONG *most, ULONG *left, BOOL *is_default) {
  struct object *application;
  struct pin pins[2];
  ENTER();
  ULONG code = find_pins(handle, type, &application, pins);
  if (code != SAR_OK) return code;
  *most = pins[type].most;
  *left = fault("garbage", __func__) ? 0xDBDBDBDB : pins[type].left;
  *is_default = (BOOL)pins[type].is_default;
  return SAR_OK;
}
#endif

SKF(SKF_VerifyPIN)(HANDLE handle, ULONG type, LPSTR text, ULONG *left) {
  struct object *application;
  struct pin pins[2];
  ENTER();
  ULONG code = find_pins(handle, type, &application, pins);
  if (code != SAR_OK) return code;
  if (type == USER_TYPE && fault("already", NULL) && is_logged_in(application)) return SAR_USER_ALREADY_LOGGED_IN;
  code = try_pin(application, pins, type, text, left);
  if (type == USER_TYPE) set_logged_in(application, code == SAR_OK);
  return code;
}

SKF(SKF_ChangePIN)(HANDLE handle, ULONG type, LPSTR old_text, LPSTR new_text, ULONG *left) {
  struct object *application;
  struct pin pins[2];
  ENTER();
  ULONG code = find_pins(handle, type, &application, pins);
  if (code != SAR_OK) return code;
  if (fault("change-login", NULL) && !is_logged_in(application)) return SAR_USER_NOT_LOGGED_IN;
  if (new_text == NULL || strlen(new_text) < SHORTEST_PIN || strlen(new_text) > PIN_LIMIT) return SAR_PIN_LEN_RANGE;
  code = try_pin(application, pins, type, old_text, left);
  if (code != SAR_OK) return code;
  strcpy(pins[type].text, new_text);
  pins[type].is_default = 0;
  return write_pins(application->path, pins) ? SAR_OK : SAR_FILEERR;
}

SKF(SKF_UnblockPIN)(HANDLE handle, LPSTR admin_text, LPSTR new_text, ULONG *left) {
  struct object *application;
  struct pin pins[2];
  ENTER();
  ULONG code = find_pins(handle, USER_TYPE, &application, pins);
  if (code != SAR_OK) return code;
  if (new_text == NULL || strlen(new_text) < SHORTEST_PIN || strlen(new_text) > PIN_LIMIT) return SAR_PIN_LEN_RANGE;
  code = try_pin(application, pins, ADMIN_TYPE, admin_text, left);
  if (code != SAR_OK) return code;
  strcpy(pins[USER_TYPE].text, new_text);
  pins[USER_TYPE].left = pins[USER_TYPE].most;
  return write_pins(application->path, pins) ? SAR_OK : SAR_FILEERR;
}

SKF(SKF_ClearSecureState)(HANDLE handle) {
  struct object *application;
  ENTER();
  ULONG code = find_object(handle, APPLICATION, &application);
  if (code == SAR_OK) set_logged_in(application, 0);
  return code;
}

SKF(SKF_CreateApplication)(HANDLE handle, LPSTR name, LPSTR admin_pin, ULONG admin_tries, LPSTR user_pin,
                           ULONG user_tries, ULONG rights, HANDLE *application) {
  struct object *device;
  struct pin pins[2];
  char path[PATH_MAX];
  (void)rights;
  ENTER();
  ULONG code = find_object(handle, DEVICE, &device);
  if (code != SAR_OK) return code;
  if (!device->authenticated) return SAR_DEVICE_NOT_AUTHENTICATED;
  if (application == NULL || admin_pin == NULL || user_pin == NULL) return SAR_INVALIDPARAMERR;
  if (!is_name(name) || strlen(name) > 32 || !path_of(path, device->path, name, NULL)) return SAR_NAMELENERR;
  if (strlen(admin_pin) > PIN_LIMIT || strlen(user_pin) > PIN_LIMIT) return SAR_PIN_LEN_RANGE;
  if (strlen(admin_pin) < SHORTEST_PIN || strlen(user_pin) < SHORTEST_PIN) return SAR_PIN_LEN_RANGE;
  if (folder_exists(path)) return SAR_APPLICATION_EXISTS;
  memset(pins, 0, sizeof pins);
  strcpy(pins[ADMIN_TYPE].text, admin_pin);
  strcpy(pins[USER_TYPE].text, user_pin);
  pins[ADMIN_TYPE].most = pins[ADMIN_TYPE].left = admin_tries;
  pins[USER_TYPE].most = pins[USER_TYPE].left = user_tries;
  if (!make_folder(path) || !write_pins(path, pins)) return SAR_FILEERR;
  *application = new_object(APPLICATION, device, path);
  return *application == NULL ? SAR_FAIL : SAR_OK;
}

SKF(SKF_OpenApplication)(HANDLE handle, LPSTR name, HANDLE *application) {
  struct object *device;
  char path[PATH_MAX];
  ENTER();
  ULONG code = find_object(handle, DEVICE, &device);
  if (code != SAR_OK) return code;
  if (application == NULL || !is_name(name) || !path_of(path, device->path, name, NULL)) return SAR_INVALIDPARAMERR;
  if (!folder_exists(path)) return SAR_APPLICATION_NOT_EXISTS;
  *application = new_object(APPLICATION, device, path);
  return *application == NULL ? SAR_FAIL : SAR_OK;
}

SKF(SKF_CloseApplication)(HANDLE handle) {
  ENTER();
  return close_object(handle, APPLICATION);
}
