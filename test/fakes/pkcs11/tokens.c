#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "soft.h"

#define SHORTEST_PIN 4
#define LONGEST_PIN 32
#define SO_TRIES 10
#define USER_TRIES 6

void pad_text(CK_UTF8CHAR *out, size_t size, const char *text) {
  size_t length = strlen(text);
  memset(out, ' ', size);
  memcpy(out, text, length < size ? length : size);
}

/* The file "token": four lines of text, and a line "<most> <left> <PIN>" for each PIN there is. Blank without it. */
int read_token(const struct token *token, struct token_file *file) {
  char folder[PATH_MAX], path[PATH_MAX], text[1024] = "";
  memset(file, 0, sizeof *file);
  if (!token_path(token, folder) || !path_of(path, folder, "token", NULL)) return 0;
  if (read_bytes(path, text, sizeof text - 1) < 0) {
    strcpy(file->manufacturer, "BidSeal");
    strcpy(file->model, "soft");
    snprintf(file->serial, sizeof file->serial, "%.16s", token->name);
    return 1;
  }
  return sscanf(text, "%32[^\n]\n%32[^\n]\n%16[^\n]\n%16[^\n]\n%lu %lu %64[^\n]\n%lu %lu %64[^\n]", file->label,
                file->manufacturer, file->model, file->serial, &file->pins[0].most, &file->pins[0].left,
                file->pins[0].text, &file->pins[1].most, &file->pins[1].left, file->pins[1].text) >= 7;
}

CK_RV write_token(const struct token *token, const struct token_file *file) {
  char folder[PATH_MAX], path[PATH_MAX], text[1024];
  const struct pin *so = &file->pins[CKU_SO], *user = &file->pins[CKU_USER];
  int length = snprintf(text, sizeof text, "%s\n%s\n%s\n%s\n%lu %lu %s\n", file->label, file->manufacturer, file->model,
                        file->serial, so->most, so->left, so->text);
  if (*user->text != '\0')
    length += snprintf(text + length, sizeof text - length, "%lu %lu %s\n", user->most, user->left, user->text);
  if (!token_path(token, folder) || !path_of(path, folder, "token", NULL)) return CKR_GENERAL_ERROR;
  return write_bytes(path, text, (size_t)length) ? CKR_OK : CKR_DEVICE_ERROR;
}

CK_RV do_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info) {
  struct token *token;
  struct token_file file;
  CK_RV code = find_token(slot, &token);
  if (code != CKR_OK) return code;
  if (info == NULL) return CKR_ARGUMENTS_BAD;
  if (!read_token(token, &file)) return CKR_TOKEN_NOT_RECOGNIZED;
  memset(info, 0, sizeof *info);
  pad_text(info->label, sizeof info->label, file.label);
  pad_text(info->manufacturerID, sizeof info->manufacturerID, file.manufacturer);
  pad_text(info->model, sizeof info->model, file.model);
  pad_text(info->serialNumber, sizeof info->serialNumber, file.serial);
  info->flags = CKF_RNG | CKF_LOGIN_REQUIRED | pin_flags(&file);
  if (*file.pins[CKU_SO].text != '\0') info->flags |= CKF_TOKEN_INITIALIZED;
  if (quirk("protected-path")) info->flags |= CKF_PROTECTED_AUTHENTICATION_PATH;
  for (struct session *one = NULL; (one = next_session(token, one)) != NULL;) {
    info->ulSessionCount += 1;
    info->ulRwSessionCount += one->read_write ? 1 : 0;
  }
  info->ulMaxPinLen = LONGEST_PIN;
  info->ulMinPinLen = SHORTEST_PIN;
  info->ulTotalPublicMemory = info->ulFreePublicMemory = CK_UNAVAILABLE_INFORMATION;
  info->ulTotalPrivateMemory = info->ulFreePrivateMemory = CK_UNAVAILABLE_INFORMATION;
  if (has_fault("list", "garbage")) RAND_bytes((CK_BYTE *)info, sizeof *info);
  return CKR_OK;
}

/* A PIN as it is kept: text without line ends. */
static CK_RV take_pin(struct pin *pin, CK_ULONG most, const CK_UTF8CHAR *text, CK_ULONG length) {
  if (text == NULL) return CKR_ARGUMENTS_BAD;
  if (length < SHORTEST_PIN || length > LONGEST_PIN) return CKR_PIN_LEN_RANGE;
  if (memchr(text, '\n', length) != NULL || memchr(text, '\0', length) != NULL) return CKR_PIN_INVALID;
  memset(pin, 0, sizeof *pin);
  pin->most = pin->left = most;
  memcpy(pin->text, text, length);
  return CKR_OK;
}

static void remove_objects(struct token *token) {
  char folder[PATH_MAX], objects[PATH_MAX], path[PATH_MAX], **names;
  forget_objects(token);
  if (!token_path(token, folder) || !path_of(objects, folder, "objects", NULL)) return;
  int count = list_names(objects, &names);
  for (int i = 0; i < count; i += 1) {
    if (path_of(path, objects, names[i], NULL)) unlink(path);
    free(names[i]);
  }
  free(names);
}

CK_RV do_InitToken(CK_SLOT_ID slot, CK_UTF8CHAR *pin, CK_ULONG length, CK_UTF8CHAR *label) {
  struct token *token;
  struct token_file file;
  CK_RV code = find_token(slot, &token);
  if (code != CKR_OK) return code;
  if (label == NULL || pin == NULL) return CKR_ARGUMENTS_BAD;
  if (next_session(token, NULL) != NULL) return CKR_SESSION_EXISTS;
  if (!read_token(token, &file)) return CKR_TOKEN_NOT_RECOGNIZED;
  if (*file.pins[CKU_SO].text != '\0') code = try_pin(token, &file, CKU_SO, pin, length);
  if (code == CKR_OK) code = take_pin(&file.pins[CKU_SO], SO_TRIES, pin, length);
  if (code != CKR_OK) return code;
  memset(&file.pins[CKU_USER], 0, sizeof file.pins[CKU_USER]);
  memcpy(file.label, label, 32);
  for (size_t at = 32; at > 1 && file.label[at - 1] == ' '; at -= 1) file.label[at - 1] = '\0';
  remove_objects(token);
  return write_token(token, &file);
}

CK_RV do_InitPIN(struct session *session, CK_UTF8CHAR *pin, CK_ULONG length) {
  struct token_file file;
  if (session->token->login != SECURITY_OFFICER) return CKR_USER_NOT_LOGGED_IN;
  if (!read_token(session->token, &file)) return CKR_TOKEN_NOT_RECOGNIZED;
  CK_RV code = take_pin(&file.pins[CKU_USER], USER_TRIES, pin, length);
  return code == CKR_OK ? write_token(session->token, &file) : code;
}

/* Changes the PIN of who is logged in, and the user's where nobody is. */
CK_RV do_SetPIN(struct session *session, CK_UTF8CHAR *pin, CK_ULONG length, CK_UTF8CHAR *next, CK_ULONG next_length) {
  struct token_file file;
  struct pin changed;
  CK_USER_TYPE user = session->token->login == SECURITY_OFFICER ? CKU_SO : CKU_USER;
  if (!session->read_write) return CKR_SESSION_READ_ONLY;
  if (pin == NULL || next == NULL) return CKR_ARGUMENTS_BAD;
  if (!read_token(session->token, &file)) return CKR_TOKEN_NOT_RECOGNIZED;
  if (*file.pins[user].text == '\0') return CKR_USER_PIN_NOT_INITIALIZED;
  CK_RV code = take_pin(&changed, file.pins[user].most, next, next_length);
  if (code == CKR_OK) code = try_pin(session->token, &file, user, pin, length);
  if (code != CKR_OK) return code;
  file.pins[user] = changed;
  return write_token(session->token, &file);
}
